"""A PDF with a table dragged in, read, and its table copied for a spreadsheet."""

import pytest
from html5lib import HTMLParser
from papers import Paper, table, text

from tests.e2e.desktop import desktop, wait_for

MIDDLE = (700, 400)
ROWS = (
    ("Item", "Amount", "Price"),
    ("Nails", "200", "4.10"),
    ("Rope", "12", "36.00"),
    ("Part 00417", "1", "7.25"),
)


@pytest.fixture
def screen(tmp_path):
    with desktop(tmp_path) as screen:
        yield screen


def cells(html):
    """The rows of the one table in this HTML, as another program takes them."""
    (found,) = HTMLParser(namespaceHTMLElements=False).parse(html).iter("table")
    return tuple(
        tuple("".join(cell.itertext()) for cell in row if cell.tag in ("td", "th"))
        for row in found.iter("tr")
    )


@pytest.mark.timeout(300)
def test_the_table_of_a_dropped_pdf_arrives_in_another_program(screen, tmp_path):
    paper = Paper().page(
        text(60, 760, "Ordered from the harbour store", 18)
        + table(ROWS)
        + text(60, 500, "Please deliver it to the office at the pier.")
    )
    paper.page(text(60, 700, "A second page"))
    screen.start("-m", "app")
    window = screen.window("^Ocellus$")
    dragged = paper.save(tmp_path / "order.pdf")
    assert screen.drag("file", dragged, MIDDLE) == "CopyAction"
    store = tmp_path / "home" / "data" / "pictures"
    wait_for(lambda: [*store.glob("*/*.png")], seconds=60, saying="the page in the store")
    screen.hand("windowfocus", "--sync", window)
    screen.click(screen.see("Read text"))
    screen.click(screen.see("Copy table"))
    assert cells(screen.clipboard("text/html")) == ROWS
    assert (
        tuple(tuple(row.split("\t")) for row in screen.clipboard("text/plain").splitlines()) == ROWS
    )

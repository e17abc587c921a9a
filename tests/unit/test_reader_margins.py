"""Running heads and feet told from the text, on pages made after real ones.

Only where the words stand, and how large they are, is taken from those.
"""

import io

import pytest
from typeset import column, line

from app.core.reading import BlockKind
from app.reader.exports import markdown, plain_text
from app.reader.layout.structure import structured

WIDTH, HEIGHT = 1000, 1400
MARGINS = (BlockKind.HEADER, BlockKind.FOOTER)


def page(*lines):
    """A page with two columns of prose in its middle and these lines."""
    left, _ = column(90, 200, 380, 36)
    right, _ = column(530, 200, 380, 36)
    return structured([*lines, *left, *right], WIDTH, HEIGHT)


def margins(page):
    return [
        (block.kind, "  ".join(line.text for line in block.lines))
        for block in page.blocks
        if block.kind in MARGINS
    ]


def saved(form, page):
    target = io.BytesIO()
    form.write([page], target, None)
    return target.getvalue().decode()


def test_a_title_and_a_page_number_close_above_the_text_are_its_head():
    head = (line("400", 90, 172, 14), line("BRITISH HUSBANDRY.", 390, 172, 14))
    long, _ = column(90, 194, 820, 40)
    found = structured([*head, *long], WIDTH, 1600)
    assert margins(found) == [(BlockKind.HEADER, "400  BRITISH HUSBANDRY.")]


def test_a_library_s_rows_at_the_very_edge_and_the_number_above_them_are_head_and_foot():
    found = page(
        line("Woodworth et al.: Brief Notices", 400, 16, 12),
        line("199", 860, 1290, 20),
        line("Published by the archive, 1997", 40, 1370, 12),
        line("1", 940, 1370, 12),
    )
    assert margins(found) == [
        (BlockKind.HEADER, "Woodworth et al.: Brief Notices"),
        (BlockKind.FOOTER, "199"),
        (BlockKind.FOOTER, "Published by the archive, 1997  1"),
    ]


def test_two_rows_of_head_are_not_put_together_with_the_columns_below():
    found = page(
        line("Downloaded from http://journal.example on July 12, 2017", 220, 20, 16),
        line("Advocacy in Action", 90, 50, 16),
        line("447", 860, 50, 16),
    )
    assert margins(found) == [
        (BlockKind.HEADER, "Downloaded from http://journal.example on July 12, 2017"),
        (BlockKind.HEADER, "Advocacy in Action  447"),
    ]


def test_a_letter_s_sender_a_title_and_a_footnote_stay_in_the_text():
    found = page(
        line("Harbour Office, 12 Quay Street, 4021 Northtown", 90, 110, 18),
        line("12 March 2024", 750, 110, 18),
        line("AGREEMENT", 430, 160, 20),
        line("* See the keeper's report of the year before.", 90, 1250, 16),
    )
    assert margins(found) == []


@pytest.mark.parametrize("text", ["Total 12", "GATE 7"])
def test_a_receipt_has_no_margins(text):
    lines = [line(f"item number {index}", 60, 40 * index, 20) for index in range(1, 20)]
    assert margins(structured([line(text, 60, 2), *lines], 400, 1200)) == []


def test_markdown_leaves_the_margins_out_and_plain_text_keeps_them():
    found = page(line("The harbour guide", 400, 20, 16), line("17", 480, 1350, 16))
    assert margins(found)
    for words in ("The harbour guide", "17"):
        assert words not in saved(markdown, found)
        assert words in saved(plain_text, found)

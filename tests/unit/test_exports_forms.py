"""What a person finds in the saved files."""

import io
from dataclasses import replace

import pytest
from html5lib import HTMLParser
from read_pages import block_of, page_of, row_of, table_of

from app.core.export import ExportFormat
from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Cell, Line
from app.reader.exports import write
from app.text.tables import is_table, safe_cell, table_csv, table_html, table_markdown

LISTS = (
    block_of(BlockKind.LIST, "• Apples", level=1),
    block_of(BlockKind.LIST, "1. red", level=2),
    block_of(BlockKind.LIST, "2. green", level=2),
    block_of(BlockKind.LIST, "• Pears", level=1),
)
INVOICE = (
    block_of(BlockKind.HEADING, "Invoice #7", level=1),
    block_of(
        BlockKind.TEXT,
        "Please transfer the amount within nine-",
        "teen days of the date be-",
        "low.",
    ),
    *LISTS,
    table_of(("Item", "Qty", "Price"), ("Fig | date", "2", "-3.50"), ("漢字", "10", "+12")),
    Block(
        tuple(
            Line(text, Box(0, 30 * i, 99, 30 * i + 20), 0.9)
            for i, text in enumerate(("def f():", "    return '```'"))
        ),
        BlockKind.CODE,
    ),
    block_of(BlockKind.CAPTION, "Figure 1: the *harbour*"),
    block_of(BlockKind.BARCODE, "https://example.org/?a=1&b=<2>"),
)


def written(form, *pages):
    output = io.BytesIO()
    write(pages, form, output)
    return output.getvalue().decode()


def line(text, left=0.0, top=0.0):
    return Line(text, Box(left, top, left + 90, top + 20), 0.9)


def spanned():
    """A head over two columns and a cell over two rows, the last one's place left empty."""
    cells = (
        Cell(0, 0, (line("Year"),), rows=2),
        Cell(0, 1, (line("Sales & <returns>"),), columns=2),
        Cell(1, 1, (line("Q1"),)),
        Cell(1, 2, (line("Q2"),)),
        Cell(2, 0, (line("2025"),)),
        Cell(2, 1, (line("=HYPERLINK(1)"),)),
    )
    return Block(tuple(line for cell in cells for line in cell.lines), BlockKind.TABLE, cells=cells)


def test_plain_text_reads_as_a_person_would_type_it():
    text = written(ExportFormat.TEXT, page_of(*INVOICE), page_of(block_of(BlockKind.TEXT, "Two")))
    assert text == (
        "Invoice #7\n\n"
        "Please transfer the amount within nineteen days of the date below.\n\n"
        "• Apples\n  1. red\n  2. green\n• Pears\n\n"
        "Item        Qty  Price\n"
        "Fig | date  2    -3.50\n"
        "漢字        10   +12\n\n"
        "def f():\n    return '```'\n\n"
        "Figure 1: the *harbour*\n\n"
        "https://example.org/?a=1&b=<2>\n"
        "\fTwo\n"
    )


def test_markdown_reads_as_a_person_would_type_it():
    text = written(ExportFormat.MD, page_of(*INVOICE), page_of(block_of(BlockKind.TEXT, "Two")))
    assert text == (
        "# Invoice #7\n\n"
        "Please transfer the amount within nineteen days of the date below.\n\n"
        "- Apples\n\n  1. red\n  2. green\n- Pears\n\n"
        "| Item | Qty | Price |\n| --- | --- | --- |\n"
        "| Fig \\| date | 2 | \\-3.50 |\n| 漢字 | 10 | \\+12 |\n\n"
        "````\ndef f():\n    return '```'\n````\n\n"
        "*Figure 1: the \\*harbour\\**\n\n"
        "```\nhttps://example.org/?a=1&b=<2>\n```\n"
        "\n---\n\nTwo\n"
    )


def test_a_numbered_item_below_one_with_a_letter_keeps_its_number_in_markdown():
    items = (
        block_of(BlockKind.LIST, "a. Find the velocity.", level=1),
        block_of(BlockKind.LIST, "154. A ball is thrown.", level=1),
        block_of(BlockKind.LIST, "155. It falls.", level=1),
        block_of(BlockKind.LIST, "158. It rests.", level=1),
    )
    # Markdown counts by itself: 158 is not the number that it would give the next item.
    assert written(ExportFormat.MD, page_of(*items)) == (
        "- a. Find the velocity.\n\n154. A ball is thrown.\n155. It falls.\n- 158\\. It rests.\n"
    )


def test_rows_of_an_address_stay_rows():
    block = Block(
        (row_of("Ann Example", top=0), row_of("1 Harbour Road", top=40), row_of("Leeds", top=80)),
    )
    assert written(ExportFormat.TEXT, page_of(block)) == "Ann Example\n1 Harbour Road\nLeeds\n"
    assert written(ExportFormat.MD, page_of(block)) == "Ann Example\\\n1 Harbour Road\\\nLeeds\n"


def test_a_table_with_spans_in_every_form():
    assert written(ExportFormat.TEXT, page_of(spanned())) == (
        "Year  Sales & <returns>\n      Q1             Q2\n2025  =HYPERLINK(1)\n"
    )
    assert table_csv(spanned()) == (
        "Year,Sales & <returns>,Sales & <returns>\r\n,Q1,Q2\r\n2025,'=HYPERLINK(1),\r\n"
    )
    assert table_markdown(spanned()).splitlines()[:3] == [
        "| Year | Sales \\& \\<returns\\> |  |",
        "| --- | --- | --- |",
        "|  | Q1 | Q2 |",
    ]
    rows = HTMLParser(namespaceHTMLElements=False).parseFragment(table_html(spanned()))
    found = [
        [(cell.text or "", cell.get("rowspan"), cell.get("colspan")) for cell in row]
        for row in rows.iter("tr")
    ]
    assert found == [
        [("Year", "2", None), ("Sales & <returns>", None, "2")],
        [("Q1", None, None), ("Q2", None, None)],
        [("2025", None, None), ("=HYPERLINK(1)", None, None), ("", None, None)],
    ]


def test_cells_that_no_page_can_hold_become_lines_and_lose_no_word():
    far = Cell(10**9, 0, (line("far out", top=40),), rows=10**9)
    block = Block((line("here"), line("far out", top=40)), BlockKind.TABLE, 0, ())
    block = replace(block, cells=(Cell(0, 0, (line("here"),)), far))
    assert not is_table(block)
    assert table_csv(block) == "here\r\nfar out\r\n"
    # One without words is no reason: it is left out, wherever it claims to be.
    rest = (Cell(-1, 0, ()), Cell(10**9, 0, (), rows=10**9), Cell(1, 1, ()))
    assert is_table(replace(spanned(), cells=(*spanned().cells, *rest)))
    assert table_csv(replace(spanned(), cells=(*spanned().cells, *rest))) == table_csv(spanned())


@pytest.mark.parametrize(
    "text",
    [
        *("-12.50", "-1,234.56 €", "-3,5 %", "+49 (30) 1234-56", "+49 30/1234", "-", "-1.5e-3"),
        *("−7", "12=3", "a@b.de", "x+y", "", "(-5)", "-$5.00", "+1.800.555.0199"),
    ],
)
def test_figures_and_phone_numbers_are_left_alone(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)"),
        *("  =A1", "-A1", "- Apples", "+HYPERLINK(1)", "\uff1d1", "-1e5+A1", "-1!A1"),
    ],
)
def test_formulas_are_not_run(text):
    assert safe_cell(text) == f"'{text}"


def test_html_forbids_everything_and_stands_alone():
    text = written(ExportFormat.HTML, page_of(*INVOICE))
    assert "default-src 'none'" in text
    assert '<h1 dir="auto">Invoice #7</h1>' in text
    assert "?a=1&amp;b=&lt;2&gt;" in text
    for remote in ("src=", "href=", "url(", "@import", "<script"):
        assert remote not in text


def test_the_choices_are_in_order_and_each_has_an_ending_and_a_label():
    assert list(ExportFormat) == ["text", "md", "html", "csv", "json", "hocr", "pdf"]
    assert len({form.ending for form in ExportFormat}) == len(ExportFormat)
    assert all(form.ending.startswith(".") and form.label for form in ExportFormat)
    assert ExportFormat.named("markdown") is ExportFormat.named("md") is ExportFormat.MD
    assert [ExportFormat.named(form.value) for form in ExportFormat] == list(ExportFormat)
    with pytest.raises(ValueError, match="docx"):
        ExportFormat.named("docx")

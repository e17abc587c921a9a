"""Tables on rendered pages, with the real networks: their cells, with rules and without."""

import pytest
from drawing import VISITORS, Sheet
from rendered_pages import COUNTRIES, read, table

from app.core.reading import BlockKind
from app.text.prose import paragraph_text


def cells(block):
    return {(cell.row, cell.column): cell.text for cell in block.cells}


@pytest.mark.parametrize(
    ("rules", "colours"),
    [
        ("all", ("white", "black")),
        ("all", ((35, 36, 40), (210, 210, 210))),
        ("some", ("white", "black")),
        ("none", ((35, 36, 40), (210, 210, 210))),
    ],
)
def test_a_table_with_and_without_rules(ocr, rules, colours):
    before, found, after = read(ocr, table(rules, *colours)).blocks
    assert (before.kind, found.kind) == (BlockKind.TEXT, BlockKind.TABLE)
    assert cells(found) == {
        (row, column): text
        for row, texts in enumerate(COUNTRIES)
        for column, text in enumerate(texts)
    }
    assert paragraph_text(after) == VISITORS


def test_cells_that_span_others_and_hold_several_lines(ocr):
    sheet = Sheet(900, 320)
    sides, heights = (50, 250, 450, 650, 850), (40, 90, 140, 190, 260)
    for y in heights:
        sheet.rule(50, y, 850, y)
    for x in sides:
        sheet.rule(x, 40, x, 260)
    sheet.draw.rectangle((252, 42, 648, 88), "white")
    sheet.draw.rectangle((52, 92, 248, 188), "white")
    for x, y, text in (
        *((60, 55, "Name"), (350, 55, "Both of these"), (660, 55, "Sum")),
        *((60, 125, "A tall cell"), (260, 105, "1.50"), (460, 105, "2.50"), (660, 105, "4.00")),
        *((260, 155, "13"), (460, 155, "14"), (660, 155, "27")),
        *((60, 200, "Two lines"), (60, 226, "in a cell"), (260, 215, "100"), (660, 215, "300")),
    ):
        sheet.write(x, y, 18, text)
    (block,) = read(ocr, sheet.picture).blocks
    assert cells(block) == {
        (0, 0): "Name",
        (0, 1): "Both of these",
        (0, 3): "Sum",
        (1, 0): "A tall cell",
        (1, 1): "1.50",
        (1, 2): "2.50",
        (1, 3): "4.00",
        (2, 1): "13",
        (2, 2): "14",
        (2, 3): "27",
        (3, 0): "Two lines in a cell",
        (3, 1): "100",
        (3, 3): "300",
    }
    spans = {(cell.row, cell.column): (cell.rows, cell.columns) for cell in block.cells}
    assert spans.pop((0, 1)) == (1, 2)
    assert spans.pop((1, 0)) == (2, 1)
    assert set(spans.values()) == {(1, 1)}


ACCOUNTS = (
    ("Account", "Street", "Town", "Length", "Time"),
    ("ID7401NWHA9L9XQHBA", "Studio Garden", "Graz", "228.7", "13:56"),
    ("NLHNDHHEFFAIFFHEEH", "Bakery Oven", "Austin", "443", "01:19"),
    ("HEATHERFIELDHFHLHE", "ZENITH STORAGE", "Prague", "872", "1:01"),
    ("INVHEXLHWEENHGERHT", "PHARMACY FEATURE", "Osaka", "1230", "20:14"),
)


def accounts(faint=None):
    """A table in small letters close to its rules, `faint` of which can hardly be seen."""
    sheet = Sheet(760, 180)
    sides = (30, 214, 420, 485, 565, 642)
    for row, texts in enumerate(ACCOUNTS):
        for left, text in zip(sides, texts, strict=False):
            sheet.write(left + 12, 29 + 25 * row, 13, text)
    for row in range(6):
        ink = (249, 249, 249) if row == faint else (120, 120, 120)
        sheet.rule(30, 24 + 25 * row, 642, 24 + 25 * row, ink=ink)
    for side in sides:
        sheet.rule(side, 24, side, 149, ink=(120, 120, 120))
    return sheet.picture


@pytest.mark.parametrize("faint", [None, 1, 3])
def test_rows_between_close_or_faint_rules_stay_apart(ocr, faint):
    (block,) = read(ocr, accounts(faint)).blocks
    assert cells(block) == {
        (row, column): text
        for row, texts in enumerate(ACCOUNTS)
        for column, text in enumerate(texts)
    }


def test_cells_whose_texts_all_wrap_stay_whole(ocr):
    sheet = Sheet(560, 240)
    for y in (20, 86, 130, 174, 218):
        sheet.rule(20, y, 530, y)
    for x in (20, 190, 360, 530):
        sheet.rule(x, 20, x, 218)
    for x, name in ((32, "First"), (202, "Family"), (372, "Maiden")):
        sheet.write(x, 30, 17, name)
        sheet.write(x, 54, 17, "name")
        for row in range(3):
            sheet.write(x, 98 + 44 * row, 17, "Miller")
    (block,) = read(ocr, sheet.picture).blocks
    assert [cells(block)[0, column] for column in range(3)] == [
        "First name",
        "Family name",
        "Maiden name",
    ]
    assert len(block.cells) == 12


def test_labels_and_values_stay_rows_but_two_named_columns_are_a_table(ocr):
    sheet = Sheet(600, 230)
    pairs = (("Olive oil", "8.95"), ("Bread", "7.80"), ("Coffee", "6.49"), ("Eggs", "3.20"))
    for row, (label, value) in enumerate(pairs):
        sheet.write(30, 60 + 34 * row, 18, label)
        sheet.write(0, 60 + 34 * row, 18, value, right=500)
    (block,) = read(ocr, sheet.picture).blocks
    assert block.kind is BlockKind.TEXT
    assert paragraph_text(block).split("\n") == [f"{label}  {value}" for label, value in pairs]
    sheet.write(30, 26, 18, "Article")
    sheet.write(0, 26, 18, "Price", right=500)
    (block,) = read(ocr, sheet.picture).blocks
    assert block.kind is BlockKind.TABLE
    assert cells(block)[0, 1] == "Price"
    assert cells(block)[4, 0] == "Eggs"

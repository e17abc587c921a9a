"""Rendered pages read by the real networks."""

from drawing import VISITORS, Sheet

COUNTRIES = (
    ("Country", "Capital", "People", "Area"),
    ("Norway", "Oslo", "5,550", "385,207"),
    ("Sweden", "Stockholm", "10,614", "450,295"),
    ("Finland", "Helsinki", "5,604", "338,455"),
    ("Iceland", "Reykjavik", "389", "103,000"),
)


def read(ocr, picture):
    page = ocr.page(picture, lambda: False)
    for block in page.blocks:
        # A table's cells hold the very lines of its block.
        held = [id(line) for cell in block.cells for line in cell.lines]
        assert held == [id(line) for line in block.lines if block.cells]
        for line in block.lines:
            assert 0 <= line.box.left < line.box.right <= page.width
            assert 0 <= line.box.top < line.box.bottom <= page.height
    return page


def table(rules, ground="white", ink="black"):
    sheet = Sheet(1000, 420, ground, ink)
    sheet.write(60, 20, 18, "The table shows the countries of the north, in no order at all.")
    sides = (60, 260, 460, 620, 820)
    for row, texts in enumerate(COUNTRIES):
        for column, text in enumerate(texts):
            right = sides[column + 1] - 10 if row and column > 1 else None
            sheet.write(sides[column] + 10, 88 + 38 * row, 18, text, right)
    sheet.prose(60, 300, 800, 18, VISITORS)
    for row in range(6) if rules == "all" else (0, 1, 5) if rules == "some" else ():
        sheet.rule(60, 80 + 38 * row, 820, 80 + 38 * row, ink="grey")
    for side in sides if rules == "all" else ():
        sheet.rule(side, 80, side, 270, ink="grey")
    return sheet.picture

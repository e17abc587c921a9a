"""Code, whose marks are small and far apart, with the real networks."""

import pytest
from drawing import Sheet

from app.core.reading import Reading

DARK = {"ground": (30, 31, 34), "ink": (210, 210, 215)}
ROWS = (
    "def clean(text):",
    '    return float(text.replace(",", "."))',
    'items = text.split(";", 1)',
    """print("...", '-', ":", sep=", ")""",
    'x = {"a": ".", "b": ","}',
)


@pytest.mark.parametrize(("size", "colours", "rows"), [(16, DARK, ROWS[:3]), (22, {}, ROWS[4:])])
def test_marks_between_marks_are_read(ocr, size, colours, rows):
    sheet = Sheet(32 * size, 14 * size, **colours)
    sheet.typed(20, 15, size, "\n".join(ROWS))
    page = ocr.page(sheet.picture, lambda: False)
    read = {row.replace(" ", "") for row in Reading((page,)).text.split("\n")}
    assert {row.replace(" ", "") for row in rows} <= read

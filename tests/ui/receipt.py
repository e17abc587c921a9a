"""What the sample receipt is said to hold, with known places."""

from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Cell, Line, Page, Reading, Word


def line_of(text, left, top, right, sure=0.995, *, words=True):
    """A line of 30 px; its words have boxes where equally wide characters would put them."""
    step = (right - left) / len(text)
    found, position = [], 0
    for word in text.split(" ") if words else []:
        begin = text.index(word, position)
        position = begin + len(word)
        box = Box(left + begin * step, top, left + position * step, top + 30)
        found.append(Word(word, box, sure))
    return Line(text, Box(left, top, right, top + 30), sure, tuple(found))


def receipt_reading():
    """Over receipt.png (640×1000): a paragraph in two lines, two columns, a table."""
    cells = [("Item", "Price"), ("Tea", "2.50"), ("Bread", "=3.10")]
    rows = tuple(
        Cell(row, column, (line_of(text, 60 + 250 * column, 600 + 50 * row, 160 + 250 * column),))
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
    )
    lines = tuple(cell.lines[0] for cell in rows)
    return Reading(
        (
            Page(
                640,
                1000,
                (
                    Block((line_of("HARBOUR GROCERY", 60, 40, 560),), BlockKind.HEADING, 1),
                    Block(
                        (
                            line_of("Open every day of the year", 60, 120, 560),
                            line_of("except in bad weather", 60, 160, 440, words=False),
                        )
                    ),
                    Block((line_of("Left column ends", 60, 300, 280),)),
                    Block((line_of("Right column begins", 340, 300, 600, 0.62),)),
                    Block(lines, BlockKind.TABLE, 0, rows),
                ),
            ),
        )
    )

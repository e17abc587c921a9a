"""Pages as the reader hands them out, made by hand."""

from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Cell, Line, Page, Word

LETTER = 11.3
HEIGHT = 24


def row_of(text, left=40.0, top=50.0, height=HEIGHT, between=12.0):
    """One line of `text`, parted into words at its spaces."""
    words, x = [], left
    for word in text.split():
        width = 8 + LETTER * len(word)
        words.append(Word(word, Box(x, top, x + width, top + height), 0.9))
        x += width + between
    return Line(text, Box(left, top, x - between, top + height), 0.9, tuple(words))


def block_of(kind, *texts, level=0, top=50.0):
    return Block(
        tuple(row_of(text, top=top + 40 * index) for index, text in enumerate(texts)), kind, level
    )


def table_of(*rows):
    """A table without spans."""
    cells = tuple(
        Cell(
            row,
            column,
            (Line(text, Box(200 * column, 30 * row, 200 * column + 90, 30 * row + 20), 0.8),),
        )
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    lines = tuple(line for cell in cells for line in cell.lines)
    return Block(lines, BlockKind.TABLE, cells=cells)


def page_of(*blocks, number=1, width=1000, height=700, turned=0.0):
    return Page(width, height, tuple(blocks), number, turned=turned)

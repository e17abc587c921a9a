"""A table that was read, in the forms in which other programs paste it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import escape

from app.core.reading import Block, BlockKind, Cell

# Larger ones than a page can hold are a mistake, or meant to fill the memory.
_MOST_ROWS, _MOST_COLUMNS, _MOST_CELLS = 2000, 200, 20_000
# Spreadsheets take cells like these for formulas, or drop their zeros and plus signs, unless told
# that they are text.
_AS_TEXT = re.compile(r"[=@+\uff1d\uff0b\uff0d\uff20]|-.*[^\W\d_]|0\d")


def is_table(block: Block | None) -> bool:
    """Whether this block has cells to copy."""
    if block is None or block.kind is not BlockKind.TABLE:
        return False
    rows, columns = size(block)
    return 0 < rows * columns <= _MOST_CELLS


def cells_of(block: Block) -> tuple[Cell, ...]:
    """The cells that stand within a size that can be shown, none in the place of another."""
    taken: set[tuple[int, int]] = set()
    found: list[Cell] = []
    for cell in sorted(block.cells, key=lambda cell: (cell.row, cell.column)):
        rows, columns = max(1, cell.rows), max(1, cell.columns)
        if not (cell.row >= 0 and cell.row + rows <= _MOST_ROWS):
            continue
        if not (cell.column >= 0 and cell.column + columns <= _MOST_COLUMNS):
            continue
        places = {
            (row, column)
            for row in range(cell.row, cell.row + rows)
            for column in range(cell.column, cell.column + columns)
        }
        if not places & taken:
            taken |= places
            found.append(replace(cell, rows=rows, columns=columns))
    return tuple(found)


def size(block: Block) -> tuple[int, int]:
    """Rows and columns, with what the cells span."""
    cells = cells_of(block)
    return (
        max((cell.row + cell.rows for cell in cells), default=0),
        max((cell.column + cell.columns for cell in cells), default=0),
    )


def grid(block: Block) -> list[list[str]]:
    """The cells' texts in rows of equal length; what a cell spans beyond its own is empty."""
    rows, columns = size(block)
    texts = [[""] * columns for _ in range(rows)]
    for cell in cells_of(block):
        texts[cell.row][cell.column] = " ".join(cell.text.split())
    return texts


def as_tabs(block: Block) -> str:
    """Rows as lines, cells parted by tabs: what a spreadsheet takes from plain text."""
    return "\n".join("\t".join(row) for row in grid(block))


def as_csv(block: Block) -> str:
    """Comma-separated values as in RFC 4180."""
    out = io.StringIO()
    csv.writer(out).writerows(grid(block))
    return out.getvalue()


def as_html(block: Block) -> str:
    """One table, with spans; every text escaped."""
    rows: dict[int, list[Cell]] = {}
    for cell in cells_of(block):
        rows.setdefault(cell.row, []).append(cell)
    lines = [
        "<tr>" + "".join(map(_cell, rows.get(row, []))) + "</tr>" for row in range(size(block)[0])
    ]
    return (
        '<html><head><meta charset="utf-8"></head><body><table>\n'
        + "\n".join(lines)
        + "\n</table></body></html>"
    )


def _cell(cell: Cell) -> str:
    text = " ".join(cell.text.split())
    spans = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    spans += f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    style = " style='mso-number-format:\"\\@\"'" if _AS_TEXT.match(text) else ""
    return f"<td{spans}{style}>{escape(text)}</td>"

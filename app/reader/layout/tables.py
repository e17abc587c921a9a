"""Tables without ruled lines: rows whose pieces stand in the same columns.

A receipt or a settings window is rows of a label and a value. It stays text,
unless a first row names its two columns; from three columns on it is a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from app.core.reading import Block, BlockKind, Cell, Line
from app.reader.layout.lines import at_gaps
from app.reader.layout.reading_order import Lines, is_prose, row_bottom, row_top
from app.reader.layout.table_columns import Span, columns_of, is_straight

# Words further apart than this, in line heights, may stand in two columns.
_CELL_GAP = 0.9
# Rows further apart than this, in line heights, are not of one table.
_APART = 2.5
_LEAST_ROWS = 3
_LEAST_FILLED = 0.55
# A row this much nearer to the one before than rows usually are continues its cells.
_CONTINUED = 0.5
_NUMBER = re.compile(r"^[^\w\s]?[-+(]?\s?[\d.,' ]*\d[\d.,' )%]*(\s?[^\W\d]{1,4}\.?|[^\w\s])?$")

Placed = tuple[int, int, Line]  # first column, last column, what stands there


@dataclass(frozen=True, slots=True)
class Table:
    """A table in place of the rows `first` to before `last`."""

    first: int
    last: int
    block: Block


def aligned(rows: Sequence[Lines]) -> list[Table]:
    """The tables among rows, which stand one below the other."""
    if len(rows) < _LEAST_ROWS:
        return []
    height = median(line.box.height for row in rows for line in row)
    pieces = [[part for line in row for part in at_gaps(line, _CELL_GAP * height)] for row in rows]
    found: list[Table] = []
    for first, last in _runs(rows, pieces, height):
        block = _table(pieces[first:last], height)
        if block is not None:
            found.append(Table(first, last, block))
    return found


def _runs(
    rows: Sequence[Lines], pieces: Sequence[Lines], height: float
) -> Iterable[tuple[int, int]]:
    """Stretches of rows that begin and end with several pieces and have few single ones."""
    start, end, singles = 0, 0, 0
    for index, row in enumerate(pieces):
        far = index > 0 and row_top(rows[index]) - row_bottom(rows[index - 1]) > _APART * height
        singles = singles + 1 if len(row) == 1 else 0
        if far or singles > 2:
            yield start, end
            start = end = index
        if len(row) > 1:
            if end <= start:
                start = index
            end = index + 1
    yield start, end


def _table(rows: Sequence[Lines], height: float) -> Block | None:
    several = [row for row in rows if len(row) > 1]
    if len(several) < _LEAST_ROWS:
        return None
    columns, head = _one_each(columns_of(several[1:], height), several[1:]), rows[0]
    placed = [[(*_where(line, columns), line) for line in row] for row in rows] if columns else []
    if len(head) == len(columns):
        # Names stand at the left of columns whose numbers stand at the right.
        placed[0] = [(index, index, line) for index, line in enumerate(head)]
    else:
        columns = _one_each(columns_of(several, height), several)
        placed = [[(*_where(line, columns), line) for line in row] for row in rows]
    if len(columns) < 2:
        return None
    if any(_overlap(row) for row in placed):
        return None
    if not _is_table(placed, columns, height):
        return None
    return table_block(_continued(placed, height))


def table_block(rows: Iterable[Sequence[Cell]]) -> Block:
    """A block of cells, which come in rows from left to right."""
    cells = tuple(cell for row in rows for cell in row)
    return Block(tuple(line for cell in cells for line in cell.lines), BlockKind.TABLE, 0, cells)


def _one_each(columns: list[Span], rows: Sequence[Lines]) -> list[Span]:
    """Columns, a name that stands beside its column instead of above it put to it."""
    held = [
        {index for index, row in enumerate(rows) if any(_is_in(line, column) for line in row)}
        for column in columns
    ]
    index = 1
    while index < len(columns):
        before, after = held[index - 1], held[index]
        if not before & after and 1 in (len(before), len(after)):
            columns[index - 1 : index + 1] = [(columns[index - 1][0], columns[index][1])]
            held[index - 1 : index + 1] = [before | after]
        else:
            index += 1
    return columns


def _is_in(line: Line, column: Span) -> bool:
    shared = min(line.box.right, column[1]) - max(line.box.left, column[0])
    return shared > 0.3 * min(line.box.width, column[1] - column[0])


def _where(line: Line, columns: Sequence[Span]) -> tuple[int, int]:
    """The first and the last column that a piece stands in, or the nearest."""
    inside = [index for index, column in enumerate(columns) if _is_in(line, column)]
    if inside:
        return inside[0], inside[-1]
    x = line.box.centre_x
    nearest = min(range(len(columns)), key=lambda index: abs(x - sum(columns[index]) / 2))
    return nearest, nearest


def _overlap(row: Sequence[Placed]) -> bool:
    return any(after[0] <= before[1] for before, after in pairwise(row))


def _is_table(rows: Sequence[Sequence[Placed]], columns: Sequence[Span], height: float) -> bool:
    held = [
        [line for row in rows for first, last, line in row if first == last == index]
        for index in range(len(columns))
    ]
    if any(not lines for lines in held) or sum(is_prose(lines) for lines in held) > 1:
        return False
    if sum(is_straight(lines, height) for lines in held) < 0.6 * len(held):
        return False
    if len(columns) == 2:
        return _has_header(rows)
    filled = sum(last - first + 1 for row in rows for first, last, _ in row)
    wide = sum(len(row) > 2 for row in rows)
    return filled >= _LEAST_FILLED * len(rows) * len(columns) and wide >= max(2, len(rows) // 3)


def _has_header(rows: Sequence[Sequence[Placed]]) -> bool:
    """Whether two columns of names and numbers have a first row that names them."""
    head, *body = rows
    if len(body) < _LEAST_ROWS or any(len(row) != 2 for row in rows):
        return False
    return not any(character.isdigit() for *_, line in head for character in line.text) and all(
        _NUMBER.match(row[1][2].text) for row in body
    )


def _continued(rows: Sequence[Sequence[Placed]], height: float) -> list[list[Cell]]:
    """Cells, those of a row that continues the row before joined to it."""
    lines = [[line for *_, line in row] for row in rows]
    gaps = [row_top(after) - row_bottom(before) for before, after in pairwise(lines)]
    usual = median(gaps)
    table: list[list[Cell]] = []
    for index, row in enumerate(rows):
        near = index > 0 and gaps[index - 1] < usual - _CONTINUED * height
        if near and row[0][0] > 0 and table:
            table[-1] = _joined(table[-1], row)
            continue
        number = len(table)
        table.append(
            [Cell(number, first, (line,), 1, last - first + 1) for first, last, line in row]
        )
    return table


def _joined(cells: Sequence[Cell], row: Sequence[Placed]) -> list[Cell]:
    """A row's cells with the lines of the row that continues it."""
    found = {cell.column: cell for cell in cells}
    for first, last, line in row:
        # The cell that it stands below, which may span several columns, or a new one.
        over = next(
            (cell for cell in found.values() if cell.column <= first < cell.column + cell.columns),
            None,
        )
        if over is not None:
            found[over.column] = replace(over, lines=(*over.lines, line))
        else:
            room = min((column for column in found if column > first), default=last + 1)
            columns = min(last + 1, room) - first
            found[first] = Cell(cells[0].row, first, (line,), 1, columns)
    return [found[column] for column in sorted(found)]

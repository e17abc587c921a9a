"""Tables without ruled cells: rows whose pieces stand in the same columns.

A receipt or a settings window is rows of a label and a value. It stays text,
unless a first row names its two columns, or rules stand above and below; from
three columns on it is a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from app.core.reading import Block, BlockKind, Cell, Line
from app.reader.layout.reading_order import Lines, is_prose, row_bottom, row_top
from app.reader.layout.tables.body import body_cells
from app.reader.layout.tables.columns import (
    Placed,
    Span,
    columns_of,
    is_straight,
    one_each,
    placed,
)
from app.reader.layout.tables.head import head_cells, head_rows
from app.reader.layout.tables.pieces import pieces, typed_rules
from app.reader.layout.tables.rows_of_cells import is_number
from app.reader.layout.tables.strokes import Rule

# Rows further apart than this, in line heights, are not of one table.
_APART = 2.5
_LEAST_ROWS = 3
# This share of all places holds something, or of those in columns of numbers.
_LEAST_FILLED, _LEAST_NUMBERED = 0.55, 0.3
_STRAIGHT = 0.6
# So many rows in a row may have one piece, if it is no line of prose.
_MOST_SINGLE, _LONG = 3, 70
# In a column of numbers, this share of what stands below its name are some.
_NUMBERS = 0.7
# So many rows may have two pieces in one column.
_MOST_UNFIT = 0.15
# A name above its columns is so near to the row below it, in line heights.
_ABOVE = 1.0
# Lines of one cell begin at one place to within that many.
_ALIGNED = 0.6


@dataclass(frozen=True, slots=True)
class Table:
    """A table in place of the rows `first` to before `last`."""

    first: int
    last: int
    block: Block


def aligned(rows: Sequence[Lines], rules: Sequence[Rule] = ()) -> list[Table]:
    """The tables among rows, which stand one below the other; `rules` are level ones."""
    if len(rows) < _LEAST_ROWS:
        return []
    height = median(line.box.height for row in rows for line in row)
    typed = [typed_rules(row) for row in rows]
    rules = [*rules, *(rule for row in typed for rule in row)]
    parted = [[] if typed[index] else pieces(row, height) for index, row in enumerate(rows)]
    found: list[Table] = []
    done = 0
    for start, end in _runs(parted, height):
        if end > start:
            start = _with_names(parted, start, done, height)  # noqa: PLW2901 - it grows
            end = _with_ends(parted, end, height)  # noqa: PLW2901
        block = _table(parted[start:end], height, rules, framed=False)
        if block is not None:
            found.append(Table(start, end, block))
            done = end
    return found


def framed_table(rows: Sequence[Lines], rules: Sequence[Rule]) -> Block | None:
    """The table that rows make above, between and below which rules stand, if they make one."""
    height = median(line.box.height for row in rows for line in row)
    return _table([pieces(row, height) for row in rows], height, rules, framed=True)


def table_block(rows: Iterable[Sequence[Cell]]) -> Block:
    """A block of cells, which come in rows from left to right."""
    cells = tuple(cell for row in rows for cell in row)
    return Block(tuple(line for cell in cells for line in cell.lines), BlockKind.TABLE, 0, cells)


def _runs(rows: Sequence[Lines], height: float) -> Iterable[tuple[int, int]]:
    """Stretches of rows that begin and end with several pieces and have few single ones."""
    start, end, singles = 0, 0, 0
    before: Lines = []
    several: Lines = []
    for index, row in enumerate(rows):
        far = bool(before and row) and row_top(row) - row_bottom(before) > _APART * height
        before = row or before
        if len(row) > 1:
            singles, several = 0, row
        elif row and not _is_below(row[0], several, height):
            singles += 1
        is_prose_line = len(row) == 1 and len(row[0].text) > _LONG
        if far or singles > _MOST_SINGLE or is_prose_line:
            yield start, end
            start = end = index
        if len(row) > 1:
            if end <= start:
                start = index
            end = index + 1
    yield start, end


def _with_names(rows: Sequence[Lines], start: int, least: int, height: float) -> int:
    """Where a table begins whose first rows are single names over several of its columns."""
    label = min(row[0].box.right for row in rows[start : start + 3] if len(row) > 1)
    for index in range(start - 1, least - 1, -1):
        row = rows[index]
        if not row:  # A typed rule.
            continue
        near = row_top(rows[start]) - row_bottom(row) <= _ABOVE * height
        # Over a typed rule it is further away.
        if len(row) > 1 or row[0].box.left <= label or not (near or index < start - 1):
            break
        start = index
    return start


def _with_ends(rows: Sequence[Lines], end: int, height: float) -> int:
    """Where a table ends whose last cell has more lines than those beside it."""
    last = rows[end - 1]
    while (
        end < len(rows)
        and len(rows[end]) == 1
        and rows[end][0].text[:1].islower()
        and _is_below(rows[end][0], last, height)
        and row_top(rows[end]) - row_bottom(rows[end - 1]) <= _ABOVE * height
    ):
        end += 1
    return end


def _is_below(line: Line, row: Lines, height: float) -> bool:
    """Whether a line begins where one of the row's pieces does, but for the first."""
    return any(abs(line.box.left - one.box.left) <= _ALIGNED * height for one in row[1:])


def _table(
    rows: Sequence[Lines], height: float, rules: Sequence[Rule], *, framed: bool
) -> Block | None:
    rows = [row for row in rows if row]
    several = [row for row in rows if len(row) > 1]
    if len(several) < (2 if framed else _LEAST_ROWS):
        return None
    columns = _columns(several, height)
    if len(columns) < 2:
        return None
    placing = [placed(row, columns, height) for row in rows]
    if sum(not fits for _, fits in placing) > _MOST_UNFIT * len(rows):
        return None
    table = [row for row, _ in placing]
    head = head_rows(table)
    if not _is_table(table, head, len(columns), height, framed=framed):
        return None
    gaps = [row_top(after) - row_bottom(before) for before, after in pairwise(rows[head:])]
    names = head_cells(table[:head], columns, rules, height, median(gaps) if gaps else 0.0)
    return table_block([*names, *body_cells(table[head:], columns, rules, height, len(names))])


def _columns(several: Sequence[Lines], height: float) -> list[Span]:
    """Columns by the rows of numbers, if these are most; else by all but the first row, or all."""
    numbered = [
        row for row in several if sum(is_number(one.text) for one in row[1:]) >= len(row) / 2
    ]
    if len(numbered) >= max(_LEAST_ROWS, len(several) / 2):
        columns = one_each(columns_of(numbered, height), numbered)
        if len(columns) > 1:
            return columns
    columns = one_each(columns_of(several[1:], height), several[1:])
    if len(columns) == len(several[0]):
        return columns
    return one_each(columns_of(several, height), several)


def _is_table(
    rows: Sequence[Sequence[Placed]], head: int, count: int, height: float, *, framed: bool
) -> bool:
    body = [one for row in rows[head:] for one in row if one.first == one.last]
    held = [[one.line for one in body if one.first == index] for index in range(count)]
    if any(not lines for lines in held) or sum(is_prose(lines) for lines in held) > 1:
        return False
    # The numbers of a chart name nothing.
    if all(is_number(one.line.text) for row in rows for one in row):
        return False
    numbers = [
        sum(is_number(line.text) for line in lines) >= _NUMBERS * len(lines) for lines in held
    ]
    if framed and any(numbers[1:]):
        return True
    if sum(is_straight(lines, height) for lines in held) < _STRAIGHT * count:
        return False
    if count == 2:
        return framed or _has_header(rows)
    least = _LEAST_NUMBERED if sum(numbers) > count / 2 else _LEAST_FILLED
    filled = sum(one.last - one.first + 1 for row in rows for one in row)
    wide = sum(len(row) > 2 for row in rows)
    return filled >= least * len(rows) * count and wide >= max(2, len(rows) // 3)


def _has_header(rows: Sequence[Sequence[Placed]]) -> bool:
    """Whether two columns of names and numbers have a first row that names them."""
    head, *body = rows
    if len(body) < _LEAST_ROWS or any(len(row) != 2 for row in rows):
        return False
    return not any(character.isdigit() for one in head for character in one.line.text) and all(
        is_number(row[1].line.text) for row in body
    )

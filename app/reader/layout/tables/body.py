"""The body of a table: which rows of text go on with the row before, and the cells they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from app.core.reading import Cell, Line
from app.reader.layout.tables.columns import Placed, Span
from app.reader.layout.tables.rows_of_cells import is_number
from app.reader.layout.tables.strokes import Rule

# A row this much nearer to the one before than rows usually are continues its cells.
_CONTINUED = 0.5
# Lines of one label are no further apart than this; one that goes on fills so much of its column.
_NEAR, _FULL, _INDENT = 0.6, 0.8, 0.4
# If so many gaps between rows have rules, the others are within rows.
_RULED = 2
_GOES_ON = (
    ",",
    "-",
    "\u2013",
    " and",
    " or",
    " of",
    " the",
    " for",
    " in",
    " to",
    " with",
    " by",
    "&",
)

Row = Sequence[Placed]


def body_cells(
    rows: Sequence[Row], columns: Sequence[Span], rules: Sequence[Rule], height: float, first: int
) -> list[list[Cell]]:
    """The cells of the body's rows, the first of which is the table's number `first`."""
    table: list[list[Cell]] = []
    for group in grouped(rows, columns, rules, height):
        number = first + len(table)
        cells = _cells(group[0], number)
        for row in group[1:]:
            cells = _joined(cells, row)
        table.append(cells)
    return table


def grouped(
    rows: Sequence[Row], columns: Sequence[Span], rules: Sequence[Rule], height: float
) -> list[list[Row]]:
    """Rows of text, those of one row of the table together."""
    gaps = [_top(after) - _bottom(before) for before, after in pairwise(rows)]
    usual = median(gaps) if gaps else 0.0
    ruled = [_has_rule(before, after, rules, columns) for before, after in pairwise(rows)]
    by_rules = sum(ruled) >= _RULED and sum(ruled) > len(ruled) / 4
    groups: list[list[Row]] = [[row] for row in rows[:1]]
    for index, (before, row) in enumerate(pairwise(rows)):
        after = rows[index + 2] if index + 2 < len(rows) else None
        near = gaps[index] < usual - _CONTINUED * height
        joined = not ruled[index] and (
            (near and (row[0].first > 0 or _is_label(row) or not _numbers(row)))
            or _goes_on(before, row, gaps[index] / height, by_rules=by_rules)
            or _is_begun(groups[-1], row, after, gaps[index] / height, columns, height)
        )
        if joined:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _goes_on(before: Row, row: Row, gap: float, *, by_rules: bool) -> bool:
    """Whether a row has only more of what the row before has, by its words."""
    if gap > _NEAR or _numbers(row):
        return False
    held = {column for one in before for column in range(one.first, one.last + 1)}
    if not {one.first for one in row} <= held:
        return False
    lower = [_is_lower(one.line) for one in row]
    if by_rules and (row[0].first > 0 or any(lower)):
        return True
    if row[0].first > 0 and len(row) < len(before):
        return all(lower) or _ends_open(before, row)
    return all(lower) and (len(before) > 1 or not _is_label(row))


def _is_begun(
    group: Sequence[Row],
    row: Row,
    after: Row | None,
    gap: float,
    columns: Sequence[Span],
    height: float,
) -> bool:
    """Whether the row before is where a label begins that ends in this row, with its numbers."""
    before = group[-1]
    if gap > _NEAR or not all(_is_label(one) for one in group) or row[0].first > 0:
        return False
    begin, end = before[0].line, row[0].line
    if begin.text.rstrip().endswith(":"):
        return False
    if _is_lower(end) or begin.text.rstrip().endswith(_GOES_ON):
        return True
    # It hangs: further in than where it begins, and the next label is not.
    if len(row) == 1 or after is None or after[0].first > 0:
        return False
    wide = begin.box.width >= _FULL * (columns[0][1] - columns[0][0])
    hangs = end.box.left - begin.box.left > _INDENT * height
    back = after[0].line.box.left < end.box.left - _INDENT * height
    return wide and hangs and back


def _ends_open(before: Row, row: Row) -> bool:
    above = {one.first: one.line for one in before}
    return all(
        one.first in above and above[one.first].text.rstrip().endswith(_GOES_ON) for one in row
    )


def _has_rule(before: Row, after: Row, rules: Sequence[Rule], columns: Sequence[Span]) -> bool:
    """Whether a rule over most of the table parts two rows."""
    top = median(one.line.box.centre_y for one in before)
    bottom = median(one.line.box.centre_y for one in after)
    left, right = columns[0][0], columns[-1][1]
    return any(
        top < rule.y < bottom
        and min(right, rule.right) - max(left, rule.left) > 0.7 * (right - left)
        for rule in rules
    )


def _is_lower(line: Line) -> bool:
    first = line.text.lstrip("(\u201c\"'")[:1]
    return first.islower()


def _is_label(row: Row) -> bool:
    return len(row) == 1 and row[0].first == 0


def _numbers(row: Row) -> bool:
    return any(is_number(one.line.text) for one in row if one.first > 0)


def _top(row: Row) -> float:
    return min(one.line.box.top for one in row)


def _bottom(row: Row) -> float:
    return max(one.line.box.bottom for one in row)


def _cells(row: Row, number: int) -> list[Cell]:
    if _is_label(row):
        # A heading within the table reaches as far as it does, over cells that are empty.
        return [Cell(number, 0, (row[0].line,))]
    return [Cell(number, one.first, (one.line,), 1, one.last - one.first + 1) for one in row]


def _joined(cells: Sequence[Cell], row: Row) -> list[Cell]:
    """A row's cells with the lines of the row that continues it."""
    found = {cell.column: cell for cell in cells}
    for one in row:
        # The cell that it stands below, which may span several columns, or a new one.
        over = next(
            (
                cell
                for cell in found.values()
                if cell.column <= one.first < cell.column + cell.columns
            ),
            None,
        )
        if over is not None:
            found[over.column] = replace(over, lines=(*over.lines, one.line))
        else:
            room = min((column for column in found if column > one.first), default=one.last + 1)
            columns = min(one.last + 1, room) - one.first
            found[one.first] = Cell(cells[0].row, one.first, (one.line,), 1, columns)
    return [found[column] for column in sorted(found)]

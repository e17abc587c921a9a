"""The head of a table: names of one or several lines, and those that stand over several columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from app.core.geometry import Box
from app.core.reading import Cell, Line
from app.reader.layout.tables.columns import Placed, Span
from app.reader.layout.tables.rows_of_cells import is_number
from app.reader.layout.tables.strokes import Rule

_YEAR = re.compile(r"\D{0,3}(1[89]|20)\d\d(\s?[-/\u2013]\s?\d{2,4})?[^\d.,%]{0,3}")
_MOST_ROWS = 8
# Lines of one name are nearer than this, in line heights, or than rows of the body usually are;
# further apart than that they are never. A rule below a name is within that many.
_NEAR, _FAR, _UNDER = 0.8, 1.6, 0.9
# A name stands in the middle over its columns to within this many line heights.
_CENTRED = 0.8

Row = Sequence[Placed]


@dataclass(slots=True)
class _Name:
    """Lines of one cell of the head, and the columns over which they stand."""

    first: int
    last: int
    lines: list[Line] = field(default_factory=list[Line])

    @property
    def box(self) -> Box:
        return Box.union(line.box for line in self.lines)


def head_rows(rows: Sequence[Row]) -> int:
    """How many of a table's rows, from the top, name its columns.

    That is: those before the first with a number that is no year beside its first column, but
    for headings of the rows below them.
    """
    count = next(
        (index for index, row in enumerate(rows[: _MOST_ROWS + 1]) if _has_numbers(row)),
        1,
    )
    while count > 1 and all(one.first == 0 for one in rows[count - 1]):
        count -= 1
    return count


def _has_numbers(row: Row) -> bool:
    """Whether a row has numbers in its columns, other than years that name them."""
    texts = [one.line.text.strip() for one in row if one.first > 0]
    numbers = [text for text in texts if is_number(text)]
    years = [text for text in numbers if _YEAR.fullmatch(text)]
    is_named = len(years) == len(numbers) and all(one != other for one, other in pairwise(years))
    if len(years) == 1:
        is_named = len(texts) > 1 or row[0].first > 0
    return bool(numbers) and not is_named


def head_cells(
    rows: Sequence[Row],
    columns: Sequence[Span],
    rules: Sequence[Rule],
    height: float,
    usual: float,
) -> list[list[Cell]]:
    """The cells of the head that these rows make, in rows; `usual` is the gap between others."""
    if not rows:
        return []
    near = min(max(_NEAR * height, 1.1 * usual), _FAR * height)
    names: list[_Name] = []
    for index, row in enumerate(rows):
        below = [one for later in rows[index + 1 :] for one in later]
        for one in _wide(row, below, columns, rules, height):
            over = next((name for name in names if _is_same(name, one, rules, near)), None)
            if over is not None:
                over.lines.append(one.line)
            else:
                names.append(_Name(one.first, one.last, [one.line]))
    return _in_levels(names)


def _wide(
    row: Row, below: Row, columns: Sequence[Span], rules: Sequence[Rule], height: float
) -> list[Placed]:
    """A row of the head with each piece over all the columns that it names."""
    found: list[Placed] = []
    for index, one in enumerate(row):
        least = found[-1].last + 1 if found else 0
        most = row[index + 1].first - 1 if index + 1 < len(row) else len(columns) - 1
        found.append(
            _over_rule(one, columns, rules, height, least, most)
            or _over_names(one, below, columns, height, max(least, 1), most)
        )
    return found


def _over_rule(
    one: Placed,
    columns: Sequence[Span],
    rules: Sequence[Rule],
    height: float,
    least: int,
    most: int,
) -> Placed | None:
    """A piece over the columns that the rule right below it reaches over, if there is one."""
    box = one.line.box
    for rule in rules:
        under = -0.3 * height <= rule.y - box.bottom <= _UNDER * height
        if not under or not rule.left - height <= box.centre_x <= rule.right + height:
            continue
        held = [
            index
            for index, (left, right) in enumerate(columns)
            if rule.left - height / 2 <= (left + right) / 2 <= rule.right + height / 2
            and least <= index <= most
        ]
        if (
            len(held) > 1
            and len(held) < len(columns)
            and held[0] <= one.last
            and held[-1] >= one.first
        ):
            return replace(one, first=held[0], last=held[-1])
    return None


def _over_names(
    one: Placed, below: Row, columns: Sequence[Span], height: float, least: int, most: int
) -> Placed:
    """A piece over the columns that it stands in the midst of, if these have their own names."""
    named = {other.first for other in below if other.first == other.last}
    if _off(one.line, columns, one.first, one.last) <= _CENTRED * height and one.first == one.last:
        return one
    wide = [
        (last - first, first, last)
        for first in range(least, one.first + 1)
        for last in range(max(one.last, first + 1), most + 1)
        if named >= set(range(first, last + 1))
        and _off(one.line, columns, first, last) <= _CENTRED * height
    ]
    if not wide:
        return one
    _, first, last = max(wide)
    return replace(one, first=first, last=last)


def _off(line: Line, columns: Sequence[Span], first: int, last: int) -> float:
    return abs(line.box.centre_x - (columns[first][0] + columns[last][1]) / 2)


def _is_same(name: _Name, one: Placed, rules: Sequence[Rule], near: float) -> bool:
    """Whether a piece goes on with a name above it."""
    if (name.first, name.last) != (one.first, one.last):
        return False
    top, box = name.box.bottom, one.line.box
    if box.top - top > near:
        return False
    middle = (name.lines[-1].box.centre_y, box.centre_y)
    return not any(
        middle[0] < rule.y < middle[1] and rule.left <= box.centre_x <= rule.right for rule in rules
    )


def _in_levels(names: list[_Name]) -> list[list[Cell]]:
    """Names as cells: each that spans columns is of a level above those below it."""
    depth = {id(name): 0 for name in names}
    ordered = sorted(names, key=lambda name: name.box.centre_y)
    for index, name in enumerate(ordered):
        for upper in ordered[:index]:
            shares = upper.first <= name.last and name.first <= upper.last
            if shares and upper.box.centre_y < name.lines[0].box.top:
                depth[id(name)] = max(depth[id(name)], depth[id(upper)] + 1)
    count = max(depth.values(), default=0) + 1
    tops = [
        min((name.box.top for name in names if depth[id(name)] == level), default=0.0)
        for level in range(count)
    ]
    rows: list[list[Cell]] = [[] for _ in range(count)]
    for name in sorted(names, key=lambda name: name.first):
        start = depth[id(name)]
        # Alone over its column, it stands as low as its lowest line.
        others = [
            other
            for other in names
            if other is not name and other.first <= name.last and name.first <= other.last
        ]
        stop = start
        for level in range(start + 1, count):
            under = [other for other in others if depth[id(other)] <= level]
            if any(depth[id(other)] > start for other in under):
                break
            if name.box.bottom > tops[level] + 0.3 * (name.lines[-1].box.height):
                stop = level
        if (
            not others
            and stop > start
            and name.lines[0].box.top >= tops[stop] - name.lines[0].box.height / 2
        ):
            start = stop
        rows[start].append(
            Cell(start, name.first, tuple(name.lines), stop - start + 1, name.last - name.first + 1)
        )
    return rows

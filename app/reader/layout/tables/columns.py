"""Where the columns of a table stand, told by the white between words, and what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from app.core.reading import Line, Word
from app.reader.layout.lines import of_words, united
from app.reader.layout.reading_order import Lines

# Columns are parted by this much, in line heights, in all but this share of rows.
_GUTTER, _CROSSING = 0.4, 0.12
# Pieces of a column begin, end or centre at one place to within this many line heights.
_ALIGNED, _ALIGNED_SHARE = 0.6, 0.7
# A piece over two columns is one in each if its words are this far apart between them.
_PARTED = 0.45

Span = tuple[float, float]
"""From which x to which a column reaches."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of a row, and the first and the last column that it stands in."""

    first: int
    last: int
    line: Line


def columns_of(rows: Sequence[Lines], height: float) -> list[Span]:
    """Where columns stand: between stretches of x that hardly any row has text in."""
    edges = sorted(
        edge for row in rows for line in row for edge in ((line.box.left, 1), (line.box.right, -1))
    )
    allowed = int(_CROSSING * len(rows))
    columns: list[Span] = []
    over, begin = 0, 0.0
    for x, step in edges:
        before, over = over, over + step
        if before <= allowed < over:
            begin = x
        elif over <= allowed < before:
            if columns and begin - columns[-1][1] < _GUTTER * height:
                begin, _ = columns.pop()
            columns.append((begin, x))
    return columns


def one_each(columns: list[Span], rows: Sequence[Lines]) -> list[Span]:
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


def is_straight(lines: Lines, height: float) -> bool:
    """Whether most pieces of a column begin, end or centre at one place."""
    return any(
        sum(abs(place - median(places)) <= _ALIGNED * height for place in places)
        >= _ALIGNED_SHARE * len(places)
        for places in (
            [line.box.left for line in lines],
            [line.box.right for line in lines],
            [line.box.centre_x for line in lines],
        )
    )


def placed(row: Lines, columns: Sequence[Span], height: float) -> tuple[list[Placed], bool]:
    """The pieces of a row in columns, from left to right; and whether they fit as they are.

    Two that fall to one column stand beside each other in it, if there is no room beside it.
    """
    if len(row) == len(columns):
        # Names stand at the left of columns whose numbers stand at the right.
        return [Placed(index, index, line) for index, line in enumerate(row)], True
    found: list[Placed] = []
    fits = True
    for line in [part for whole in row for part in _parted(whole, columns, height)]:
        one = Placed(*_where(line, columns), line)
        if found and one.first <= found[-1].last:
            before = found[-1]
            if one.last > before.last:
                one = replace(one, first=before.last + 1)
            elif before.first < one.first:
                found[-1] = replace(before, last=one.first - 1)
            elif before.first > 0 and (len(found) < 2 or found[-2].last < before.first - 1):
                found[-1] = replace(before, first=before.first - 1, last=before.first - 1)
            elif one.last + 1 < len(columns):
                one = replace(one, first=one.last + 1, last=one.last + 1)
            else:
                found[-1] = replace(before, line=united((before.line, line)))
                fits = False
                continue
        found.append(one)
    return found, fits


def _parted(line: Line, columns: Sequence[Span], height: float) -> Lines:
    """A piece over several columns, cut where its words leave the white between them."""
    first, last = _where(line, columns)
    parts: list[list[Word]] = []
    words = list(line.words)
    for column in range(first, last):
        x = (columns[column][1] + columns[column + 1][0]) / 2
        cut = next(
            (
                index + 1
                for index, (before, after) in enumerate(pairwise(words))
                if before.box.right <= x + height / 2
                and after.box.left >= x - height / 2
                and before.box.centre_x < x < after.box.centre_x
                and after.box.left - before.box.right >= _PARTED * height
            ),
            None,
        )
        if cut is None:
            return [line]
        parts.append(words[:cut])
        words = words[cut:]
    return [of_words(line, part) for part in (*parts, words)]


def _is_in(line: Line, column: Span) -> bool:
    shared = min(line.box.right, column[1]) - max(line.box.left, column[0])
    return shared > 0.3 * min(line.box.width, column[1] - column[0])


def _where(line: Line, columns: Sequence[Span]) -> tuple[int, int]:
    """The first and the last column that a piece stands in, or the nearest."""
    inside = [index for index, column in enumerate(columns) if _is_in(line, column)]
    if inside:
        return inside[0], inside[-1]
    x = line.box.centre_x
    nearest = min(
        range(len(columns)), key=lambda index: max(columns[index][0] - x, x - columns[index][1])
    )
    return nearest, nearest

"""Where the columns of a table stand, told by the white between words."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from app.reader.layout.reading_order import Lines

# Columns are parted by this much, in line heights, in all but this share of rows.
_GUTTER, _CROSSING = 0.4, 0.12
# Pieces of a column begin, end or centre at one place to within this many line heights.
_ALIGNED, _ALIGNED_SHARE = 0.6, 0.7

Span = tuple[float, float]
"""From which x to which a column reaches."""


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

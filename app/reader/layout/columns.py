"""Columns: which lines stand beside each other to be read one after the other.

Two things look alike from afar: two columns of prose, to be read one after the
other, and a table or a receipt, to be read row by row. What tells them apart
is that the cells of a table stand at the same height and are short; prose
fills its column or goes on in mid-sentence, and a sidebar's entries do not line up with what is
beside it. What is white between the two is a gutter either way.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from app.core.geometry import Box
from app.core.reading import Block, Line
from app.reader.layout.gutters import Gutter, gutters, split
from app.reader.layout.lines import word_boxes
from app.reader.layout.reading_order import (
    BLOCK_GAP,
    Lines,
    is_prose,
    least_gap,
    parted,
    row_bottom,
    row_top,
    rows,
)

# What stands left and right of a gutter.
Sides = tuple[Lines, Lines]

# Cells of one table row differ in height on the page by less than this share of a line.
_ALIGNED = 0.25
# Beside prose, whose rows are near each other, half of any lines do so by chance; the cells of a
# table do within this.
_LEVEL = 0.15
_TABLE_SHARE = 0.6
# A long sidebar meets by chance what is beside it, but falls out of step with it for
# rows on end, which a table's rows do not: at least so many, and this share of all.
_RUN, _LEAST_LOST, _LOST_SHARE = 3, 6, 0.25
_MENU_PIECES, _MENU_CHARACTERS = 4, 12
# Fewer lines side by side tell nothing.
_MIN_LINES = 3
# A row of its own is this many line heights away from what it stands above or below.
_APART = 1.2
# A gutter is this many times as wide as the spaces between words, or twice that where the
# network saw more than this share of rows as one line across it.
_WIDER, _CROSSED = 1.5, 0.5


def ordered(lines: Sequence[Line]) -> tuple[Block, ...]:
    """Blocks in reading order, each with its lines row by row, left to right."""
    return tuple(
        Block(tuple(line for row in block for line in row))
        for region in regions(lines)
        for block in parted(rows(region))
    )


def regions(lines: Sequence[Line]) -> list[Lines]:
    """The lines of each column, or of what stands above, below and between columns, in order.

    A line that runs across two columns comes as its two parts.
    """
    for gutter in gutters(lines):
        found = _parted_by(lines, gutter)
        if found is not None:
            return [region for part in found if part for region in regions(part)]
    return [list(lines)] if lines else []


def _parted_by(lines: Sequence[Line], gutter: Gutter) -> list[Lines] | None:
    """What stands above, left of, right of, in and below a gutter that parts columns; else None."""
    island = [line for line in lines if line in gutter.island]
    rest = [line for line in lines if line not in gutter.island]
    above = [line for line in rest if _middle(line) < gutter.top]
    below = [line for line in rest if _middle(line) > gutter.bottom]
    bands = _bands([line for line in rest if gutter.top <= _middle(line) <= gutter.bottom])
    sides = [split(band, gutter) for band in bands]
    first, last = _beside_each_other(bands, sides)
    if first >= last:
        return None
    above += [line for band in bands[:first] for line in band]
    below += [line for band in bands[last:] for line in band]
    inside = [line for band in bands[first:last] for line in band]
    left, right = _longer(([], []), *sides[first:last])
    if _is_one_text(inside, left, right, gutter):
        return None
    if not _are_columns(nearest(left, at_end=True), nearest(right, at_end=False)):
        return None
    return [above, left, right, island, below]


def _beside_each_other(bands: Sequence[Lines], sides: Sequence[Sides]) -> tuple[int, int]:
    """The first band and the one behind the last in which columns stand beside each other.

    A column that is longer than the other goes on below it, what stands apart does not belong
    to it: the text of a letter below an address that has the sender's beside it.
    `sides` has what each band has left and right of the gutter.
    """
    both = [index for index, (left, right) in enumerate(sides) if left and right]
    while both and _stands_apart(bands, both[0], 1):
        if not _is_menu(bands[both[0]]) and _heads(sides[both[0]], sides):
            break
        both.pop(0)
    while both and _stands_apart(bands, both[-1], -1):
        both.pop()
    if not both:
        return 0, 0
    near = [
        max(least_gap(rows(side)), _APART * median(line.box.height for line in side))
        for side in ([line for pair in sides for line in pair[place]] for place in (0, 1))
    ]
    first, last = both[0], both[-1]
    columns = _longer(([], []), *sides[first : last + 1])
    while (
        first > 0 and not _is_menu(bands[first - 1]) and _goes_on(sides[first - 1], columns, near)
    ):
        first -= 1
        columns = _longer(columns, sides[first])
    while last + 1 < len(bands) and _goes_on(sides[last + 1], columns, near):
        last += 1
        columns = _longer(columns, sides[last])
    return first, last + 1


def _longer(columns: Sides, *bands: Sides) -> Sides:
    """Two columns with what bands have of each."""
    left, right = zip(columns, *bands, strict=True)
    return [line for lines in left for line in lines], [line for lines in right for line in lines]


def _goes_on(band: Sides, columns: Sides, near: Sequence[float]) -> bool:
    """Whether a band prolongs a column: it is nearer to it than `near`, in pixels."""
    return any(
        lines
        and max(row_top(lines) - row_bottom(column), row_top(column) - row_bottom(lines)) <= least
        for lines, column, least in zip(band, columns, near, strict=True)
    )


def _stands_apart(bands: Sequence[Lines], place: int, step: int) -> bool:
    """Whether a band is a row of its own, such as a menu bar or a running head."""
    band = bands[place]
    if _is_menu(band):
        return True
    if not 0 <= place + step < len(bands) or len(rows(band)) > 1:
        return False
    gaps = [row_top(after) - row_bottom(before) for before, after in pairwise(bands)]
    gap = gaps[min(place, place + step)]
    return gap >= max(BLOCK_GAP * median(gaps), _APART * median(line.box.height for line in band))


def _heads(band: Sides, sides: Sequence[Sides]) -> bool:
    """Whether a band has a heading for each column, which begins where its column does."""
    return all(
        abs(
            min(line.box.left for line in heading)
            - min(line.box.left for pair in sides for line in pair[place])
        )
        < median(line.box.height for line in heading) / 2
        for place, heading in enumerate(band)
    )


def _is_one_text(lines: Lines, left: Lines, right: Lines, gutter: Gutter) -> bool:
    """Whether the gutter is no more than spaces between words that stand above each other."""
    crossing = len(left) + len(right) - len(lines)
    spaces = [
        after.box.left - before.box.right
        for line in lines
        for before, after in pairwise(line.words)
    ]
    if not spaces or not crossing:
        return False
    times = (gutter.right - gutter.left) / max(1.0, median(spaces))
    mostly = crossing > _CROSSED * min(len(left), len(right))
    return times < _WIDER or (mostly and times < 2 * _WIDER)


def nearest(lines: Sequence[Line], *, at_end: bool) -> Lines:
    """Of each row of lines the one that is furthest to the right, or to the left."""
    found: Lines = []
    for line in sorted(lines, key=lambda line: -line.box.right if at_end else line.box.left):
        if not any(
            line.box.overlap_y(other.box) > 0.5 * min(line.box.height, other.box.height)
            for other in found
        ):
            found.append(line)
    return found


def _middle(line: Line) -> float:
    return Box.union(word_boxes(line)).centre_y


def _bands(lines: Sequence[Line]) -> list[Lines]:
    """Groups of lines that a level cut cannot part, from top to bottom."""
    bands: list[Lines] = []
    bottom = float("-inf")
    usual = median(line.box.height for line in lines) if lines else 0.0
    for line in sorted(lines, key=lambda line: line.box.top):
        # Boxes reach a little beyond their letters, so that neighbours may touch.
        slack = 0.2 * min(line.box.height, usual)
        if bands and line.box.top + slack < bottom:
            bands[-1].append(line)
        else:
            bands.append([line])
        bottom = max(bottom, line.box.bottom - slack)
    return bands


def _are_columns(left: Lines, right: Lines) -> bool:
    """Whether two sides of a gutter are to be read one after the other."""
    if min(len(left), len(right)) < _MIN_LINES:
        return False
    if is_prose(left) and is_prose(right):
        return True
    few, many = sorted((left, right), key=len)
    offsets = _offsets(few, many)
    aligned = sum(offset <= _ALIGNED for offset in offsets)
    if is_prose(many) and median(offsets) > _LEVEL:
        return True
    return aligned < _TABLE_SHARE * len(few) or _are_out_of_step(offsets)


def _is_menu(band: Lines) -> bool:
    """Whether a band is one row of several pieces, such as a menu bar."""
    height = min(line.box.height for line in band)
    level = max(line.box.centre_y for line in band) - min(line.box.centre_y for line in band)
    short = median(len(line.text) for line in band) <= _MENU_CHARACTERS
    return len(band) >= _MENU_PIECES and level < height / 2 and short


def _offsets(few: Lines, many: Lines) -> list[float]:
    """How far each line of one side, from above, is from its nearest partner on the other.

    In heights of the less high of the two, 1 where there is none within that.
    """
    many = sorted(many, key=lambda line: line.box.centre_y)
    middles = [line.box.centre_y for line in many]
    found: list[float] = []
    for line in sorted(few, key=lambda line: line.box.centre_y):
        start = bisect_left(middles, line.box.centre_y - line.box.height)
        stop = bisect_right(middles, line.box.centre_y + line.box.height)
        found.append(
            min(
                (
                    abs(other.box.centre_y - line.box.centre_y)
                    / min(other.box.height, line.box.height)
                    for other in many[start:stop]
                ),
                default=1.0,
            )
        )
    return found


def _are_out_of_step(offsets: Sequence[float]) -> bool:
    """Whether for rows on end lines stand beside others, but not at their height."""
    runs = groupby(offsets, lambda offset: _ALIGNED < offset < 1)
    lengths = [len(list(run)) for beside, run in runs if beside]
    lost = sum(length for length in lengths if length >= _RUN)
    return lost >= max(_LEAST_LOST, _LOST_SHARE * len(offsets))

"""Reading order: which lines belong to one row, one column, one block.

Two things look alike from afar: two columns of prose, to be read one after the
other, and a table or a receipt, to be read row by row. What tells them apart
is that the cells of a table stand at the same height and are short; prose
fills its column, and a sidebar's entries do not line up with what is beside it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from app.core.reading import Block, Line

Lines = list[Line]
Gap = tuple[float, float]

# A gutter is at least this many line heights wide.
_GUTTER = 1.0
# Cells of one table row differ in height on the page by less than this share of a line.
_ALIGNED = 0.25
_TABLE_SHARE = 0.6
# A long sidebar meets by chance what is beside it, but falls out of step with it for
# rows on end, which a table's rows do not: at least so many, and this share of all.
_RUN, _LEAST_LOST, _LOST_SHARE = 3, 6, 0.25
# Prose: lines of some length that fill most of their column.
_PROSE_CHARACTERS = 25
_PROSE_FILL = 0.6
# Shorter ones are prose if this share of them goes on in the middle of a sentence.
_LEAST_CHARACTERS, _FLOWING = 10, 0.4
# A gap this much larger than its region's usual one begins a block.
_BLOCK_GAP = 1.6
_MIN_BLOCK_GAP = 0.6
_MENU_PIECES, _MENU_CHARACTERS = 4, 12
# Fewer lines side by side tell nothing.
_MIN_LINES = 3


@dataclass(frozen=True, slots=True)
class _Cut:
    """Bands `first` to `last` (inclusive) have a gutter around `x`."""

    first: int
    last: int
    x: float
    lines: int


def ordered(lines: Sequence[Line]) -> tuple[Block, ...]:
    """Blocks in reading order, each with its lines row by row, left to right."""
    return tuple(
        Block(tuple(line for row in block for line in row))
        for region in regions(lines)
        for block in parted(rows(region))
    )


def regions(lines: Sequence[Line]) -> list[Lines]:
    """The lines of each column, or of what stands above, below and between columns, in order."""
    if not lines:
        return []
    bands = _bands(lines)
    cut = _best_cut(bands)
    if cut is None:
        return [list(lines)]
    inside = [line for band in bands[cut.first : cut.last + 1] for line in band]
    return [
        *regions([line for band in bands[: cut.first] for line in band]),
        *regions([line for line in inside if _centre(line) < cut.x]),
        *regions([line for line in inside if _centre(line) >= cut.x]),
        *regions([line for band in bands[cut.last + 1 :] for line in band]),
    ]


def _bands(lines: Sequence[Line]) -> list[Lines]:
    """Groups of lines that a level cut cannot part, from top to bottom."""
    bands: list[Lines] = []
    bottom = float("-inf")
    usual = median(line.box.height for line in lines)
    for line in sorted(lines, key=lambda line: line.box.top):
        # Boxes reach a little beyond their letters, so that neighbours may touch.
        slack = 0.2 * min(line.box.height, usual)
        if bands and line.box.top + slack < bottom:
            bands[-1].append(line)
        else:
            bands.append([line])
        bottom = max(bottom, line.box.bottom - slack)
    return bands


def _best_cut(bands: list[Lines]) -> _Cut | None:
    """The gutter between columns with the most lines beside it, if there is one."""
    least = _GUTTER * median(line.box.height for band in bands for line in band)
    gaps = [_gaps(band, least) for band in bands]
    best: _Cut | None = None
    for first in range(len(bands)):
        common = gaps[first]
        for last in range(first, len(bands)):
            after = _crossed(common, gaps[last + 1], least) if last + 1 < len(bands) else []
            for gap in common:
                # Only gutters that neither the band above nor the one below prolongs.
                if any(gap[0] <= longer[0] and longer[1] <= gap[1] for longer in after):
                    continue
                if first and _crossed([gap], gaps[first - 1], least):
                    continue
                best = _better(best, bands, first, last, gap)
            common = after
    return best


def _better(best: _Cut | None, bands: list[Lines], first: int, last: int, gap: Gap) -> _Cut | None:
    """`best`, or the cut along `gap` if it parts columns and has more lines beside it."""
    while first <= last and _is_menu(bands[first]):
        first += 1
    while first <= last and _is_menu(bands[last]):
        last -= 1
    lines = [line for band in bands[first : last + 1] for line in band]
    if (best is not None and len(lines) <= best.lines) or float("inf") in (-gap[0], gap[1]):
        return best
    x = (gap[0] + gap[1]) / 2
    left = [line for line in lines if _centre(line) < x]
    right = [line for line in lines if _centre(line) >= x]
    return _Cut(first, last, x, len(lines)) if _are_columns(left, right) else best


def _gaps(band: Lines, least: float) -> list[Gap]:
    """Stretches of x in which the band has nothing, both ends open."""
    gaps: list[Gap] = []
    right = float("-inf")
    for line in sorted(band, key=lambda line: line.box.left):
        if line.box.left - right >= least:
            gaps.append((right, line.box.left))
        right = max(right, line.box.right)
    gaps.append((right, float("inf")))
    return gaps


def _crossed(some: list[Gap], others: list[Gap], least: float) -> list[Gap]:
    """Where both have a gap of at least `least`."""
    both = [(max(one[0], other[0]), min(one[1], other[1])) for one in some for other in others]
    return [gap for gap in both if gap[1] - gap[0] >= least]


def _are_columns(left: Lines, right: Lines) -> bool:
    """Whether two sides of a gutter are to be read one after the other."""
    if min(len(left), len(right)) < _MIN_LINES:
        return False
    if is_prose(left) and is_prose(right):
        return True
    few, many = sorted((left, right), key=len)
    offsets = _offsets(few, many)
    aligned = sum(offset <= _ALIGNED for offset in offsets)
    return aligned < _TABLE_SHARE * len(few) or _are_out_of_step(offsets)


def _is_menu(band: Lines) -> bool:
    """Whether a band is one row of several pieces, such as a menu bar."""
    height = min(line.box.height for line in band)
    level = max(line.box.centre_y for line in band) - min(line.box.centre_y for line in band)
    short = median(len(line.text) for line in band) <= _MENU_CHARACTERS
    return len(band) >= _MENU_PIECES and level < height / 2 and short


def is_prose(lines: Lines) -> bool:
    """Whether lines are as long as their column is wide, as those of sentences are."""
    # Not the width of all together, which may be several columns.
    widths = sorted(line.box.width for line in lines)
    usual = median(len(line.text) for line in lines)
    if usual < _LEAST_CHARACTERS or median(widths) < _PROSE_FILL * widths[int(0.9 * len(widths))]:
        return False
    # Cells begin with a capital or a digit, the lines of narrow columns rarely do.
    flowing = sum(line.text[:1].islower() for line in lines) / len(lines)
    return usual >= _PROSE_CHARACTERS or flowing >= _FLOWING


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


def parted(rows: Sequence[Lines]) -> list[list[Lines]]:
    """Rows in blocks, parted where the gap between two rows is unusually large."""
    blocks: list[list[Lines]] = []
    least = _least_gap(rows)
    for index, row in enumerate(rows):
        if not index or row_top(row) - row_bottom(rows[index - 1]) > least:
            blocks.append([])
        blocks[-1].append(row)
    return blocks


def _least_gap(rows: Sequence[Lines]) -> float:
    """From which gap between two rows on, in pixels, a block ends."""
    gaps = [row_top(after) - row_bottom(before) for before, after in pairwise(rows)]
    usual = max(median(gaps), 0.0) if gaps else 0.0
    height = median([line.box.height for row in rows for line in row] or [0.0])
    return max(_BLOCK_GAP * usual, _MIN_BLOCK_GAP * height)


def rows(lines: Sequence[Line]) -> list[Lines]:
    """Lines that share a height, from top to bottom, each row from left to right."""
    found: list[Lines] = []
    for line in sorted(lines, key=lambda line: line.box.centre_y):
        if found and _shares_height(found[-1], line):
            found[-1].append(line)
        else:
            found.append([line])
    return [sorted(row, key=lambda line: line.box.left) for row in found]


def _shares_height(row: Lines, line: Line) -> bool:
    """Whether `line` stands at the height of the row and in none of its places."""
    for other in row:
        beside = line.box.left >= other.box.right or line.box.right <= other.box.left
        if not beside and _centre_inside(other, line):
            return False
        if line.box.overlap_y(other.box) <= 0.5 * min(other.box.height, line.box.height):
            return False
    return True


def _centre_inside(one: Line, other: Line) -> bool:
    return one.box.left < _centre(other) < one.box.right


def _centre(line: Line) -> float:
    return line.box.centre_x


def row_top(row: Lines) -> float:
    """The top of a row's highest line."""
    return min(line.box.top for line in row)


def row_bottom(row: Lines) -> float:
    """The bottom of a row's lowest line."""
    return max(line.box.bottom for line in row)

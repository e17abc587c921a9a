"""Rows of lines, whether lines are prose, and where blocks of rows end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from app.core.reading import Line

Lines = list[Line]

# Prose: lines of some length that fill most of their column.
_PROSE_CHARACTERS = 25
_PROSE_FILL = 0.6
# Shorter ones are prose if this share of them goes on in the middle of a sentence.
_LEAST_CHARACTERS, _FLOWING = 10, 0.4
# If this share of lines of such a length does so, they are prose however much they fill.
_FLOWING_CHARACTERS, _MOSTLY_FLOWING = 15, 0.5
# A gap this much larger than its region's usual one begins a block.
BLOCK_GAP = 1.6
_MIN_BLOCK_GAP = 0.6


def is_prose(lines: Lines) -> bool:
    """Whether lines are as long as their column is wide, as those of sentences are."""
    usual = median(len(line.text) for line in lines)
    if usual < _LEAST_CHARACTERS:
        return False
    # Cells begin with a capital or a digit, the lines of narrow columns rarely do.
    flowing = sum(line.text[:1].islower() for line in lines) / len(lines)
    if usual >= _FLOWING_CHARACTERS and flowing >= _MOSTLY_FLOWING:
        return True  # However wide: a column may run around a picture.
    # Not the width of all together, which may be several columns.
    widths = sorted(line.box.width for line in lines)
    if median(widths) < _PROSE_FILL * widths[int(0.9 * len(widths))]:
        return False
    return usual >= _PROSE_CHARACTERS or flowing >= _FLOWING


def parted(rows: Sequence[Lines]) -> list[list[Lines]]:
    """Rows in blocks, parted where the gap between two rows is unusually large."""
    blocks: list[list[Lines]] = []
    least = least_gap(rows)
    for index, row in enumerate(rows):
        if not index or row_top(row) - row_bottom(rows[index - 1]) > least:
            blocks.append([])
        blocks[-1].append(row)
    return blocks


def least_gap(rows: Sequence[Lines]) -> float:
    """From which gap between two rows on, in pixels, a block ends."""
    gaps = [row_top(after) - row_bottom(before) for before, after in pairwise(rows)]
    usual = max(median(gaps), 0.0) if gaps else 0.0
    height = median([line.box.height for row in rows for line in row] or [0.0])
    return max(BLOCK_GAP * usual, _MIN_BLOCK_GAP * height)


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

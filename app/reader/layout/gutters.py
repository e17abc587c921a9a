"""Gutters: tall white stretches between words, which may part two columns.

The boxes of lines are padded, so that a narrow gutter all but closes between them; those of
words are as the ink is. Each gap between two words of one row is followed up and down for as long
as no word closes it, in the manner of Breuel's white rectangles ("Two geometric algorithms for
layout analysis", 2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from app.core.geometry import Box
from app.core.reading import Line
from app.reader.layout.lines import of_words, word_boxes
from app.reader.ocr.onnx import Array

# A gutter is at least this wide and this high, in heights of a word, and the two together are
# at least so much: three rows of justified prose may have their gaps above each other by chance.
_LEAST_WIDTH, _LEAST_HEIGHT, _LEAST_AREA = 0.45, 3.0, 4.0
# An island has at least this share of its rows on each side.
_BESIDE = 0.5
# Words of this many times the usual height are a headline's.
_HEADLINE = 1.4
# Two words are in one row if they share this much of the height of the less high.
_SAME_ROW = 0.4
# Words reach into a gutter by this much of their height without closing it: specks do.
_SLACK = 0.15


@dataclass(frozen=True, slots=True)
class Gutter:
    """White from `left` to `right` and `top` to `bottom`, with text on both sides.

    `island` are lines in the midst of it that the text on both sides runs around: a caption, a
    pull quote.
    """

    left: float
    right: float
    top: float
    bottom: float
    island: tuple[Line, ...] = ()

    @property
    def x(self) -> float:
        """Its middle."""
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top


def word_height(lines: Sequence[Line]) -> float:
    """The usual height of the words of lines, of which there must be one."""
    return median(box.height for line in lines for box in word_boxes(line))


def gutters(lines: Sequence[Line]) -> list[Gutter]:
    """All stretches that may be gutters, the highest first."""
    if not lines:
        return []
    height = word_height(lines)
    boxes = np.array(
        [
            (box.left, box.top, box.right, box.bottom)
            for line in lines
            for box in _closed(line, height)
        ]
    )
    found: dict[tuple[int, int, int], Gutter] = {}
    for left, right, y in _gaps(boxes, _LEAST_WIDTH * height):
        gutter = _followed(boxes, left, right, y, height)
        key = (
            round(gutter.x / height),
            round(gutter.top / height),
            round(gutter.bottom / height),
        )
        width = (gutter.right - gutter.left) / height
        high = gutter.height / height
        if width * high >= _LEAST_AREA and high >= _LEAST_HEIGHT and key not in found:
            found[key] = gutter
    whole = list(found.values())
    whole += _around_islands(whole, lines, _LEAST_WIDTH * height)
    return sorted(whole, key=lambda gutter: -gutter.height)


def _closed(line: Line, height: float) -> list[Box]:
    """The boxes that a line closes gutters with: in a headline, spaces are as wide as those."""
    boxes = word_boxes(line)
    whole = Box.union(boxes)
    spaces = [after.left - before.right for before, after in pairwise(boxes)]
    is_headline = median(box.height for box in boxes) >= _HEADLINE * height
    return [whole] if is_headline and max(spaces, default=0.0) < whole.height else boxes


def _around_islands(found: Sequence[Gutter], lines: Sequence[Line], least: float) -> list[Gutter]:
    """Gutters made of two, one above the other, that only an island interrupts."""
    joined: list[Gutter] = []
    for above in found:
        for below in found:
            left, right = max(above.left, below.left), min(above.right, below.right)
            if below.top <= above.bottom or right - left < least:
                continue
            between = [line for line in lines if above.bottom < line.box.centre_y < below.top]
            island = _island(between, left, right, least)
            if island:
                joined.append(Gutter(left, right, above.top, below.bottom, tuple(island)))
    return joined


def _island(lines: Sequence[Line], left: float, right: float, least: float) -> list[Line]:
    """The lines that stand over `left` to `right` if text stands on both sides of all of them."""
    over = [line for line in lines if line.box.left < right and line.box.right > left]
    if not over:
        return []
    box = Box.union(word for line in over for word in word_boxes(line))
    rest = [line for line in lines if line not in over]
    sides = (
        [line for line in rest if line.box.right < box.left + least],
        [line for line in rest if line.box.left > box.right - least],
    )
    if sum(map(len, sides)) < len(rest):
        return []
    beside = all(
        side and sum(line.box.overlap_y(box) > 0 for line in side) >= _BESIDE * len(over)
        for side in sides
    )
    return over if beside else []


def split(lines: Sequence[Line], gutter: Gutter) -> tuple[list[Line], list[Line]]:
    """The lines, all within its height, left and right of a gutter; some run across it."""
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        before = [word for word in line.words if word.box.centre_x < gutter.x]
        after = [word for word in line.words if word.box.centre_x >= gutter.x]
        if before and after:
            left.append(of_words(line, before))
            right.append(of_words(line, after))
        elif (before or not after) and (before or line.box.centre_x < gutter.x):
            left.append(line)
        else:
            right.append(line)
    return left, right


def _gaps(boxes: Array, least: float) -> list[tuple[float, float, float]]:
    """Gaps of at least `least` between neighbours of one row: where from, where to, and its y."""
    found: list[tuple[float, float, float]] = []
    left, top, right, bottom = boxes.T
    heights = bottom - top
    for one in range(len(boxes)):
        shared = np.minimum(bottom, bottom[one]) - np.maximum(top, top[one])
        beside = (shared > _SAME_ROW * np.minimum(heights, heights[one])) & (
            left > (left[one] + right[one]) / 2
        )
        beside[one] = False
        if not beside.any():
            continue
        nearest = left[beside].min()
        if nearest - right[one] >= least:
            found.append((right[one], nearest, (top[one] + bottom[one]) / 2))
    return found


def _followed(boxes: Array, left: float, right: float, y: float, height: float) -> Gutter:
    """The white that a gap at `y` is a part of."""
    slack, least = _SLACK * height, _LEAST_WIDTH * height
    near = boxes[(boxes[:, 2] > left + slack) & (boxes[:, 0] < right - slack)]
    middles = (near[:, 1] + near[:, 3]) / 2
    below = near[middles > y]
    above = near[middles <= y]
    edges = [y, y]
    for end, (some, edge) in enumerate(((above, 3), (below, 1))):
        order = np.argsort(-some[:, 3]) if edge == 3 else np.argsort(some[:, 1])
        reached = None
        for box in some[order]:
            narrowed = _without(left, right, float(box[0]), float(box[2]), slack)
            if narrowed[1] - narrowed[0] < least:
                reached = float(box[edge])
                break
            left, right = narrowed
        if reached is None:
            reached = float(boxes[:, 1].min() if edge == 3 else boxes[:, 3].max())
        edges[end] = reached
    return Gutter(left, right, edges[0], edges[1])


def _without(
    left: float, right: float, begin: float, end: float, slack: float
) -> tuple[float, float]:
    """The larger part of a stretch that a word from `begin` to `end` leaves white."""
    if end <= left + slack or begin >= right - slack:
        return left, right
    return (left, begin) if begin - left >= right - end else (end, right)

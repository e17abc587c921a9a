"""What a page shows beside the text that it carries: the parts that may hold more."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.core.geometry import Box
from app.reader.intake.pages import Part

Grey = np.ndarray

# Grey levels from which a word has left a trace, and a mark stands out from its ground.
_TRACE = 12
_EDGE = 16
# In pixels of a page at 72 dpi: a straight line this long is a rule, no letter.
_RULE = 36
# Marks this near to each other are one part; a part smaller than a letter is dirt or a bullet.
_NEAR = 12
_SMALLEST = 7
_MARGIN = 6
# A stroke is no wider than this, with its edges.
_STROKE = 4
# Rules nearer than this meet.
_TOUCH = 5
# So many level rules of one width make a table.
_LEAST_ALIKE = 3
# Many small parts take longer than the page as a whole.
_MOST_PARTS = 8
_MOST_AREA = 0.6


@dataclass(frozen=True, slots=True)
class Left:
    """What is drawn beside the text: parts that could be text, dots, rules that make cells."""

    parts: list[Part]
    has_dots: bool = False
    has_grid: bool = False


def trace(page: Grey, without: Grey, box: Box, scale: float) -> bool:
    """Whether the text in `box` changes the page, that is: whether somebody can see it.

    Both are uint8 pictures of one page; `scale` brings the box to their pixels.
    """
    height, width = page.shape
    top, bottom = int(box.top * scale), int(np.ceil(box.bottom * scale)) + 1
    left, right = int(box.left * scale), int(np.ceil(box.right * scale)) + 1
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return False
    place = np.s_[max(0, top) : bottom, max(0, left) : right]
    return bool(cv2.absdiff(page[place], without[place]).max() >= _TRACE)


def left(page: Grey) -> Left:
    """Where marks stand that could be text, and what else is drawn, on a grey picture (uint8)."""
    edges = cv2.morphologyEx(page, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > _EDGE
    marks = edges.astype(np.uint8)
    if not marks.any():
        return Left([])
    # All rules before any is taken away: those across would cut those down into short ones.
    across, down = (
        cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones(size, np.uint8))
        for size in ((1, _RULE), (_RULE, 1))
    )
    rules = cv2.dilate(cv2.bitwise_or(across, down), np.ones((3, 3), np.uint8))
    marks[rules > 0] = 0
    has_grid = _meet(across, down) or _are_alike(across)
    if not marks.any():
        return Left([], has_grid=has_grid)
    near = cv2.dilate(marks, np.ones((_NEAR, _NEAR), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(near)
    found: list[Part] = []
    has_dots = False
    for one in stats[1:].tolist():
        part = _part(marks, one)
        if part is None:
            has_dots = True
        elif _is_side(part, rules):
            has_grid = True
        else:
            found.append(part)
    found = _apart(found)
    height, width = page.shape
    area = sum((right - left) * (bottom - top) for left, top, right, bottom in found)
    if len(found) > _MOST_PARTS or area > _MOST_AREA * width * height:
        found = [_both(found)]
    return Left(found, has_dots, has_grid)


def _part(marks: Grey, stats: list[int]) -> Part | None:
    """The part around one heap of marks; None for what is smaller than a letter."""
    left, top, wide, high, _ = stats
    height, width = marks.shape
    inner = marks[top : top + high, left : left + wide]
    rows, columns = np.flatnonzero(inner.any(1)), np.flatnonzero(inner.any(0))
    if not rows.size or max(np.ptp(rows), np.ptp(columns)) < _SMALLEST:
        return None
    return (
        max(0, left + int(columns[0]) - _MARGIN),
        max(0, top + int(rows[0]) - _MARGIN),
        min(width, left + int(columns[-1]) + 1 + _MARGIN),
        min(height, top + int(rows[-1]) + 1 + _MARGIN),
    )


def _is_side(part: Part, rules: Grey) -> bool:
    """Whether a mark is a short side of a frame or cell: a stroke that touches a longer rule."""
    left, top, right, bottom = part
    if min(right - left, bottom - top) > _STROKE + 2 * _MARGIN:
        return False
    return bool(np.any(rules[top:bottom, left:right]))


def _meet(across: Grey, down: Grey) -> bool:
    """Whether a level rule and an upright one touch, as they do where there are cells."""
    if not across.any() or not down.any():
        return False
    around = np.ones((_TOUCH, _TOUCH), np.uint8)
    both = cv2.bitwise_and(cv2.dilate(across, around), cv2.dilate(down, around))
    return bool(np.any(both))


def _are_alike(across: Grey) -> bool:
    """Whether level rules begin and end at the same places, as they do above and below rows."""
    # The two edges of a rule are one with what is between them.
    whole = cv2.morphologyEx(across, cv2.MORPH_CLOSE, np.ones((_STROKE, 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(whole)
    sides = [(left, left + wide) for left, _, wide, _, _ in stats[1:].tolist()]
    return any(
        sum(max(abs(left - begin), abs(right - end)) <= _TOUCH for left, right in sides)
        >= _LEAST_ALIKE
        for begin, end in sides
    )


def _apart(found: list[Part]) -> list[Part]:
    """The parts, those that run into each other as one."""
    separate: list[Part] = []
    for part in found:
        while (other := next((one for one in separate if _overlap(one, part)), None)) is not None:
            separate.remove(other)
            part = _both([other, part])  # noqa: PLW2901 - it grows
        separate.append(part)
    return separate


def _overlap(one: Part, other: Part) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _both(found: list[Part]) -> Part:
    return (
        min(part[0] for part in found),
        min(part[1] for part in found),
        max(part[2] for part in found),
        max(part[3] for part in found),
    )

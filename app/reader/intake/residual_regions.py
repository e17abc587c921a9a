"""What a page shows beside the text that it carries: the parts that may hold more."""

from __future__ import annotations

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
# Many small parts take longer than the page as a whole.
_MOST_PARTS = 8
_MOST_AREA = 0.6


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


def parts(page: Grey) -> list[Part]:
    """Where marks stand that could be text; none on a page of rules and plain areas."""
    edges = cv2.morphologyEx(page, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > _EDGE
    marks = edges.astype(np.uint8)
    # All rules before any is taken away: those across would cut those down into short ones.
    across, down = (
        cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones(size, np.uint8))
        for size in ((1, _RULE), (_RULE, 1))
    )
    marks[cv2.dilate(cv2.bitwise_or(across, down), np.ones((3, 3), np.uint8)) > 0] = 0
    if not marks.any():
        return []
    near = cv2.dilate(marks, np.ones((_NEAR, _NEAR), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(near)
    height, width = page.shape
    found: list[Part] = []
    for left, top, wide, high, _ in stats[1:].tolist():
        inner = marks[top : top + high, left : left + wide]
        rows, columns = np.flatnonzero(inner.any(1)), np.flatnonzero(inner.any(0))
        if not rows.size or max(np.ptp(rows), np.ptp(columns)) < _SMALLEST:
            continue
        found.append(
            (
                max(0, left + int(columns[0]) - _MARGIN),
                max(0, top + int(rows[0]) - _MARGIN),
                min(width, left + int(columns[-1]) + 1 + _MARGIN),
                min(height, top + int(rows[-1]) + 1 + _MARGIN),
            )
        )
    found = _apart(found)
    area = sum((right - left) * (bottom - top) for left, top, right, bottom in found)
    if len(found) > _MOST_PARTS or area > _MOST_AREA * width * height:
        return [_both(found)]
    return found


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

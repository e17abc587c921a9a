"""Rows of ink where the detection network suspects text without finding it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from app.reader.ocr.onnx import Array

# From this on the network suspects text. It does so on large plain grounds as well,
# so that there must be ink, which differs from what is beside it by this much.
_SUSPECTED, _CONTRAST = 0.003, 16
# Boxes fit their text to within so many pixels. What is nearer to each other than this
# along a line is one row, and too short to be one below this length.
_LOOSE, _ALONG, _LEAST = 6, 12, 12
# What is this near to a row, in its heights, and shares this much of its height is of it.
_NEAR, _SHARED = 2.0, 0.5
# So much of what is around rows is looked at with them, in pixels, and the network
# has as much again around that.
_AROUND, _MARGIN = 16, 20
# Photographs are full of what might be text: at most so many rows, and this share of
# the picture, the margins counted, are looked at again.
_MOST_ROWS, _MOST_AREA = 200, 0.25

Part = tuple[int, int, int, int]  # left, top, right, bottom


def unread(probability: Array, image: Array, found: Sequence[Array]) -> list[Part]:
    """The parts of a picture to look at more closely: there is text that was missed.

    `probability` (float32) is the network's map of `image`, uint8 of shape
    (height, width, 3); `found` are the corners of boxes, each of shape (4, 2).
    """
    height, width = probability.shape
    rows = sorted(_missed(probability, image, found), key=lambda row: row[0] - row[2])
    rows = _grown(rows[:_MOST_ROWS], [_around(corners) for corners in found])
    parts = [
        (
            max(0, left - _AROUND),
            max(0, top - _AROUND),
            min(width, right + _AROUND),
            min(height, bottom + _AROUND),
        )
        for left, top, right, bottom in rows
    ]
    left_over = _MOST_AREA * height * width
    chosen: list[Part] = []
    for part in sorted(_joined(parts), key=lambda part: part[0] - part[2]):
        cost = (part[2] - part[0] + 2 * _MARGIN) * (part[3] - part[1] + 2 * _MARGIN)
        if cost <= left_over:
            left_over -= cost
            chosen.append(part)
    return chosen


def _missed(probability: Array, image: Array, found: Sequence[Array]) -> list[Part]:
    """Stretches of suspected text outside of boxes."""
    missed = (probability > _SUSPECTED).astype(np.uint8)
    known = np.zeros_like(missed)
    for corners in found:
        cv2.fillConvexPoly(known, np.round(corners).astype(np.int32), 1)
    side = 2 * _LOOSE + 1
    missed[cv2.dilate(known, np.ones((side, side), np.uint8)) > 0] = 0
    if not missed.any():
        return []
    grey = np.ascontiguousarray(image[:, :, 1])
    contrast = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    missed[contrast < _CONTRAST] = 0
    missed = cv2.morphologyEx(missed, cv2.MORPH_CLOSE, np.ones((1, _ALONG), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(missed)
    return [
        (left, top, left + width, top + tall)
        for left, top, width, tall, _ in stats[1:].tolist()
        if width >= max(_LEAST, tall)
    ]


def _around(corners: Array) -> Part:
    left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
    return left, top, right, bottom


def _grown(rows: Sequence[Part], boxes: Sequence[Part]) -> list[Part]:
    """Rows as wide as their line: with the boxes and the other rows beside them."""
    found: list[Part] = []
    waiting = list(rows)
    while waiting:
        row = waiting.pop()
        while more := [
            part for part in (*waiting, *boxes) if _hull(row, part) != row and _is_beside(row, part)
        ]:
            row = _hull(row, more[0])
            waiting = [part for part in waiting if part != more[0]]
        found.append(row)
    return found


def _is_beside(row: Part, part: Part) -> bool:
    tall, other = row[3] - row[1], part[3] - part[1]
    shared = min(row[3], part[3]) - max(row[1], part[1])
    gap = max(row[0], part[0]) - min(row[2], part[2])
    return shared >= _SHARED * max(tall, other) and gap <= _NEAR * min(tall, other)


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Parts, those made one that are no larger so."""
    found: list[Part] = []
    for part in sorted(parts, key=lambda part: part[1]):
        whole = part
        while near := [
            other for other in found if _area(_hull(whole, other)) <= _area(whole) + _area(other)
        ]:
            found.remove(near[0])
            whole = _hull(whole, near[0])
        found.append(whole)
    return found


def _hull(one: Part, other: Part) -> Part:
    first = min(one[0], other[0]), min(one[1], other[1])
    return (*first, max(one[2], other[2]), max(one[3], other[3]))


def _area(part: Part) -> int:
    return (part[2] - part[0]) * (part[3] - part[1])

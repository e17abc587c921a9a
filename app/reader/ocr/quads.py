"""Boxes around text, level or turned, and those of one line made one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.reader.ocr.onnx import Array

# Boxes are parts of one line if they share this much of their height and are of
# about one size.
_SAME_LINE, _SAME_SIZE = 0.6, 0.3
# Rows beside an initial are less high than this share of it.
_OF_ROWS = 0.8


@dataclass(frozen=True, slots=True)
class Quad:
    """A box around text, level or turned, in the picture's pixels.

    `width` runs along the text and `height` across it; `angle` is in radians,
    clockwise, between -π/4 and π/4; `lean` is that as it was seen, where a box
    that is nearly level counts as such.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0
    lean: float = 0.0

    @property
    def left(self) -> float:
        """Where a level box begins."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Where a level box ends."""
        return self.x + self.width / 2

    @property
    def corners(self) -> Array:
        """Top left, top right, bottom right, bottom left; float32 of shape (4, 2)."""
        along = np.array((math.cos(self.angle), math.sin(self.angle))) * self.width / 2
        across = np.array((-math.sin(self.angle), math.cos(self.angle))) * self.height / 2
        centre = np.array((self.x, self.y))
        return np.array(
            (
                centre - along - across,
                centre + along - across,
                centre + along + across,
                centre - along + across,
            ),
            np.float32,
        )


def merged(quads: list[Quad]) -> list[Quad]:
    """Level boxes that run into each other along one line as one box.

    Read apart, the letter where they meet would come twice or not at all.
    """
    whole = [quad for quad in quads if quad.angle != 0 or _is_beside_rows(quad, quads)]
    level = sorted((quad for quad in quads if quad not in whole), key=lambda quad: quad.left)
    while level:
        quad, *level = level
        while (follower := _follower(quad, level)) is not None:
            level.remove(follower)
            quad = _around(quad, follower)
        whole.append(quad)
    return whole


def _follower(quad: Quad, others: list[Quad]) -> Quad | None:
    """The first of `others` (sorted, further right) that begins inside `quad`, on its line."""
    for other in others:
        if other.left >= quad.right:
            return None
        small, large = sorted((quad.height, other.height))
        shared = (quad.height + other.height) / 2 - abs(quad.y - other.y)
        if min(shared, small) > _SAME_LINE * small and small > _SAME_SIZE * large:
            return other
    return None


def _is_beside_rows(quad: Quad, others: list[Quad]) -> bool:
    """Whether several rows begin at a box, such as an initial: it is not a part of one of them."""
    rows = [
        other
        for other in others
        if other.height < _OF_ROWS * quad.height
        and quad.left < other.left < quad.right + other.height
        and abs(other.y - quad.y) < quad.height / 2
    ]
    return any(
        abs(one.y - other.y) > _SAME_LINE * max(one.height, other.height)
        for one in rows
        for other in rows
    )


def _around(one: Quad, other: Quad) -> Quad:
    left, right = min(one.left, other.left), max(one.right, other.right)
    top = min(one.y - one.height / 2, other.y - other.height / 2)
    bottom = max(one.y + one.height / 2, other.y + other.height / 2)
    lean = max(one, other, key=lambda quad: quad.width).lean
    return Quad((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, lean=lean)


def share(one: Quad, other: Quad) -> float:
    """Which share of the smaller of two boxes, taken as level, the larger one covers."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = (one.height + other.height) / 2 - abs(one.y - other.y)
    smaller = min(one.width, other.width) * min(one.height, other.height)
    down = min(down, one.height, other.height)
    return max(0.0, across) * max(0.0, down) / smaller

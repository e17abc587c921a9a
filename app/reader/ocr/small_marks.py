"""Marks between two pieces of a row that are too small for the detection network: `", "."`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from app.reader.ocr.onnx import Array
from app.reader.ocr.quads import Quad

# Pieces of one row share this much of their height, and are of about one size. No more than
# so many heights are between them.
_SHARED, _SAME_SIZE, _GAP = 0.6, 0.4, 8.0
# A mark differs from its ground by this much, and is no higher than this share of the row: what
# is higher is a rule or a letter. Dots that lead to a page number are none.
_CONTRAST, _HIGH, _LEAST, _MOST = 48, 0.6, 2, 24
_LEADERS = "...."


def rows_with_marks(image: Array, quads: Sequence[Quad], read: Sequence[Quad]) -> list[list[Quad]]:
    """Stretches of `quads` that are one row each with small marks among them, left to right.

    `image` is uint8 of shape (height, width, 3); the boxes are level in it. `read` are those
    of them that were legible: the others may be marks themselves.
    """
    legible = set(read)
    waiting = sorted((quad for quad in quads if not quad.angle), key=lambda quad: quad.left)
    found: list[list[Quad]] = []
    while waiting:
        row = [waiting.pop(0)]
        # What is no text before a row is a bullet or an icon.
        if row[0] not in legible:
            continue
        while after := _next(row, waiting):
            near = after.left - row[-1].right <= row[-1].height
            if not (near and not {row[-1], after} <= legible) and not _has_marks(
                image, row[-1], after
            ):
                break
            waiting.remove(after)
            row.append(after)
        if len(row) > 1:
            found.append(row)
    return found


def joined(row: Sequence[Quad]) -> Quad:
    """One box around a row's pieces."""
    left, right = min(quad.left for quad in row), max(quad.right for quad in row)
    high = max(row, key=lambda quad: quad.height)
    return replace(high, x=(left + right) / 2, width=right - left)


def has_more(text: str, pieces: Sequence[str]) -> bool:
    """Whether a row's text has all letters and digits of its pieces, and marks beside them.

    A piece of one letter may have been a mark itself, as "1" for a quote is.
    """
    sure = [piece for piece in pieces if len(piece) > 1]
    return _LEADERS not in text.replace(" ", "") and any(
        _letters(text) == _letters("".join(some))
        and len(text.replace(" ", "")) > len("".join(some).replace(" ", ""))
        for some in (pieces, sure)
    )


def _letters(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def _next(row: Sequence[Quad], others: Sequence[Quad]) -> Quad | None:
    """The box that stands next in a row, as high as the highest of it or a mark less high."""
    quad = max(row, key=lambda one: one.height)
    beside = [other for other in others if other.left > row[-1].x and _is_of(quad, other)]
    near = min(beside, key=lambda other: other.left, default=None)
    return near if near and near.left - row[-1].right <= _GAP * quad.height else None


def _is_of(quad: Quad, other: Quad) -> bool:
    """Whether a box stands in the row of another."""
    small, large = sorted((quad.height, other.height))
    shared = (quad.height + other.height) / 2 - abs(quad.y - other.y)
    return min(shared, small) >= _SHARED * small and small >= _SAME_SIZE * large


def _has_marks(image: Array, before: Quad, after: Quad) -> bool:
    top = max(0, round(before.y - before.height / 2))
    bottom = round(before.y + before.height / 2)
    left, right = max(0, round(before.right)), round(after.left)
    if right - left < _LEAST:
        return False
    part = image[top:bottom, left:right]
    ground = np.median(part, axis=(0, 1)).astype(np.uint8)
    contrast = cv2.absdiff(part, np.broadcast_to(ground, part.shape)).max(axis=2)
    ink = (contrast >= _CONTRAST).astype(np.uint8)
    stats = cast("Array", cv2.connectedComponentsWithStats(ink)[2])
    heights = stats[1:, cv2.CC_STAT_HEIGHT]
    marks = int((heights >= _LEAST).sum())
    return 0 < marks <= _MOST and int(heights.max()) <= _HIGH * before.height

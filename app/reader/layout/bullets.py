"""Dots before list items, which the detector leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from app.core.geometry import Box
from app.core.reading import Line, Word
from app.reader.layout.lines import size
from app.reader.ocr.onnx import Array

# How far before the text a dot stands, and how large it is, in sizes of the letters.
_FARTHEST, _NEAREST = 2.4, 0.2
_SMALLEST, _LARGEST = 0.12, 0.6
# A dot is about as wide as high and full; a ring or an icon is not.
_ROUND, _FULL = 0.7, 0.6
# It differs from its ground by this share of what the letters do.
_STRONG = 0.35
# Dots of one list stand at one place, to within this share of a size.
_ALIGNED = 0.25


def with_bullets(lines: Sequence[Line], image: Array) -> list[Line]:
    """Lines, a "•" put before those that the picture (height, width, 3) shows a dot before.

    A single dot may be anything; two above one another begin list items.
    """
    grey = image[:, :, 1]
    dots = {
        index: dot
        for index, line in enumerate(lines)
        if (dot := _dot(line, grey)) is not None and not _is_beside_another(line, lines)
    }
    return [
        _marked(line, dots[index])
        if index in dots and _has_partner(dots[index], line, [*dots.values()])
        else line
        for index, line in enumerate(lines)
    ]


def _dot(line: Line, grey: Array) -> Box | None:
    """The one dot before a line's first word, if nothing else is there."""
    if not line.words or not line.words[0].text[0].isalnum():
        return None
    first = line.words[0].box
    letters = size(line)
    left = max(0, round(first.left - _FARTHEST * letters))
    right, top, bottom = (
        round(first.left - _NEAREST * letters),
        round(first.top),
        round(first.bottom),
    )
    ground, own = grey[top:bottom, left:right], grey[top:bottom, right : round(first.right)]
    if min(ground.shape) < 3 or not own.size:
        return None
    plain = float(np.median(ground))
    strong = _STRONG * float(np.abs(own.astype(np.float32) - plain).max())
    ink = (np.abs(ground.astype(np.float32) - plain) > max(strong, 16)).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    if count != 2:
        return None
    x, y, width, height, area = (int(value) for value in stats[1])
    small, large = sorted((width, height))
    inside = x > 0 and y > 0 and x + width < ink.shape[1] and y + height < ink.shape[0]
    is_dot = (
        inside
        and _SMALLEST * letters <= small
        and large <= _LARGEST * letters
        and small >= _ROUND * large
        and area >= _FULL * width * height
    )
    if not is_dot:
        return None
    return Box(float(left + x), float(top + y), float(left + x + width), float(top + y + height))


def _is_beside_another(line: Line, lines: Sequence[Line]) -> bool:
    """Whether another line ends where the dot would be: it would be that one's full stop."""
    reach = line.box.left - _FARTHEST * line.box.height
    return any(
        other is not line
        and reach < other.box.right <= line.box.left + line.box.height
        and other.box.top < line.box.centre_y < other.box.bottom
        for other in lines
    )


def _has_partner(dot: Box, line: Line, dots: Sequence[Box]) -> bool:
    near = _ALIGNED * size(line)
    return any(
        other is not dot
        and abs(other.left - dot.left) <= near
        and abs(other.width - dot.width) <= near
        for other in dots
    )


def _marked(line: Line, dot: Box) -> Line:
    word = Word("•", dot, line.confidence)
    box = Box.union((Box(dot.left, line.box.top, dot.right, line.box.bottom), line.box))
    return replace(line, text=f"• {line.text}", box=box, words=(word, *line.words))

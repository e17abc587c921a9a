"""Where the text is: the detection network over a picture of any size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np

from app.reader.ocr.onnx import DETECTION, Array, Session, Team
from app.reader.ocr.quads import Quad, merged, share
from app.reader.ocr.second_pass import unread
from app.reader.ocr.tiles import axis, joined

Colour = tuple[int, int, int]

# A margin of plain background: text at the very edge is lost without it.
_MARGIN = 40
_STEP = 32  # The network halves its input five times.
# Largest tile. A whole 1080p screenshot at once takes as long and twice the memory.
_TILE_HEIGHT, _TILE_WIDTH = 704, 1088
# A tile whose pixels differ by no more than this has nothing on it.
_PLAIN = 6

_PROBABLE = 0.3
_MIN_SCORE = 0.4
# A patch that fills less than this of its box ties several rows together, which are parted
# where the network is less sure than one of these.
_FILLED, _SURER = 0.5, (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_MIN_SIDE = 3
# A picture less high or wide than this holds no letter.
_MIN_PICTURE = 5
# The network marks the heart of a line; the line reaches further out by this
# times the heart's area over its circumference.
_REACH = 1.6
# A line that rises by less than this share of its height counts as level.
_LEVEL = 0.3


# Letters below some 9 pixels are missed, those above 200 fall apart. Small
# pictures are enlarged; large ones are looked at from afar first, and closely
# only if that shows small text.
_SMALL_AREA = 400_000
_FULL_AREA = 2_400_000
_SMALL_LINE = 16.0
# What was missed is looked at again, enlarged by this. A box of that look is the same
# as one before if the larger covers this share of the smaller.
_CLOSER, _SAME_TEXT = 2.0, 0.5


@dataclass(frozen=True, slots=True)
class _View:
    """Boxes in the picture's pixels, and the picture and the network's map at `scale`."""

    quads: list[Quad]
    scale: float
    image: Array
    probability: Array


class Detector:
    """Finds lines of text."""

    def __init__(self, team: Team) -> None:
        self._session = Session(DETECTION, frugal=True)
        self._team = team

    def find(self, image: Array, ground: Colour, cancelled: Callable[[], bool]) -> list[Quad]:
        """Boxes of text, in no order, in an uint8 picture of shape (height, width, 3).

        `ground` is the picture's background. Raises WorkCancelledError.
        """
        height, width = image.shape[:2]
        if min(height, width) < _MIN_PICTURE:
            return []
        area = height * width
        if area <= _SMALL_AREA:
            return self._look(image, 2.0, ground, cancelled).quads
        if area > _FULL_AREA:
            view = self._look(image, math.sqrt(_FULL_AREA / area), ground, cancelled)
            heights = [quad.height * view.scale for quad in view.quads]
            if heights and np.percentile(heights, 10) > _SMALL_LINE:
                return self._with_missed(image, view, cancelled)
        return self._with_missed(image, self._look(image, 1.0, ground, cancelled), cancelled)

    def _look(
        self, image: Array, scale: float, ground: Colour, cancelled: Callable[[], bool]
    ) -> _View:
        if scale != 1.0:
            way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
            image = cv2.resize(image, size, interpolation=way)
        probability = self._probability(image, ground, cancelled)
        quads = [
            replace(
                quad,
                x=(quad.x - _MARGIN) / scale,
                y=(quad.y - _MARGIN) / scale,
                width=quad.width / scale,
                height=quad.height / scale,
            )
            for quad in merged(_quads(probability))
        ]
        inner = probability[_MARGIN : _MARGIN + len(image), _MARGIN : _MARGIN + image.shape[1]]
        return _View(quads, scale, image, inner)

    def _with_missed(self, image: Array, view: _View, cancelled: Callable[[], bool]) -> list[Quad]:
        """A view's boxes, and what it missed: small text beside large is, and pale text."""
        corners = [quad.corners * view.scale for quad in view.quads]
        quads = view.quads
        for part in unread(view.probability, view.image, corners):
            left, top, right, bottom = (round(side / view.scale) for side in part)
            piece = image[top:bottom, left:right]
            ground = cast("Colour", tuple(np.median(piece[[0, -1]], axis=(0, 1)).tolist()))
            found = self._look(piece, _CLOSER * view.scale, ground, cancelled).quads
            quads = _completed(
                quads, [replace(quad, x=quad.x + left, y=quad.y + top) for quad in found]
            )
        return quads

    def _probability(self, image: Array, ground: Colour, cancelled: Callable[[], bool]) -> Array:
        """How likely each pixel is text: float32, `_MARGIN` wider than `image` on each side."""
        height, width = image.shape[:2]
        rows = axis(height + 2 * _MARGIN, _TILE_HEIGHT, _STEP)
        columns = axis(width + 2 * _MARGIN, _TILE_WIDTH, _STEP)
        below, right = rows.total - height - _MARGIN, columns.total - width - _MARGIN
        framed = cv2.copyMakeBorder(
            image, _MARGIN, below, _MARGIN, right, cv2.BORDER_CONSTANT, value=ground
        )

        def one(corner: tuple[int, int]) -> Array:
            top, left = corner
            tile = framed[top : top + rows.size, left : left + columns.size]
            # Much of a page is empty, and the network takes its time over that as well.
            if int(np.ptp(tile, axis=(0, 1)).max()) <= _PLAIN:
                return np.zeros(tile.shape[:2], np.float32)
            values = tile.astype(np.float32).transpose(2, 0, 1)[None] * (2 / 255) - 1
            return self._session.run(values)[0, 0]

        corners = [(top, left) for top in rows.starts for left in columns.starts]
        return joined(rows, columns, self._team.map(one, corners, cancelled))


def _quads(probability: Array) -> list[Quad]:
    """A box around every connected patch of likely text."""
    patches = cv2.dilate((probability > _PROBABLE).astype(np.uint8), np.ones((2, 2), np.uint8))
    found: list[Quad] = []
    for contour in _outlines(patches):
        for one in _untied(contour, probability):
            quad = _heart(one)
            if min(quad.width, quad.height) < _MIN_SIDE or _score(probability, one) < _MIN_SCORE:
                continue
            reach = _REACH * quad.width * quad.height / (quad.width + quad.height)
            found.append(replace(quad, width=quad.width + reach, height=quad.height + reach))
    return found


def _outlines(patches: Array) -> list[Array]:
    """The outer outlines of patches in an uint8 picture of 0 and others."""
    contours, hierarchy = cv2.findContours(patches, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [contour for index, contour in enumerate(contours) if hierarchy[0][index][3] < 0]


def _untied(contour: Array, probability: Array) -> list[Array]:
    """A patch, or those that it falls into where a thread ties rows of text together.

    A row fills its box. Where rows touch, as beside an initial of several rows, the network is
    less sure than inside of them.
    """
    quad = _heart(contour)
    if cv2.contourArea(contour) >= _FILLED * quad.width * quad.height:
        return [contour]
    left, top, width, height = cv2.boundingRect(contour)
    corner = np.array((left, top))
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [contour - corner], 1)
    part = probability[top : top + height, left : left + width] * inside

    def smaller(outline: Array) -> bool:
        return cv2.contourArea(outline) < cv2.contourArea(contour)

    for least in _SURER:
        parts = [
            outline
            for outline in _outlines((part > least).astype(np.uint8))
            if min(cv2.boundingRect(outline)[2:]) >= _MIN_SIDE
        ]
        # A frame with a patch inside falls into the two, of which the frame is what it was.
        if len(parts) > 1 and all(map(smaller, parts)):
            return [one for outline in parts for one in _untied(outline + corner, probability)]
    return [contour]


def _completed(quads: list[Quad], closer: Sequence[Quad]) -> list[Quad]:
    """Boxes with those of a closer look that cover more of a line than they do."""
    for quad in closer:
        same = [other for other in quads if share(quad, other) >= _SAME_TEXT]
        # Where it adds less than a letter, it is no better.
        if quad.width - sum(other.width for other in same) > quad.height:
            quads = [*(other for other in quads if other not in same), quad]
    return merged(quads)


def _heart(contour: Array) -> Quad:
    """The smallest box around a patch, made level where it nearly is."""
    (x, y), (width, height), degrees = cv2.minAreaRect(contour)
    if abs(degrees) > 45:
        degrees -= math.copysign(90, degrees)
        width, height = height, width
    angle = math.radians(degrees)
    if abs(math.sin(angle)) * max(width, height) < _LEVEL * min(width, height):
        left, top, width, height = cv2.boundingRect(contour)
        return Quad(left + width / 2, top + height / 2, width, height, lean=angle)
    return Quad(x, y, width, height, angle, angle)


def _score(probability: Array, contour: Array) -> float:
    """The mean probability inside a patch's outline."""
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (left, top)], 1)
    return cv2.mean(probability[top : top + height, left : left + width], mask)[0]

"""Pages that are sideways, upside down or askew, turned upright for reading."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.core.geometry import Box
from app.core.reading import Line, Page
from app.reader.ocr.detection import Colour
from app.reader.ocr.onnx import Array
from app.reader.ocr.quads import Quad

# A box this much longer than it is wide tells which way its text runs.
_LONG = 1.5
# So many times more text must run down the picture than across.
_MOSTLY = 2.0
# Slants below this, in degrees, do not bring the order of lines into disorder.
_LEAST_SKEW = 0.5
# Boxes this much wider than high tell the slant, if this share is within so many degrees.
_WIDE, _AGREED, _NEAR = 4.0, 0.7, 1.5


@dataclass(frozen=True, slots=True)
class Turning:
    """How a picture of `width` × `height` pixels is turned for reading.

    By `quarters` counterclockwise first, then by `skew` radians counterclockwise.
    """

    width: int
    height: int
    quarters: int = 0
    skew: float = 0.0

    @property
    def degrees(self) -> float:
        """The whole turn, clockwise, above -180 and up to 180."""
        turned = (-90 * self.quarters - math.degrees(self.skew)) % 360
        return turned - 360 if turned > 180 else turned

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the turned picture, which holds all of the unturned one."""
        width, height = self.width, self.height
        if self.quarters % 2:
            width, height = height, width
        cosine, sine = math.cos(self.skew), abs(math.sin(self.skew))
        return (
            math.ceil(width * cosine + height * sine - 1e-6),
            math.ceil(width * sine + height * cosine - 1e-6),
        )

    @property
    def matrix(self) -> Array:
        """Places of the unturned picture to those of the turned one; float64 of shape (3, 3)."""
        width, height = self.width, self.height
        quarter = (
            ((1, 0, 0), (0, 1, 0)),
            ((0, 1, 0), (-1, 0, width)),
            ((-1, 0, width), (0, -1, height)),
            ((0, -1, height), (1, 0, 0)),
        )[self.quarters % 4]
        if self.quarters % 2:
            width, height = height, width
        cosine, sine = math.cos(self.skew), math.sin(self.skew)
        across, down = self.size
        x, y = width / 2, height / 2
        level = (
            (cosine, sine, across / 2 - cosine * x - sine * y),
            (-sine, cosine, down / 2 + sine * x - cosine * y),
            (0, 0, 1),
        )
        return np.array(level) @ np.array((*quarter, (0, 0, 1)))

    def image(self, image: Array, ground: Colour) -> Array:
        """The turned picture; `ground` where there was nothing."""
        image = np.ascontiguousarray(np.rot90(image, self.quarters))
        if not self.skew:
            return image
        level = Turning(image.shape[1], image.shape[0], 0, self.skew)
        return cv2.warpAffine(
            image,
            level.matrix[:2],
            level.size,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=ground,
        )

    def back(self, page: Page, places: Mapping[Line, Line] | None = None) -> Page:
        """A page of the turned picture with its boxes in the unturned one.

        `places` has lines of it that are known there.
        """
        if not (self.quarters or self.skew):
            return page
        inverse = np.linalg.inv(self.matrix)
        known = places or {}
        blocks = tuple(
            block.with_lines(
                tuple(known.get(line) or self._line(line, inverse) for line in block.lines)
            )
            for block in page.blocks
        )
        return replace(
            page, width=self.width, height=self.height, blocks=blocks, turned=self.degrees
        )

    def lines_back(self, lines: Sequence[Line]) -> list[Line]:
        """Lines of the turned picture with their boxes in the unturned one."""
        if not (self.quarters or self.skew):
            return list(lines)
        inverse = np.linalg.inv(self.matrix)
        return [self._line(line, inverse) for line in lines]

    def _line(self, line: Line, inverse: Array) -> Line:
        return line.with_boxes(lambda box: self._box(box, inverse))

    def _box(self, box: Box, inverse: Array) -> Box:
        xs = np.array((box.left, box.right, box.right, box.left))
        ys = np.array((box.top, box.top, box.bottom, box.bottom))
        x, y, _ = inverse @ np.array((xs, ys, np.ones(4)))
        return Box(
            float(np.clip(x.min(), 0, self.width)),
            float(np.clip(y.min(), 0, self.height)),
            float(np.clip(x.max(), 0, self.width)),
            float(np.clip(y.max(), 0, self.height)),
        )


def is_sideways(quads: Sequence[Quad]) -> bool:
    """Whether by far most of the text runs up or down the picture."""
    down = sum(quad.height for quad in quads if quad.height > _LONG * quad.width)
    across = sum(quad.width for quad in quads if quad.width > _LONG * quad.height)
    return down > _MOSTLY * across


def skew_of(quads: Sequence[Quad]) -> float:
    """The slant that most lines share, in radians, clockwise; 0 if there is none."""
    long = sorted((quad.lean, quad.width) for quad in quads if quad.width >= _WIDE * quad.height)
    total = sum(width for _, width in long)
    if not total:
        return 0.0
    angles, widths = np.array(long).T
    middle = float(angles[np.searchsorted(np.cumsum(widths), total / 2)])
    near = np.abs(angles - middle) < math.radians(_NEAR)
    if abs(middle) < math.radians(_LEAST_SKEW) or widths[near].sum() < _AGREED * total:
        return 0.0
    # The longer a line, the less a pixel at its end changes its angle.
    return float(np.average(angles[near], weights=widths[near] ** 2))


def levelled(quads: Sequence[Quad], turning: Turning) -> list[Quad]:
    """Boxes of a picture that is askew as level ones of the picture set right."""
    return [_moved(quad, turning.matrix, 0.0) for quad in quads]


def slanted(quads: Sequence[Quad], turning: Turning) -> list[Quad]:
    """Level boxes of the picture set right where they stand in the one that is askew."""
    inverse = np.linalg.inv(turning.matrix)
    return [_moved(quad, inverse, turning.skew) for quad in quads]


def _moved(quad: Quad, matrix: Array, angle: float) -> Quad:
    x, y, _ = matrix @ np.array((quad.x, quad.y, 1.0))
    return replace(quad, x=float(x), y=float(y), angle=angle)

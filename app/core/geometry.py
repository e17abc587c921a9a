"""Upright boxes in a picture: their sums, and how they look in a turned one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians, sin


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in the picture's pixels, origin top left."""

    left: float
    top: float
    right: float
    bottom: float

    @staticmethod
    def union(boxes: Iterable[Box]) -> Box:
        """The smallest box around boxes. Raises ValueError where there are none."""
        lefts, tops, rights, bottoms = zip(
            *((box.left, box.top, box.right, box.bottom) for box in boxes), strict=True
        )
        return Box(min(lefts), min(tops), max(rights), max(bottoms))

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def centre_x(self) -> float:
        """Horizontal centre in pixels."""
        return (self.left + self.right) / 2

    @property
    def centre_y(self) -> float:
        """Vertical centre in pixels."""
        return (self.top + self.bottom) / 2

    def overlap_x(self, other: Box) -> float:
        """How many pixels the two share from left to right; less than 0 is a gap."""
        return min(self.right, other.right) - max(self.left, other.left)

    def overlap_y(self, other: Box) -> float:
        """How many pixels the two share from top to bottom; less than 0 is a gap."""
        return min(self.bottom, other.bottom) - max(self.top, other.top)

    def contains(self, x: float, y: float) -> bool:
        """Whether the point is inside, edges included."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def upright(box: Box, turned: float) -> Box:
    """A box of a page's picture in that picture turned by `turned` degrees around its corner.

    A line that is askew in the picture has a box far higher than itself; here
    it is level, and its box as it was read.
    """
    if not turned:
        return box
    quarters = round(turned / 90)
    width, height = (box.height, box.width) if quarters % 2 else (box.width, box.height)
    skew = abs(radians(turned - 90 * quarters))
    wide = max(0.0, width * cos(skew) - height * sin(skew)) / cos(2 * skew)
    high = max(0.0, height * cos(skew) - width * sin(skew)) / cos(2 * skew)
    angle = radians(turned)
    x = box.centre_x * cos(angle) - box.centre_y * sin(angle)
    y = box.centre_x * sin(angle) + box.centre_y * cos(angle)
    return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)

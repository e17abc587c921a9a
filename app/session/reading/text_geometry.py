"""Directions of text, and sums with boxes; lengths in the picture's pixels."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from app.core.geometry import Box


class Way(Enum):
    """Into which direction of the picture a line runs: (x, y) of one step along it."""

    RIGHT = (1, 0)
    LEFT = (-1, 0)
    DOWN = (0, 1)
    UP = (0, -1)


# By quarters of a turn that the picture was turned clockwise for reading.
TURNED = (Way.RIGHT, Way.UP, Way.LEFT, Way.DOWN)


def share_along(box: Box, way: Way, x: float, y: float) -> float:
    """How far along the box a point is, from 0 to 1."""
    match way:
        case Way.RIGHT:
            share = (x - box.left) / (box.width or 1)
        case Way.LEFT:
            share = (box.right - x) / (box.width or 1)
        case Way.DOWN:
            share = (y - box.top) / (box.height or 1)
        case Way.UP:
            share = (box.bottom - y) / (box.height or 1)
    return min(max(share, 0.0), 1.0)


def slice_of(box: Box, way: Way, first: float, last: float) -> Box:
    """The part of the box between two shares of its length."""
    wide, high = box.width, box.height
    match way:
        case Way.RIGHT:
            return replace(box, left=box.left + first * wide, right=box.left + last * wide)
        case Way.LEFT:
            return replace(box, left=box.right - last * wide, right=box.right - first * wide)
        case Way.DOWN:
            return replace(box, top=box.top + first * high, bottom=box.top + last * high)
        case Way.UP:
            return replace(box, top=box.bottom - last * high, bottom=box.bottom - first * high)


def distance_to(box: Box, x: float, y: float) -> tuple[float, float]:
    """How far a point is from a box, sideways and up or down; 0 inside."""
    return max(box.left - x, x - box.right, 0), max(box.top - y, y - box.bottom, 0)

"""Grids of ruled lines in a picture, and the cells that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from app.reader.layout.tables.strokes import strokes
from app.reader.ocr.onnx import Array

# A rule is longer than this many line heights; a shorter stroke is part of a letter.
_LONG_ACROSS, _LONG_DOWN = 2.5, 1.6
# Rules nearer to each other than this share of a line's height are one.
SAME = 0.5
# Rules nearer than that many pixels meet; level ones, which may be double, than so many heights.
_NEAR, _DOUBLE = 5, 0.35
# A border between two cells is there if this share of it is.
_BORDER = 0.5
# Squared paper and hatching are no table.
_MOST_PLACES = 10_000

Area = tuple[int, int, int, int]
"""First row and column of a cell, and those after its last."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a table's rules stand in the picture.

    `across` and `down` are 1 where there is one, within the table, whose top
    left corner is `left`, `top`.
    """

    left: int
    top: int
    xs: list[int]
    ys: list[int]
    across: Array
    down: Array


def drawn(image: Array, height: float) -> tuple[Array, Array]:
    """Level and upright strokes of a picture whose lines are `height` pixels high.

    The picture is uint8 (height, width, 3), they are 1 where there is a stroke.
    """
    grey = np.ascontiguousarray(image[:, :, 1])
    return (
        strokes(grey, round(_LONG_ACROSS * height), level=True),
        strokes(grey, round(_LONG_DOWN * height), level=False),
    )


def grids(across: Array, down: Array, height: float) -> list[Grid]:
    """Grids of level and upright strokes around lines that are `height` pixels high."""
    # Rules that nearly meet belong together, double ones too.
    around = np.ones((max(_NEAR, round(_DOUBLE * height)), _NEAR), np.uint8)
    near = cv2.dilate(cv2.bitwise_or(across, down), around)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near)
    found: list[Grid] = []
    for label in range(1, count):
        left, top, width, tall, _ = (int(value) for value in stats[label])
        if width < 4 * height or tall < 2 * height:
            continue
        part = np.s_[top : top + tall, left : left + width]
        own = (labels[part] == label).astype(np.uint8)
        grid_across, grid_down = across[part] * own, down[part] * own
        ys = _places(grid_across, 1, height, tall)
        xs = _places(grid_down, 0, height, width)
        if len(xs) > 2 and len(ys) > 2 and len(xs) * len(ys) <= _MOST_PLACES:
            xs, ys = [left + x for x in xs], [top + y for y in ys]
            found.append(Grid(left, top, xs, ys, grid_across, grid_down))
    return found


def _places(mask: Array, axis: int, height: float, length: int) -> list[int]:
    """Where rules stand along a side; the sides of the whole are borders, drawn or not."""
    held = mask.sum(axis=axis)
    least = height if axis == 0 else 2 * height
    near = max(3.0, SAME * height)
    places: list[list[int]] = []
    for place in np.flatnonzero(held >= least):
        if places and place - places[-1][0] <= near:
            places[-1].append(int(place))
        else:
            places.append([int(place)])
    middles = [round(sum(group) / len(group)) for group in places]
    if not middles or middles[0] > height:
        middles.insert(0, 0)
    if length - 1 - middles[-1] > height:
        middles.append(length - 1)
    return middles


def merged(grid: Grid) -> dict[tuple[int, int], Area]:
    """For each place of the grid the cell it belongs to: first row, column, and those after."""
    down, across = len(grid.ys) - 1, len(grid.xs) - 1
    cells = {(r, c): (r, c, r + 1, c + 1) for r in range(down) for c in range(across)}

    def unite(one: Area, other: Area) -> None:
        whole, before = _hull(one, other), one
        inside: list[tuple[int, int]] = []
        # What reaches out of the rectangle grows it further.
        while whole != before or not inside:
            before = whole
            inside = [(r, c) for r in range(whole[0], whole[2]) for c in range(whole[1], whole[3])]
            for place in inside:
                whole = _hull(whole, cells[place])
        for place in inside:
            cells[place] = whole

    for row in range(down):
        for column in range(across):
            here = cells[row, column]
            if column + 1 < across and not has_border(grid, row, column, upright=True):
                unite(here, cells[row, column + 1])
            if row + 1 < down and not has_border(grid, row, column, upright=False):
                unite(cells[row, column], cells[row + 1, column])
    return cells


def _hull(one: Area, other: Area) -> Area:
    first = min(one[0], other[0]), min(one[1], other[1])
    return (*first, max(one[2], other[2]), max(one[3], other[3]))


def has_border(grid: Grid, row: int, column: int, *, upright: bool) -> bool:
    """Whether a rule parts a place from the one to its right (or below)."""
    top, bottom = (y - grid.top for y in grid.ys[row : row + 2])
    left, right = (x - grid.left for x in grid.xs[column : column + 2])
    if upright:
        strip = grid.down[top:bottom, max(0, right - 4) : right + 5].max(axis=1)
    else:
        strip = grid.across[max(0, bottom - 4) : bottom + 5, left:right].max(axis=0)
    return float(strip.mean()) >= _BORDER


def place_of(edges: Sequence[int], place: float) -> int | None:
    """Between which two edges, in their order, a place is; None for outside."""
    return next(
        (index for index, (start, stop) in enumerate(pairwise(edges)) if start <= place < stop),
        None,
    )

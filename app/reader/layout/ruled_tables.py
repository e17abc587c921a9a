"""Tables between ruled lines, seen in the picture."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

import cv2
import numpy as np

from app.core.reading import Block, Cell, Line
from app.reader.layout.lines import of_words
from app.reader.layout.reading_order import rows
from app.reader.layout.ruled_lines import strokes
from app.reader.layout.tables import table_block
from app.reader.ocr.onnx import Array

# A rule is longer than this many line heights; a shorter stroke is part of a letter.
_LONG_ACROSS, _LONG_DOWN = 2.5, 1.6
# Rules nearer to each other than this share of a line's height are one.
_SAME = 0.5
# A border between two cells is there if this share of it is.
_BORDER = 0.5
_LEAST_CELLS, _LEAST_FILLED = 4, 0.35
# A row of at least so many cells, all of which hold as many lines, at heights that
# differ by less than this share of a line, is several rows if it is nearly as high.
_LEAST_BESIDE, _LEVEL, _AS_HIGH = 3, 0.35, 0.92
# Squared paper and hatching are no table.
_MOST_PLACES = 10_000
# Frames of windows and their parts hold more lines than cells do.
_MOST_LINES = 4

# First row and column of a cell, and those after its last.
_Area = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Grid:
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


def ruled(lines: Sequence[Line], image: Array) -> tuple[list[Block], list[Line]]:
    """Tables between ruled lines of a picture, uint8 (height, width, 3), and the lines in none."""
    tables: list[Block] = []
    rest = list(lines)
    if len(rest) < _LEAST_CELLS:
        return tables, rest
    height = median(line.box.height for line in rest)
    for grid in _grids(image, height):
        table, outside = _filled(grid, rest, height)
        if table is not None:
            tables.append(table)
            rest = outside
    return tables, rest


def _grids(image: Array, height: float) -> list[_Grid]:
    grey = np.ascontiguousarray(image[:, :, 1])
    across = strokes(grey, round(_LONG_ACROSS * height), level=True)
    down = strokes(grey, round(_LONG_DOWN * height), level=False)
    # Rules that nearly meet belong together.
    near = cv2.dilate(cv2.bitwise_or(across, down), np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near)
    found: list[_Grid] = []
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
            found.append(_Grid(left, top, xs, ys, grid_across, grid_down))
    return found


def _places(mask: Array, axis: int, height: float, length: int) -> list[int]:
    """Where rules stand along a side; the sides of the whole are borders, drawn or not."""
    held = mask.sum(axis=axis)
    least = height if axis == 0 else 2 * height
    near = max(3.0, _SAME * height)
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


def _filled(grid: _Grid, lines: Sequence[Line], height: float) -> tuple[Block | None, list[Line]]:
    """The table that the grid makes of lines, None if it makes none, and the lines outside."""
    places = _merged(grid)
    filled, outside = _held(grid, places, lines)
    if missed := _missed(grid, filled):
        places = _merged(_with_rules(grid, missed, height))
        filled, outside = _held(grid, places, lines)
    if not _is_table(filled, places):
        return None, list(lines)
    used_rows = sorted({place[0] for place in filled})
    used_columns = sorted({place[1] for place in filled})
    cells = [
        Cell(
            used_rows.index(top),
            used_columns.index(left),
            tuple(parts),
            max(1, sum(top <= row < bottom for row in used_rows)),
            max(1, sum(left <= column < right for column in used_columns)),
        )
        for (top, left, bottom, right), parts in filled.items()
    ]
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return table_block([list(row) for _, row in groupby(cells, lambda cell: cell.row)]), outside


def _held(
    grid: _Grid, places: dict[tuple[int, int], _Area], lines: Sequence[Line]
) -> tuple[dict[_Area, list[Line]], list[Line]]:
    """What each cell holds, in order, and the lines outside of all."""
    held: dict[_Area, list[Line]] = {}
    outside: list[Line] = []
    for line in lines:
        parts = _parts(line, grid, places)
        if parts is None:
            outside.append(line)
            continue
        for place, part in parts:
            held.setdefault(place, []).append(part)
    return {place: _in_order(parts) for place, parts in held.items()}, outside


def _missed(grid: _Grid, filled: dict[_Area, list[Line]]) -> list[int]:
    """Where rules must stand that were too faint to be seen: between rows taken for one."""
    bands: list[dict[tuple[int, int], list[Line]]] = []
    edges: list[tuple[int, int]] = []
    for (top, left, bottom, right), parts in sorted(filled.items()):
        if not edges or top >= edges[-1][1]:
            bands.append({})
            edges.append((top, bottom))
        edges[-1] = edges[-1][0], max(bottom, edges[-1][1])
        bands[-1].setdefault((left, right), []).extend(parts)
    heights = [grid.ys[bottom] - grid.ys[top] for top, bottom in edges]
    counted = [[rows(parts) for parts in band.values()] for band in bands]
    single = [tall for tall, cells in zip(heights, counted, strict=True) if _count(cells) == 1]
    if not single:
        return []
    usual = median(single)
    found: list[int] = []
    for tall, cells in zip(heights, counted, strict=True):
        count = _count(cells)
        if count > 1 and len(cells) >= _LEAST_BESIDE and tall >= _AS_HIGH * count * usual:
            found += _between(cells)
    return found


def _count(cells: Sequence[Sequence[Sequence[Line]]]) -> int:
    """How many rows of text each of the cells holds, 0 if not all hold as many."""
    counts = {len(cell) for cell in cells}
    return counts.pop() if len(counts) == 1 else 0


def _between(cells: Sequence[Sequence[Sequence[Line]]]) -> list[int]:
    """The heights between rows that cells share; none if these are not level."""
    level: list[float] = []
    for row in zip(*cells, strict=True):
        middles = [line.box.centre_y for part in row for line in part]
        tall = median(line.box.height for part in row for line in part)
        if max(middles) - min(middles) > _LEVEL * tall:
            return []
        level.append(median(middles))
    return [round((above + below) / 2) for above, below in pairwise(level)]


def _with_rules(grid: _Grid, missed: Sequence[int], height: float) -> _Grid:
    """The grid with rules added from side to side, or made whole where there was a part."""
    for place in missed:
        near = min(grid.ys, key=lambda y: abs(y - place))
        if abs(near - place) > _SAME * height:
            near = place
            insort(grid.ys, near)
        grid.across[near - grid.top] = 1
    return grid


def _in_order(parts: Sequence[Line]) -> list[Line]:
    return [line for row in rows(parts) for line in row]


def _is_table(
    filled: dict[_Area, list[Line]],
    places: dict[tuple[int, int], _Area],
) -> bool:
    if len(filled) < _LEAST_CELLS:
        return False
    if len({place[0] for place in filled}) < 2 or len({place[1] for place in filled}) < 2:
        return False
    counts = [len(rows(parts)) for parts in filled.values()]
    if median(counts) > _MOST_LINES or max(counts) > 3 * _MOST_LINES:
        return False
    return len(filled) >= _LEAST_FILLED * len(set(places.values()))


def _merged(grid: _Grid) -> dict[tuple[int, int], _Area]:
    """For each place of the grid the cell it belongs to: first row, column, and those after."""
    down, across = len(grid.ys) - 1, len(grid.xs) - 1
    cells = {(r, c): (r, c, r + 1, c + 1) for r in range(down) for c in range(across)}

    def unite(one: _Area, other: _Area) -> None:
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
            if column + 1 < across and not _has_border(grid, row, column, upright=True):
                unite(here, cells[row, column + 1])
            if row + 1 < down and not _has_border(grid, row, column, upright=False):
                unite(cells[row, column], cells[row + 1, column])
    return cells


def _hull(one: _Area, other: _Area) -> _Area:
    first = min(one[0], other[0]), min(one[1], other[1])
    return (*first, max(one[2], other[2]), max(one[3], other[3]))


def _has_border(grid: _Grid, row: int, column: int, *, upright: bool) -> bool:
    """Whether a rule parts a place from the one to its right (or below)."""
    top, bottom = (y - grid.top for y in grid.ys[row : row + 2])
    left, right = (x - grid.left for x in grid.xs[column : column + 2])
    if upright:
        strip = grid.down[top:bottom, max(0, right - 4) : right + 5].max(axis=1)
    else:
        strip = grid.across[max(0, bottom - 4) : bottom + 5, left:right].max(axis=0)
    return float(strip.mean()) >= _BORDER


def _parts(
    line: Line, grid: _Grid, places: dict[tuple[int, int], _Area]
) -> list[tuple[_Area, Line]] | None:
    """A line's parts by the cells they stand in, or None where it stands outside."""
    row = _index(grid.ys, line.box.centre_y)
    if row is None:
        return None
    boxes = [word.box for word in line.words] or [line.box]
    columns = [_index(grid.xs, box.centre_x) for box in boxes]
    if any(column is None for column in columns):
        return None
    cells = [places[row, column] for column in columns if column is not None]
    if len(set(cells)) == 1:
        return [(cells[0], line)]
    parts: list[tuple[_Area, Line]] = []
    words = list(zip(cells, line.words, strict=True))
    for cell, group in groupby(words, lambda pair: pair[0]):
        parts.append((cell, of_words(line, [word for _, word in group])))
    return parts


def _index(edges: Sequence[int], place: float) -> int | None:
    return next(
        (index for index, (start, stop) in enumerate(pairwise(edges)) if start <= place < stop),
        None,
    )

"""Rules of a grid that nobody drew: they go on in white, or text stands as if they were there.

Many tables rule their head alone, or their rows and no columns. What is drawn somewhere and not
crossed by text elsewhere parts what stands on its two sides.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import median

import numpy as np

from app.core.reading import Line
from app.reader.layout.lines import at_gaps
from app.reader.layout.reading_order import Lines, is_prose, row_bottom, row_top, rows
from app.reader.layout.tables.columns import columns_of, is_straight
from app.reader.layout.tables.grids import SAME, Area, Grid, has_border, place_of
from app.reader.layout.tables.pieces import CELL_GAP
from app.reader.layout.tables.rows_of_cells import first_lines

# Two texts of one row stand in two cells if there is this much white between them, in heights.
_GAP = 0.6
# Columns are told by white if at least so many rows have text on both sides of it.
_LEAST_ROWS = 3
# A row of at least so many cells, all of which hold as many lines, at heights that
# differ by less than this share of a line, is several rows if it is nearly as high.
_LEAST_BESIDE, _LEVEL, _AS_HIGH = 3, 0.35, 0.92
# So many rows beside a grid may be its own, with so many cells, at most so many heights away.
_MOST_BESIDE, _LEAST_PARTS, _NEAR = 2, 2, 0.8


def with_rows_beside(grid: Grid, lines: Sequence[Line], height: float) -> Grid:
    """The grid with rows right above and below it that stand in its columns: names, a total."""
    above = [line for line in lines if line.box.centre_y < grid.ys[0]]
    below = [line for line in lines if line.box.centre_y > grid.ys[-1]]
    for row in rows(above)[::-1][:_MOST_BESIDE]:
        if not _stands_beside(grid, row, grid.ys[0] - row_bottom(row), height):
            break
        grid = _grown(grid, min(grid.ys[0] - 1, int(row_top(row))), at_top=True)
    for row in rows(below)[:_MOST_BESIDE]:
        if not _stands_beside(grid, row, row_top(row) - grid.ys[-1], height):
            break
        grid = _grown(grid, max(grid.ys[-1] + 1, round(row_bottom(row)) + 1), at_top=False)
    return grid


def _stands_beside(grid: Grid, row: Lines, gap: float, height: float) -> bool:
    parts = [part for line in row for part in at_gaps(line, CELL_GAP * height)]
    columns = [place_of(grid.xs, part.box.centre_x) for part in parts]
    inside = all(
        grid.xs[column] - SAME * height <= part.box.left
        and part.box.right <= grid.xs[column + 1] + SAME * height
        for part, column in zip(parts, columns, strict=True)
        if column is not None
    )
    least = max(_LEAST_PARTS, (len(grid.xs) - 1) / 2)
    return (
        -height < gap < _NEAR * height
        and None not in columns
        and inside
        and least <= len(set(columns)) == len(columns)
    )


def _grown(grid: Grid, y: int, *, at_top: bool) -> Grid:
    """The grid with one more row up or down to `y`."""
    more = grid.ys[0] - y if at_top else y - grid.ys[-1]
    pad = ((more, 0), (0, 0)) if at_top else ((0, more), (0, 0))
    across, down = np.pad(grid.across, pad), np.pad(grid.down, pad)
    top = grid.top - more if at_top else grid.top
    edge = grid.ys[0] if at_top else grid.ys[-1]
    for place in (y, edge):
        across[min(max(0, place - top), len(across) - 1)] = 1
    ys = [y, *grid.ys] if at_top else [*grid.ys, y]
    return replace(grid, top=top, ys=ys, across=across, down=down)


def with_columns(grid: Grid, lines: Sequence[Line], height: float) -> None:
    """Add to the grid the upright rules that text stands as if they were drawn."""
    bands: list[Lines] = [[] for _ in pairwise(grid.ys)]
    for line in lines:
        row = place_of(grid.ys, line.box.centre_y)
        if row is not None and grid.xs[0] <= line.box.centre_x < grid.xs[-1]:
            bands[row].append(line)
    for x in _between_columns(grid, bands, height):
        if min(abs(x - other) for other in grid.xs) > height:
            insort(grid.xs, x)
    for row, band in enumerate(bands):
        _go_on(grid, row, band, height)


def _between_columns(grid: Grid, bands: Sequence[Lines], height: float) -> list[int]:
    """Where a column of the grid is several, told by text alone."""
    found: list[int] = []
    for left, right in pairwise(grid.xs):
        parts = [
            [
                part
                for line in row
                for part in at_gaps(line, CELL_GAP * height)
                if left <= part.box.centre_x < right
            ]
            for band in bands
            for row in rows(band)
        ]
        several = [row for row in parts if len(row) > 1]
        if len(several) < max(_LEAST_ROWS, sum(map(bool, parts)) // 2):
            continue
        columns = columns_of(several, height)
        held = [
            [one for row in several for one in row if begin <= one.box.centre_x <= end]
            for begin, end in columns
        ]
        if not all(held) or any(is_prose(one) for one in held):
            continue
        if sum(is_straight(one, height) for one in held) < len(held):
            continue
        found += [round((before[1] + after[0]) / 2) for before, after in pairwise(columns)]
    return found


def _go_on(grid: Grid, row: int, band: Lines, height: float) -> None:
    """Draw in one row the rules of others that have text on both sides and none across."""
    missing = [
        place
        for place in range(1, len(grid.xs) - 1)
        if not has_border(grid, row, place - 1, upright=True)
    ]
    if not missing or not band:
        return
    pieces = [at_gaps(line, _GAP * height) for line in band]
    free = [
        place
        for place in missing
        if not any(
            part.box.left < grid.xs[place] - SAME * height
            and part.box.right > grid.xs[place] + SAME * height
            for parts in pieces
            for part in parts
        )
    ]
    texts = {
        column
        for parts in pieces
        for part in parts
        if (column := place_of(grid.xs, part.box.centre_x)) is not None
    }
    # Without any rule of its own, a row with text in several columns has them all.
    all_missing = len(missing) == len(grid.xs) - 2
    for place in free:
        left = _reach(place - 1, -1, missing)
        right = _reach(place, 1, missing)
        parted = texts & set(left) and texts & set(right)
        if parted or (all_missing and len(texts) > 1):
            top, bottom = grid.ys[row] - grid.top, grid.ys[row + 1] - grid.top
            x = min(max(0, grid.xs[place] - grid.left), grid.down.shape[1] - 1)
            grid.down[top:bottom, x] = 1


def _reach(column: int, step: int, missing: Sequence[int]) -> list[int]:
    """The columns from this one on, that way, up to the next rule that is drawn."""
    found = [column]
    while (column + 1 if step > 0 else column) in missing:
        column += step
        found.append(column)
    return found


def missed(grid: Grid, filled: dict[Area, list[Line]]) -> list[int]:
    """Where level rules must stand that were not seen: between rows taken for one."""
    counted: list[list[list[Lines]]] = []
    heights: list[int] = []
    for (top, bottom), band in groupby(sorted(filled), lambda area: (area[0], area[2])):
        crossed = any(
            other[0] < bottom and top < other[2] and (other[0], other[2]) != (top, bottom)
            for other in filled
        )
        # Where rules part some of the cells, they part all that are to be parted.
        if not crossed:
            heights.append(grid.ys[bottom] - grid.ys[top])
            counted.append([rows(filled[area]) for area in band])
    single = [tall for tall, cells in zip(heights, counted, strict=True) if _count(cells) == 1]
    usual = median(single) if single else float("inf")
    found: list[int] = []
    for tall, cells in zip(heights, counted, strict=True):
        count = _count(cells)
        is_as_high = tall >= _AS_HIGH * count * usual and len(cells) >= _LEAST_BESIDE
        if count > 1 and is_as_high and not _flow(cells):
            found += _between(cells)
        elif len(cells) > 1:
            found += _between_rows(cells)
    return found


def with_rules(grid: Grid, places: Sequence[int], height: float) -> None:
    """Add level rules from side to side, or make whole those of which there was a part."""
    for place in places:
        near = min(grid.ys, key=lambda y: abs(y - place))
        if abs(near - place) > SAME * height:
            near = place
            insort(grid.ys, near)
        grid.across[near - grid.top] = 1


def _count(cells: Sequence[Sequence[Lines]]) -> int:
    """How many rows of text each of the cells holds, 0 if not all hold as many."""
    counts = {len(cell) for cell in cells}
    return counts.pop() if len(counts) == 1 else 0


def _flow(cells: Sequence[Sequence[Lines]]) -> bool:
    """Whether most lines below others go on in the midst of a sentence or a unit."""
    texts = [row[0].text for cell in cells for row in cell[1:]]
    return sum(text[:1] == "(" or text[:1].islower() for text in texts) > len(texts) / 2


def _between(cells: Sequence[Sequence[Lines]]) -> list[int]:
    """The heights between rows that cells share; none if these are not level."""
    level: list[float] = []
    for row in zip(*cells, strict=True):
        middles = [line.box.centre_y for part in row for line in part]
        tall = median(line.box.height for part in row for line in part)
        if max(middles) - min(middles) > _LEVEL * tall:
            return []
        level.append(median(middles))
    return [round((above + below) / 2) for above, below in pairwise(level)]


def _between_rows(cells: Sequence[Sequence[Lines]]) -> list[int]:
    """The heights between rows of cells that stand beside each other, if numbers say so."""
    columns = [[line for row in cell for line in row] for cell in cells]
    whole = rows([line for column in columns for line in column])
    firsts = first_lines(whole, columns)
    middles = [median(line.box.centre_y for line in row) for row in whole]
    return [round((middles[index - 1] + middles[index]) / 2) for index in firsts if index]

"""Tables between ruled lines, seen in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import median

from app.core.reading import Block, Cell, Line
from app.reader.layout.lines import of_words, word_boxes
from app.reader.layout.reading_order import rows
from app.reader.layout.tables.aligned import table_block
from app.reader.layout.tables.grids import Area, Grid, grids, merged, place_of
from app.reader.layout.tables.implied_rules import (
    missed,
    with_columns,
    with_rows_beside,
    with_rules,
)
from app.reader.ocr.onnx import Array

_LEAST_CELLS, _LEAST_FILLED = 4, 0.35
# Frames of windows and their parts hold more lines than cells do.
_MOST_LINES = 4


def ruled(
    lines: Sequence[Line], across: Array, down: Array, height: float
) -> tuple[list[Block], list[Line]]:
    """Tables between level and upright strokes, and the lines in none; `height` is a line's."""
    tables: list[Block] = []
    rest = list(lines)
    for grid in grids(across, down, height):
        table, outside = _filled(grid, rest, height)
        if table is not None:
            tables.append(table)
            rest = outside
    return tables, rest


def _filled(grid: Grid, lines: Sequence[Line], height: float) -> tuple[Block | None, list[Line]]:
    """The table that the grid makes of lines, None if it makes none, and the lines outside."""
    grid = with_rows_beside(grid, lines, height)
    with_columns(grid, lines, height)
    places = merged(grid)
    filled, outside = _held(grid, places, lines)
    if level := missed(grid, filled):
        with_rules(grid, level, height)
        places = merged(grid)
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
    grid: Grid, places: dict[tuple[int, int], Area], lines: Sequence[Line]
) -> tuple[dict[Area, list[Line]], list[Line]]:
    """What each cell holds, in order, and the lines outside of all."""
    held: dict[Area, list[Line]] = {}
    outside: list[Line] = []
    for line in lines:
        parts = _parts(line, grid, places)
        if parts is None:
            outside.append(line)
            continue
        for place, part in parts:
            held.setdefault(place, []).append(part)
    return {place: _in_order(parts) for place, parts in held.items()}, outside


def _in_order(parts: Sequence[Line]) -> list[Line]:
    return [line for row in rows(parts) for line in row]


def _is_table(
    filled: dict[Area, list[Line]],
    places: dict[tuple[int, int], Area],
) -> bool:
    if len(filled) < _LEAST_CELLS:
        return False
    if len({place[0] for place in filled}) < 2 or len({place[1] for place in filled}) < 2:
        return False
    counts = [len(rows(parts)) for parts in filled.values()]
    if median(counts) > _MOST_LINES or max(counts) > 3 * _MOST_LINES:
        return False
    return len(filled) >= _LEAST_FILLED * len(set(places.values()))


def _parts(
    line: Line, grid: Grid, places: dict[tuple[int, int], Area]
) -> list[tuple[Area, Line]] | None:
    """A line's parts by the cells they stand in, or None where it stands outside."""
    row = place_of(grid.ys, line.box.centre_y)
    if row is None:
        return None
    columns = [place_of(grid.xs, box.centre_x) for box in word_boxes(line)]
    if any(column is None for column in columns):
        return None
    cells = [places[row, column] for column in columns if column is not None]
    if len(set(cells)) == 1:
        return [(cells[0], line)]
    parts: list[tuple[Area, Line]] = []
    words = list(zip(cells, line.words, strict=True))
    for cell, group in groupby(words, lambda pair: pair[0]):
        parts.append((cell, of_words(line, [word for _, word in group])))
    return parts

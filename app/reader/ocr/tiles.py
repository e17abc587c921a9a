"""A large picture as overlapping tiles of one size, and their results as one map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.reader.ocr.onnx import Array

OVERLAP = 96


@dataclass(frozen=True, slots=True)
class Axis:
    """Tiles along one side: where each starts, and the size that all have."""

    starts: tuple[int, ...]
    size: int

    @property
    def total(self) -> int:
        """What all tiles cover together; at least the length asked for."""
        return self.starts[-1] + self.size

    def inner(self, index: int) -> slice:
        """The part of tile `index`, in its own pixels, that no neighbour has better."""
        half = OVERLAP // 2
        start = half if index else 0
        stop = self.size - half if index < len(self.starts) - 1 else self.size
        return slice(start, stop)


def axis(length: int, limit: int, step: int) -> Axis:
    """The fewest tiles of at most about `limit` over `length`, sizes in multiples of `step`."""
    count = max(1, -(-(length - OVERLAP) // (limit - OVERLAP)))
    size = -(-(length + (count - 1) * OVERLAP) // (count * step)) * step
    return Axis(tuple(index * (size - OVERLAP) for index in range(count)), size)


def joined(rows: Axis, columns: Axis, tiles: Sequence[Array]) -> Array:
    """One map of `rows.total` × `columns.total` from the tiles' maps, row by row."""
    whole = np.empty((rows.total, columns.total), tiles[0].dtype)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, len(columns.starts))
        down, across = rows.inner(row), columns.inner(column)
        top, left = rows.starts[row], columns.starts[column]
        whole[top + down.start : top + down.stop, left + across.start : left + across.stop] = tile[
            down, across
        ]
    return whole

"""Safetensors files written from the bytes of others, a few megabytes at a time."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.catalog.checkpoint import SHARD_INDEX, SINGLE_FILE
from app.catalog.original import ITEM_SIZES, Part
from app.catalog.tensors import damaged

CHUNK = 4 << 20
SHARD_SIZE = 5_000_000_000


@dataclass(frozen=True, slots=True)
class TensorHeader:
    """A tensor's line in a header: `dtype` in the format's own name, `size` in bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    size: int


@dataclass(frozen=True, slots=True)
class TensorSource:
    """A tensor to write under `name`: the bytes of `part`, then `tail`.

    `shape` is that of the whole; `tail` holds rows that the source lacks.
    """

    name: str
    shape: tuple[int, ...]
    part: Part
    tail: bytes = b""

    @property
    def size(self) -> int:
        """Bytes."""
        return self.part.tensor.size + len(self.tail)

    @property
    def entry(self) -> TensorHeader:
        """Its line in the header."""
        return TensorHeader(self.name, self.part.tensor.dtype, self.shape, self.size)


def write_weights(
    folder: Path,
    pieces: Sequence[TensorSource],
    report: Callable[[int, int], None],
    shard_size: int = SHARD_SIZE,
) -> None:
    """Write `pieces` into a new folder as one file, or as files of `shard_size` and an index.

    `report` is called with (done, total) bytes; what it raises ends the work.
    Raises OSError, and OcellusError where a source ends early.
    """
    total = sum(piece.size for piece in pieces)
    groups = _groups(pieces, shard_size)
    count = len(groups)
    names = [f"model-{n + 1:05}-of-{count:05}.safetensors" for n in range(count)]
    if count == 1:
        names = [SINGLE_FILE]
    done = 0
    for name, group in zip(names, groups, strict=True):
        with (folder / name).open("wb") as file:
            file.write(header([piece.entry for piece in group]))
            for piece in group:
                done = _copy(piece, file, report, done, total)
    report(total, total)
    if count > 1:
        where = {p.name: name for name, group in zip(names, groups, strict=True) for p in group}
        index = {"metadata": {"total_size": total}, "weight_map": where}
        (folder / SHARD_INDEX).write_text(json.dumps(index, indent=2, sort_keys=True), "utf-8")


def _groups(pieces: Sequence[TensorSource], shard_size: int) -> list[list[TensorSource]]:
    groups: list[list[TensorSource]] = [[]]
    size = 0
    for piece in pieces:
        if groups[-1] and size + piece.size > shard_size:
            groups.append([])
            size = 0
        groups[-1].append(piece)
        size += piece.size
    # The longest numbers first: each then begins at a multiple of its own length.
    return [sorted(group, key=lambda p: -ITEM_SIZES[p.part.tensor.dtype]) for group in groups]


def header(entries: Sequence[TensorHeader]) -> bytes:
    """The beginning of a safetensors file in which `entries` follow one another."""
    listed: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for entry in entries:
        begin, end = end, end + entry.size
        listed[entry.name] = {
            "dtype": entry.dtype,
            "shape": list(entry.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(listed, separators=(",", ":")).encode()
    # Readers map the file into memory: the numbers begin at a multiple of eight.
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def _copy(
    piece: TensorSource, file: BinaryIO, report: Callable[[int, int], None], done: int, total: int
) -> int:
    left = piece.part.tensor.size
    with piece.part.path.open("rb") as source:
        source.seek(piece.part.tensor.start)
        while left:
            data = source.read(min(CHUNK, left))
            if not data:
                raise damaged(piece.part.path, "became shorter while it was read")
            file.write(data)
            left -= len(data)
            done += len(data)
            report(done, total)
    file.write(piece.tail)
    return done + len(piece.tail)

"""One file on its way: its bytes, and which blocks of them are on the disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from app.transfer.listing import RemoteFile


class PartFile:
    """`<name>.part` with the bytes and `<name>.blocks` with one byte per finished block.

    A block is marked only after its bytes were flushed, so that a kill or a
    power cut loses the blocks under way and nothing else. Raises OSError.
    """

    def __init__(self, folder: Path, remote: RemoteFile, block: int) -> None:
        self.remote, self.block = remote, block
        self.final = folder / remote.name
        self._part = folder / f"{remote.name}.part"
        self._blocks = folder / f"{remote.name}.blocks"
        self._etag = folder / f"{remote.name}.etag"
        self.count = -(-remote.size // block)
        self.whole = False  # one answer carries the whole file: no other may fetch
        self.lock = threading.RLock()
        self.generation = 0
        self._taken: set[int] = set()
        self.done = bytearray(self.count)
        if self.final.is_file():
            self.done = bytearray(b"\1" * self.count)
        elif self._part.is_file() and self._blocks.is_file():
            marks = self._blocks.read_bytes()
            if len(marks) == self.count and self._part.stat().st_size == remote.size:
                self.done = bytearray(marks)
        self.etag = self._etag.read_text("utf-8") if self._etag.is_file() else ""

    @property
    def bytes_done(self) -> int:
        """Bytes in finished blocks."""
        return sum(self.length(i) for i, mark in enumerate(self.done) if mark)

    @property
    def complete(self) -> bool:
        """Whether every block is on the disk."""
        return all(self.done)

    def length(self, index: int) -> int:
        """Bytes of this block; the last one is shorter."""
        return min(self.block, self.remote.size - index * self.block)

    def open(self) -> int:
        """A descriptor for writing; makes the files at first."""
        if not self._part.exists() or self._part.stat().st_size != self.remote.size:
            with self._part.open("wb") as file:
                file.truncate(self.remote.size)
            self._blocks.write_bytes(bytes(self.done))
        elif not self._blocks.exists() or self._blocks.stat().st_size != self.count:
            self._blocks.write_bytes(bytes(self.done))
        return os.open(self._part, os.O_RDWR | getattr(os, "O_BINARY", 0))

    def claim(self, most: int) -> range | None:
        """The next run of missing blocks that nobody fetches."""
        with self.lock:
            if self.whole:
                return None
            free = (i for i in range(self.count) if not self.done[i] and i not in self._taken)
            if (first := next(free, None)) is None:
                return None
            last = first
            while last - first < most and last < self.count:
                if self.done[last] or last in self._taken:
                    break
                last += 1
            self._taken.update(range(first, last))
            return range(first, last)

    def release(self, run: range) -> None:
        """Give the unfinished blocks of a run back."""
        with self.lock:
            self._taken.difference_update(run)

    def mark(self, descriptor: int, index: int, generation: int) -> bool:
        """Note a block as finished; False when the file was begun anew in between."""
        os.fsync(descriptor)
        with self.lock:
            if generation != self.generation:
                return False
            with self._blocks.open("r+b") as file:
                file.seek(index)
                file.write(b"\1")
            fresh = not self.done[index]
            self.done[index] = 1
            return fresh

    def remember(self, etag: str) -> bool:
        """Keep the first ETag; False when another one came: the file has changed."""
        with self.lock:
            if not self.etag and etag:
                self.etag = etag
                self._etag.write_text(etag, "utf-8")
            return not etag or etag == self.etag

    def restart(self, generation: int) -> int:
        """Forget all blocks, once per generation; returns the bytes forgotten."""
        with self.lock:
            if generation != self.generation:
                return 0
            lost = self.bytes_done
            self.generation += 1
            self.done = bytearray(self.count)
            self.etag = ""
            self._etag.unlink(missing_ok=True)
            if self._blocks.exists():
                self._blocks.write_bytes(bytes(self.done))
            return lost

    def finish(self) -> bool:
        """Check the hash; the file takes its name only if it is right."""
        if self.final.is_file():
            return self.remote.matches(self.final)
        if self.count == 0:
            self._part.write_bytes(b"")
        if not self.remote.matches(self._part):
            return False
        self._part.replace(self.final)
        self._blocks.unlink(missing_ok=True)
        self._etag.unlink(missing_ok=True)
        return True

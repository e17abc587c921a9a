"""One file on its way: its bytes, and which blocks of them are on the disk."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from app.core.files.atomic import publish_written
from app.transfer.listing import RemoteFile

# What may be sent back in If-Range: one line, and no weak one, which names no bytes.
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')


class PartFile:
    """`<name>.part` with the bytes and `<name>.blocks` with one byte per finished block.

    A block is marked only after its bytes were flushed, so that a kill or a
    power cut loses the blocks under way and nothing else. These files are what
    a download goes on with, so that they are written in place. Raises OSError.
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
        self.etag = self._etag.read_text("utf-8", "replace") if self._etag.is_file() else ""

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

    def claim(self) -> int | None:
        """The next missing block that nobody fetches."""
        with self.lock:
            if self.whole:
                return None
            index = self.done.find(0)
            while index in self._taken:
                index = self.done.find(0, index + 1)
            if index < 0:
                return None
            self._taken.add(index)
            return index

    def release(self, index: int) -> None:
        """Give a block back, finished or not."""
        with self.lock:
            self._taken.discard(index)

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
        """Keep the first strong ETag; False when another one came: the file has changed."""
        with self.lock:
            if not _STRONG_ETAG.fullmatch(etag):
                return True
            if not self.etag:
                self.etag = etag
                self._etag.write_text(etag, "utf-8")
            return etag == self.etag

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

    def bring(self, source: Path) -> None:
        """Take all bytes from a file of this disk; `finish` says whether they are right."""
        self.final.unlink(missing_ok=True)
        for left in (self._blocks, self._etag):
            left.unlink(missing_ok=True)
        shutil.copyfile(source, self._part)

    def finish(self, check: Callable[[], None]) -> bool:
        """Check the hash; the file takes its name only if it is right.

        `check` is called now and then, and may raise to break off.
        """
        if self.final.is_file() and not self.remote.matches(self.final, check):
            self.final.unlink()
            return False
        if not self.final.is_file():
            if self.count == 0:
                self._part.write_bytes(b"")
            if not self.remote.matches(self._part, check):
                return False
            publish_written(self._part, self.final)
        # Also where a kill came between the name and this.
        for left in (self._part, self._blocks, self._etag):
            left.unlink(missing_ok=True)
        return True

"""One process at a time: locks that the system lets go of with the process, however that ends.

filelock asks the system for them: flock, or LockFileEx on Windows. On a file system that knows
no locks it makes do with the file's being there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from filelock import FileLock, Timeout, lock_descriptor

from app.core.files.private import FILE_RIGHTS


class HeldElsewhereError(Exception):
    """Another process has the lock."""


class Lock:
    """The lock that an empty file stands for, taken at `with` or by `take`.

    `wait` is in seconds. `removes` has the file go with the lock, in peace with those who wait
    for it.
    """

    def __init__(self, path: Path, wait: float = 0.0, *, removes: bool = False) -> None:
        self.removes = removes
        self._path = path
        self._lock = FileLock(path, timeout=wait, mode=FILE_RIGHTS, thread_local=False)
        self._file: os.stat_result | None = None

    def take(self) -> None:
        """Take it, once. Raises HeldElsewhereError, and OSError where no file can be made."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise HeldElsewhereError(str(self._path)) from error
        self._file = self._path.stat()

    @property
    def is_in_place(self) -> bool:
        """Whether it is taken, and its file the one that lies there now."""
        if self._file is None:
            return False
        with suppress(OSError):
            return os.path.samestat(self._file, self._path.stat())
        return False

    def release(self) -> None:
        """Let go of it, if it is taken. Another one's file that lies there now stays."""
        if self.removes and os.name != "nt" and self.is_in_place:
            # While it is held: who waits for it sees that its file has gone, and makes another.
            # On Windows filelock does so itself: such files cannot be removed while they are open.
            with suppress(OSError):
                self._path.unlink()
        self._file = None
        self._lock.release()

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def lock_open_file(file: BinaryIO) -> None:
    """Lock a file that holds something itself, until it is closed.

    Raises HeldElsewhereError, and OSError where the file system knows no locks.
    """
    if not lock_descriptor(file.fileno(), blocking=False):
        raise HeldElsewhereError(file.name)

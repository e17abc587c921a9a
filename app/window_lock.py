"""The lock that keeps a second window away from the same conversations."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

from PySide6.QtCore import QLockFile

from app.core.errors import ErrorKind, OcellusError
from app.core.files.private import make_file, make_folder


class WindowLock:
    """Held from the start of a window to its end; a killed program's is taken over.

    Raises OcellusError where another window has it. Where no file can be written there is no
    lock: the archive says why then.
    """

    def __init__(self, data: Path) -> None:
        self._path = data / "window.lock"
        self._lock = self._take()
        if self._lock.error() is QLockFile.LockError.LockFailedError:
            raise OcellusError.of(
                ErrorKind.INTERNAL,
                "Ocellus is already open.",
                "Look for its window; it keeps all your conversations.",
            )

    def renew(self) -> None:
        """Take it again, where the folder was removed and made anew."""
        if not self._is_mine():
            _abandon(self._lock)
            self._lock = self._take()

    def release(self) -> None:
        """Let go of it. One that another window has in a folder made anew stays there."""
        if self._is_mine():
            self._lock.unlock()
        else:
            _abandon(self._lock)

    def _take(self) -> QLockFile:
        with contextlib.suppress(OSError):
            make_folder(self._path.parent)
        lock = QLockFile(str(self._path))
        # However old it is: whether its process still runs is asked of the system.
        lock.setStaleLockTime(0)
        if lock.tryLock(0):
            with contextlib.suppress(OSError):
                make_file(self._path)
        return lock

    def _is_mine(self) -> bool:
        # Its first line is the process's number; QLockFile reads it into tuples of several kinds.
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(self._path.read_text("utf-8", "replace").split("\n")[0]) == os.getpid()
        return False


def _abandon(lock: QLockFile) -> None:
    """Never destroy it: its end would remove, by name, the lock that lies there now."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(lock))

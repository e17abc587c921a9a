"""The lock that keeps a second window away from the same conversations."""

from __future__ import annotations

import contextlib
from pathlib import Path

from app.core.errors import ErrorKind, OcellusError
from app.core.files.lock import HeldElsewhereError, Lock
from app.core.files.private import make_folder


class WindowLock:
    """Held from the start of a window to its end; a killed program's is taken over.

    Raises OcellusError where another window has it. Where no file can be written there is no
    lock: the archive says why then.
    """

    def __init__(self, data: Path) -> None:
        self._lock = Lock(data / "window.lock", removes=True)
        self._folder = data
        try:
            self._take()
        except HeldElsewhereError as error:
            raise OcellusError.of(
                ErrorKind.INTERNAL,
                "Ocellus is already open.",
                "Look for its window; it keeps all your conversations.",
            ) from error

    def renew(self) -> None:
        """Take it again, where the folder was removed and made anew."""
        if not self._lock.is_in_place:
            self._lock.release()
            # Another window may have been quicker: the archive keeps the two apart.
            with contextlib.suppress(HeldElsewhereError):
                self._take()

    def release(self) -> None:
        """Let go of it. One that another window has in a folder made anew stays there."""
        self._lock.release()

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            make_folder(self._folder)
            self._lock.take()

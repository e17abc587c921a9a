"""Whether the files that a connection writes to still lie where they are looked for.

On Linux and macOS an open file can be removed, or another put in its place; SQLite writes on, and
says that all went well. Windows does not let go of an open file.
"""

from __future__ import annotations

from pathlib import Path


class Place:
    """The database at `path` and its write-ahead log, as they are now. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._file = _identity(path)
        if self._file is None:
            raise FileNotFoundError(path)
        self._log_file = _identity(self._log)

    def holds(self) -> bool:
        """Whether both names still lead to the same files."""
        log = _identity(self._log)
        if self._log_file is None:
            self._log_file = log
        return _identity(self._path) == self._file and log == self._log_file

    def holds_log(self) -> bool:
        """Whether the log's name does."""
        return self._log_file is not None and _identity(self._log) == self._log_file

    def holds_database(self) -> bool:
        """Whether the database's own name does."""
        return _identity(self._path) == self._file


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

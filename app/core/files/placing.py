"""A file that is whole under its name, or not there at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from app.core.errors import ErrorKind, OcellusError
from app.core.files.disk_space import is_full
from app.core.files.private import FILE_RIGHTS, usual_rights, write_all

# What an unfinished file is called beside its target; a killed program may leave one.
PASSING_NAMES = ".ocellus-*.part"

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def place(
    fill: Callable[[NewFile], object],
    path: Path,
    *,
    replace: bool = False,
) -> None:
    """Have `fill` write a file under a passing name beside `path`, then rename it to that.

    Raises OcellusError: of kind EXISTS where `path` is taken and not to be
    replaced, DISK_FULL, UNREADABLE for any other reason of the disk; and what
    `fill` raises. Nothing is left behind then, and what was there stays.
    """
    check_free(path, replace=replace)
    with _in_words(path):
        is_link = path.is_symlink()
    if replace and is_link:
        path = path.resolve()
    part = path.with_name(PASSING_NAMES.replace("*", secrets.token_hex(8)))
    try:
        with NewFile(part, path) as file:
            fill(file)
            file.sync()
        usual_rights(part)
        with _in_words(path):
            _rename(part, path, replace=replace)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    _sync_folder(path.parent)


def check_free(path: Path, *, replace: bool) -> None:
    """Raise OcellusError of kind EXISTS where `path` is taken and not to be replaced.

    Only files are: a folder, a device or a pipe of this name would be lost to everybody.
    """
    with _in_words(path):
        may_go = path.is_file() or path.is_symlink()
        is_taken = os.path.lexists(path)
    if is_taken and not (replace and may_go and not path.is_dir()):
        raise _exists(path)


class NewFile:
    """The new file `part`, whose every failure is told in words about `path`."""

    def __init__(
        self, part: Path, path: Path, words: Callable[[OSError, Path], OcellusError] | None = None
    ) -> None:
        """`words` are the caller's own for what the disk refuses."""
        self._path, self._words = path, words
        with _in_words(path, self._words):
            # Unbuffered: nothing is left to be written when it is closed after a failure.
            # Nobody else's to read before it has the person's name and rights.
            self._file = os.fdopen(os.open(part, _NEW, FILE_RIGHTS), "wb", buffering=0)

    def write(self, data: bytes, /) -> int:
        """Write all of `data`."""
        with _in_words(self._path, self._words):
            write_all(self._file, data)
        return len(data)

    def sync(self) -> None:
        """Have it on the disk."""
        with _in_words(self._path, self._words):
            os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with _in_words(self._path, self._words):
            self._file.close()


@contextmanager
def _in_words(
    path: Path, words: Callable[[OSError, Path], OcellusError] | None = None
) -> Generator[None]:
    try:
        yield
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise (words or _unwritten)(error, path) from error


def _rename(part: Path, path: Path, *, replace: bool) -> None:
    """Give the file its name; unless `replace`, a file that came there meanwhile stays."""
    if replace:
        part.replace(path)
        return
    if os.name == "nt":
        part.rename(path)  # Raises where the name is taken, unlike elsewhere.
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # A file system without links, such as a memory stick's.
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
        part.rename(path)
    else:
        part.unlink()


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk as well, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _exists(path: Path) -> OcellusError:
    if path.is_dir():
        return OcellusError.of(
            ErrorKind.EXISTS,
            f"There is a folder called {path.name} already.",
            "Choose another name.",
        )
    if path.exists() and not path.is_file():
        return OcellusError.of(
            ErrorKind.EXISTS,
            f"{path.name} is not a file but a device or a pipe.",
            "Choose another name.",
        )
    return OcellusError.of(
        ErrorKind.EXISTS,
        f"There is a file called {path.name} already.",
        "Replace it, or choose another name.",
    )


def _unwritten(error: OSError, path: Path) -> OcellusError:
    detail = f"{type(error).__name__}: {error}"
    if is_full(error):
        return OcellusError.of(
            ErrorKind.DISK_FULL,
            f"There is not enough room on the disk for {path.name}, so it was not saved.",
            "Free some space, or save it on another disk.",
            detail,
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return OcellusError.of(
            ErrorKind.UNREADABLE,
            f"{path.name} was not saved: its folder is not there.",
            "Choose another folder.",
            detail,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OcellusError.of(
            ErrorKind.UNREADABLE,
            f"You have no permission to save {path.name} in this folder.",
            "Choose another folder.",
            detail,
        )
    return OcellusError.of(
        ErrorKind.UNREADABLE,
        f"{path.name} could not be saved.",
        "Check that its disk is there and sound, or choose another folder.",
        detail,
    )

"""Files that are whole under their name: written beside it, had on the disk, then renamed to it.

Whoever reads the name meanwhile finds the old file or the new one, whatever ends the program. A
killed one leaves the passing file, which the next write of the same name replaces.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.core.files.private import FILE_RIGHTS

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
# What open() gives: the process's umask takes its part of it.
_USUAL_RIGHTS = 0o666


@contextmanager
def new_file(part: Path, *, private: bool = False, buffered: bool = True) -> Generator[BinaryIO]:
    """The file `part`, which must not be there; on the disk when the block ends.

    A `private` one is nobody else's to read, from its first byte. Raises OSError; nothing is
    left then, nor where the block raises.
    """
    descriptor = os.open(part, _NEW, FILE_RIGHTS if private else _USUAL_RIGHTS)
    file = os.fdopen(descriptor, "wb", buffering=-1 if buffered else 0)
    try:
        yield file
        file.flush()
        os.fsync(file.fileno())
        file.close()
    except BaseException:
        with suppress(OSError):
            file.close()  # Writes once more what the disk has refused.
        with suppress(OSError):
            part.unlink()
        raise


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Generator[BinaryIO]:
    """A file to fill, which takes the name `path` when the block ends.

    For one writer at a time: the passing name is always the same. Raises OSError; what was at
    `path` stays then, also where the block raises.
    """
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with new_file(part, private=private) as file:
        yield file
    publish(part, path)


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """Write a small file, as `replacing` does. Raises OSError."""
    with replacing(path, private=private) as file:
        file.write(text.encode("utf-8"))


def publish(part: Path, path: Path, *, replace: bool = True) -> None:
    """Give `part`, a file or folder that is whole and on the disk, the name `path`.

    Unless `replace`, a file that came to `path` meanwhile stays, and FileExistsError is raised.
    Raises OSError; `part` is left then.
    """
    if replace:
        part.replace(path)
    else:
        _rename(part, path)
    sync_folder(path.parent)


def publish_written(part: Path, path: Path) -> None:
    """As `publish`, for a file that others have written: it is had on the disk first."""
    sync_file(part)
    publish(part, path)


def publish_folder(part: Path, folder: Path) -> None:
    """Give the new folder `part` the name `folder`, with the files in it on the disk.

    Files in it need no passing names of their own: the folder has one. Raises OSError.
    """
    for path in part.iterdir():
        sync_file(path)
    publish(part, folder)


def sync_file(path: Path) -> None:
    """Have what a library wrote on the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have names in it on the disk, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _rename(part: Path, path: Path) -> None:
    """Never over a file that is there, which a rename alone does not promise."""
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

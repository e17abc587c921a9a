"""Strangers' files before anything in them is understood: whether they can be read, how large."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.core.errors import ErrorKind, Failed
from app.core.files.disk_errors import not_read
from app.core.files.file_kinds import (
    HEAD_BYTES,
    a_folder,
    empty,
    has_pages,
    not_openable,
    size_limit,
    too_large,
)


@contextmanager
def opened(path: Path, name: str, most: int | None = None) -> Generator[BinaryIO]:
    """The file at `path`, open for reading and not empty.

    It has at most `most` bytes, or as many as what it begins as may have. `name` is what messages
    call it. Raises OcellusError in plain words, for what goes wrong while it is read too.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise a_folder(name)
        if not stat.S_ISREG(status.st_mode):
            raise not_openable(name)
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise empty(name)
            if most is None:
                most = size_limit(file.read(HEAD_BYTES))
                file.seek(0)
            if size > most:
                raise too_large(name, size, most)
            yield file
    except (OSError, ValueError) as error:
        raise not_read(error, name) from error


def holds_pages(path: Path, name: str) -> bool:
    """Whether the file at `path` may hold several pages. Raises OcellusError as `opened` does."""
    with opened(path, name) as file:
        return has_pages(file.read(HEAD_BYTES))


def cut_off(name: str) -> Failed:
    """That a picture's file ended early, for whoever was shown what there is of it."""
    return Failed(
        ErrorKind.BAD_PICTURE,
        f"{name} was cut off: the end of the file is missing, and with it a part of the picture "
        "or of its detail.",
        "What there is of it is shown and read. Save or download it again for the rest.",
    )

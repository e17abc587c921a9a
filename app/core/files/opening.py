"""Strangers' files before anything in them is understood: whether they can be read, how large."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.files.disk_errors import not_read

_MIB = 1024 * 1024


@contextmanager
def opened(path: Path, name: str, most: int, what: str = "picture") -> Generator[BinaryIO]:
    """The file at `path`, open for reading and of 1 to `most` bytes.

    `name` is what messages call it, `what` what it was meant to be. Raises
    OcellusError in plain words, for what goes wrong while it is read too.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise OcellusError.of(
                ErrorKind.NOT_A_PICTURE,
                f"{name} is a folder.",
                f"Open the folder and drop the {what}s in it.",
            )
        if not stat.S_ISREG(status.st_mode):
            raise not_openable(name, what)
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise too_large(name, size, most)
            if size == 0:
                raise OcellusError.of(
                    ErrorKind.BAD_PICTURE,
                    f"{name} is empty (0 bytes).",
                    f"Save or download the {what} again.",
                )
            yield file
    except (OSError, ValueError) as error:
        raise not_read(error, name) from error


def not_openable(name: str, what: str = "picture") -> OcellusError:
    """That the file is of no kind that is opened as a `what`."""
    kinds = "PNG, JPEG, WebP, GIF, BMP, TIFF and AVIF"
    return OcellusError.of(
        ErrorKind.NOT_A_PICTURE,
        f"{name} is {'not a picture' if what == 'picture' else 'neither a picture nor a PDF'}.",
        f"Ocellus opens {kinds}." if what == "picture" else f"Ocellus opens PDF, {kinds}.",
    )


def cut_off(name: str) -> Failed:
    """That a picture's file ended early, for whoever was shown what there is of it."""
    return Failed(
        ErrorKind.BAD_PICTURE,
        f"{name} was cut off: the end of the file is missing, and with it a part of the picture "
        "or of its detail.",
        "What there is of it is shown and read. Save or download it again for the rest.",
    )


def too_large(name: str, size: int, most: int) -> OcellusError:
    """That the file has more than `most` bytes."""
    return OcellusError.of(
        ErrorKind.TOO_LARGE,
        f"{name} has {size / _MIB:,.0f} MB; the limit is {most // _MIB}.",
        "Save it smaller, or crop it to the part that you want to ask about.",
    )

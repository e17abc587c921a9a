"""A person's file on its way to the reader, which sees only what lies in its inbox."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, OcellusError
from app.core.files.disk_errors import not_written
from app.core.files.file_kinds import HEAD_BYTES, size_limit, too_large
from app.core.files.opening import opened
from app.core.files.private import make_folder, open_file, write_all

_PIECE = 2**20
_FICLONE = 0x40049409


class _NoRoomError(Exception):
    """Writing failed, in the midst of reading."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def hand_over(
    path: Path,
    inbox: Path,
    name: str,
    most: int | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Copy the file, of at most `most` bytes or as `opened` has it, into the inbox; its place.

    On a file system that can, the copy shares the
    original's blocks. Stops soon after `cancelled` says so, and leaves nothing
    then. Raises OcellusError in plain words, with `name` for the file, and WorkCancelledError.
    """
    place = inbox / secrets.token_hex(16)
    with opened(path, name, most) as source:
        limit = most or size_limit(_head(source))
        try:
            target = new_file(place)
        except OSError as error:
            raise unwritten(error, name, inbox) from error
        try:
            with target:
                if not _shared(source, target):
                    _copy(source, target, limit, cancelled, name)
        except BaseException as error:
            with suppress(OSError):
                place.unlink()
            if isinstance(error, _NoRoomError):
                raise unwritten(error.reason, name, inbox) from error
            raise
    return place


def new_file(place: Path) -> BinaryIO:
    """A file in the inbox that only this person may read, from its first byte."""
    make_folder(place.parent)
    return open_file(place, new=True, buffered=False)


def _head(source: BinaryIO) -> bytes:
    head = source.read(HEAD_BYTES)
    source.seek(0)
    return head


def _shared(source: BinaryIO, target: BinaryIO) -> bool:
    """Whether the file system let both have the same blocks."""
    if sys.platform != "linux":
        return False
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except OSError:
        return False
    return True


def _copy(
    source: BinaryIO, target: BinaryIO, most: int, cancelled: Callable[[], bool], name: str
) -> None:
    done = 0
    while piece := source.read(_PIECE):
        if cancelled():
            raise WorkCancelledError
        done += len(piece)
        if done > most:
            raise too_large(name, done, most)
        try:
            write_all(target, piece)
        except OSError as error:
            raise _NoRoomError(error) from error


def unwritten(error: OSError, name: str, inbox: Path) -> OcellusError:
    """That a file could not be put into the inbox."""
    return not_written(
        error,
        f"“{name}” was not opened, for which it is copied first",
        f"Free some space where {inbox} lies, then try again.",
        f"Allow writing to {inbox}, then try again.",
        # Whatever it is, it may go better another time.
        kind=ErrorKind.DISK_FULL,
    )

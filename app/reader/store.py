"""Clean pictures on disk, each once, named by the hash of its PNG file."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from PIL import Image

from app.core.conversation import Picture
from app.core.errors import ErrorKind, OcellusError
from app.core.pictures import picture_path

# Level 1 takes two thirds of level 6's time for a screenshot and a quarter of it
# for a photograph; the files become a seventh larger.
_COMPRESS_LEVEL = 1
_PART = ".part"
_STALE_SECONDS = 3600
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Store:
    """The folder of clean pictures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, image: Image.Image, name: str) -> Picture:
        """Write an RGB picture unless the same one is there already.

        The file appears under its name only when it is whole and on the disk:
        the archive refers to it from then on. Raises OcellusError when the
        disk is full or the folder cannot be written.
        """
        buffer = io.BytesIO()
        image.save(buffer, "PNG", compress_level=_COMPRESS_LEVEL)
        data = buffer.getbuffer()
        sha256 = hashlib.sha256(data).hexdigest()
        path = picture_path(self._folder, sha256)
        try:
            if not path.exists():
                _write_whole(path, data)
        except OSError as error:
            raise _unwritten(error, len(data)) from error
        return Picture(sha256, image.width, image.height, name)

    def open(self, sha256: str) -> Image.Image:
        """The stored picture with this hash. Raises OcellusError."""
        try:
            with Image.open(picture_path(self._folder, sha256), formats=("PNG",)) as image:
                return image.convert("RGB")
        except (OSError, ValueError, SyntaxError) as error:
            raise OcellusError.of(
                ErrorKind.UNREADABLE,
                "The stored copy of this picture is missing or damaged.",
                "Add the picture again.",
                str(error),
            ) from error

    def sweep(self) -> None:
        """Remove what interrupted writes left behind, if old enough to be nobody's."""
        sweep(self._folder, f"*/*{_PART}")


def sweep(folder: Path, pattern: str) -> None:
    """Delete files in `folder` that match `pattern` and were not touched for an hour."""
    before = time.time() - _STALE_SECONDS
    for path in folder.glob(pattern):
        with suppress(OSError):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()


def _write_whole(path: Path, data: memoryview) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(_PART, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(part).unlink()
        raise


def _unwritten(error: OSError, size: int) -> OcellusError:
    if error.errno in _FULL:
        return OcellusError.of(
            ErrorKind.DISK_FULL,
            f"The disk is full: the picture's copy ({size / 1_000_000:.1f} MB) was not stored.",
            "Free some space and add the picture again.",
            str(error),
        )
    return OcellusError.of(
        ErrorKind.UNREADABLE,
        "The folder for pictures cannot be written.",
        "Check its permissions, and that its drive is there.",
        str(error),
    )

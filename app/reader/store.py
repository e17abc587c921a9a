"""Clean pictures and documents on disk, each once, named by the hash of its bytes."""

from __future__ import annotations

import hashlib
import io
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from app.core.cancelled import check
from app.core.conversation import Picture
from app.core.errors import ErrorKind, OcellusError
from app.core.files.atomic import new_file, publish
from app.core.files.disk_errors import not_written
from app.core.files.private import make_folder
from app.core.pictures import document_path, picture_path
from app.core.words.sizes import size as words

# Level 1 takes two thirds of level 6's time for a screenshot and a quarter of it
# for a photograph; the files become a seventh larger.
_COMPRESS_LEVEL = 1
_PART = ".part"
_STALE_SECONDS = 3600
_PIECE = 1024 * 1024


class Store:
    """The folder of clean pictures and of documents as they came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Documents that are known to be as they came.
        self._sound: set[str] = set()

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
                publish(_written(path.parent, [data]), path)
        except OSError as error:
            raise _unwritten(error, len(data), "picture") from error
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

    def keep(self, file: BinaryIO, size: int, cancelled: Callable[[], bool]) -> tuple[str, bool]:
        """Copy a document's bytes into the store, piece by piece.

        Returns their SHA-256 and whether they are new here.
        The copy is what is read from then on, so that the pages stay the same
        whatever happens to the original. Raises OcellusError and WorkCancelledError.
        """
        digest = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            while piece := file.read(_PIECE):
                check(cancelled)
                digest.update(piece)
                yield piece

        try:
            part = _written(self._folder, pieces())
            path = document_path(self._folder, digest.hexdigest())
            make_folder(path.parent)
            is_new = not path.exists()
            publish(part, path)
        except OSError as error:
            raise _unwritten(error, size, "document") from error
        self._sound.add(digest.hexdigest())
        return digest.hexdigest(), is_new

    def drop(self, sha256: str) -> None:
        """Forget a document that turned out to be none."""
        with suppress(OSError):
            document_path(self._folder, sha256).unlink()

    def document(self, sha256: str) -> Path:
        """Where the document with this hash lies. Raises OcellusError if it is gone or damaged.

        The bytes are compared with their hash once: 0.3 s for 100 MB.
        """
        try:
            path = document_path(self._folder, sha256)
            if sha256 in self._sound and path.is_file():
                return path
            with path.open("rb") as file:
                is_sound = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except (OSError, ValueError) as error:
            raise _not_there("missing", str(error)) from error
        if not is_sound:
            raise _not_there("damaged", sha256)
        self._sound.add(sha256)
        return path

    def sweep(self) -> None:
        """Remove what interrupted writes left behind, if old enough to be nobody's."""
        sweep(self._folder, f"*/*{_PART}")
        sweep(self._folder, f"*{_PART}")


def sweep(folder: Path, pattern: str) -> None:
    """Delete files in `folder` that match `pattern` and were not touched for an hour."""
    before = time.time() - _STALE_SECONDS
    for path in folder.glob(pattern):
        with suppress(OSError):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()


def _written(folder: Path, pieces: Iterable[bytes | memoryview]) -> Path:
    """A file of these pieces under a passing name in `folder`, whole and on the disk."""
    make_folder(folder)
    # A name of its own: two of the reader's threads may store the same picture.
    part = folder / f"{secrets.token_hex(8)}{_PART}"
    with new_file(part, private=True) as file:
        file.writelines(pieces)
    return part


def _not_there(how: str, detail: str) -> OcellusError:
    return OcellusError.of(
        ErrorKind.UNREADABLE,
        f"The stored copy of this document is {how}.",
        "Add the document again.",
        detail,
    )


def _unwritten(error: OSError, size: int, what: str) -> OcellusError:
    return not_written(
        error,
        f"the {what}'s copy ({words(size)}) was not stored",
        f"Free some space and add the {what} again.",
    )

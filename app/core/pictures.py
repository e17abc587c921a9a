"""Where a clean picture or a document's file lies in the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.core.words.hashes import is_sha256

_DOCUMENT = ".document"


def picture_path(store: Path, sha256: str) -> Path:
    """Path of the PNG with this hash below `store`.

    Raises ValueError for anything but 64 lower-case hex digits, so that a
    damaged database or a hostile link cannot name a file elsewhere.
    """
    return _place(store, sha256, ".png")


def document_path(store: Path, sha256: str) -> Path:
    """Path of the document (a PDF or TIFF as it came) with this hash below `store`.

    Raises ValueError as `picture_path` does.
    """
    return _place(store, sha256, _DOCUMENT)


def documents_in(store: Path) -> Iterator[Path]:
    """Every document's file below `store`."""
    return store.glob(f"*/*{_DOCUMENT}")


def pictures_in(store: Path) -> Iterator[Path]:
    """Every picture's file below `store`; its stem is the hash."""
    return store.glob("*/*.png")


def unfinished_in(store: Path) -> Iterator[Path]:
    """What writing into `store` leaves behind when it is killed."""
    yield from store.glob("*.part")
    yield from store.glob("*/*.part")


def _place(store: Path, sha256: str, suffix: str) -> Path:
    if not is_sha256(sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return store / sha256[:2] / f"{sha256}{suffix}"

"""The pictures of a folder that a person drops or opens."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from app.core.errors import ErrorKind, OcellusError

MOST_OPENED = 40
_ENDINGS = frozenset(
    ("png", "jpg", "jpeg", "jpe", "webp", "gif", "bmp", "tif", "tiff", "avif", "pdf")
)
_NUMBER = re.compile(r"(\d+)")


def pictures_in(folder: Path, left: Callable[[], bool] = lambda: False) -> list[Path]:
    """Pictures and documents by their names' endings, "2.png" before "10.png".

    Not those of folders inside, and no hidden ones. Ends early once `left`. Raises OcellusError.
    """
    found: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if left():
                    break
                ending = Path(entry.name).suffix.lower().removeprefix(".")
                if ending in _ENDINGS and not entry.name.startswith(".") and entry.is_file():
                    found.append(Path(entry.path))
    except OSError as error:
        raise OcellusError.of(
            ErrorKind.UNREADABLE,
            f"The folder “{folder.name}” cannot be opened.",
            "It may have been moved, or you may not be allowed to read it.",
            str(error),
        ) from error
    return sorted(found, key=lambda path: _by_number(path.name))


def _by_number(name: str) -> list[tuple[int, str]]:
    parts = _NUMBER.split(name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]

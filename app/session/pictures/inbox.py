"""The folder in which the reader finds what a person dropped, pasted or opened."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.core.files.handing import (
    MAX_DOCUMENT,
    MAX_PICTURE,
    hand_over,
    is_document,
    new_file,
    unwritten,
)
from app.core.files.private import write_all
from app.session.threads import in_thread

_CHUNK = 4 * 2**20


def means_document(source: Path | bytes, name: str) -> bool:
    """Whether this is a document, or is called one: then words about it name documents."""
    return is_document(source) or name.lower().endswith(".pdf")


class Inbox:
    """Takes copies of files, and data, one after the other in the order in which they came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = asyncio.Lock()

    async def bring(self, source: Path | bytes, name: str) -> Path:
        """The source as a file in the inbox; whoever asks deletes it. Raises OcellusError."""
        async with self._turn:
            if isinstance(source, bytes):
                return await self._write(source, name)
            most = MAX_DOCUMENT if means_document(source, name) else MAX_PICTURE

            def copy(left: Callable[[], bool]) -> Path:
                path = hand_over(source, self._folder, name, most, left)
                if left():
                    path.unlink(missing_ok=True)
                return path

            return await in_thread(copy)

    async def _write(self, data: bytes, name: str) -> Path:
        """Write a piece at a time, so that the window keeps moving."""
        path = self._folder / secrets.token_hex(16)
        try:
            with new_file(path) as file:
                for start in range(0, len(data), _CHUNK):
                    write_all(file, data[start : start + _CHUNK])
                    await asyncio.sleep(0)
        except BaseException as error:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise unwritten(error, name, self._folder) from error
            raise
        return path

"""One file or piece of data on its way into the picture store."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.conversation import Picture
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import PictureTaken
from app.core.private import make_folder, open_file
from app.core.requests import TakePage, TakePicture
from app.session.outcome import outcome
from app.session.reading import Readings
from app.workers.remote import Remote

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_SIDE = 2**20
_CHUNK = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Source:
    """A file for the reader, which deletes it where it is to `consume` it."""

    path: Path
    name: str
    consume: bool
    password: str = ""


class Taking:
    """Has `take` make a picture of one source; can be tried again when that failed.

    The source is a file, or bytes, which reach the reader as a file in the
    inbox that it deletes. `picture` or `failed` is set once it has ended;
    `done` is called then.
    """

    def __init__(
        self,
        reader: Remote,
        readings: Readings,
        take: Callable[[Source], Awaitable[Picture]],
        name: str,
        source: Path | bytes,
        inbox: Path,
        done: Callable[[Taking], None],
    ) -> None:
        self.name = name
        self.password = ""
        self.picture: Picture | None = None
        self.failed: Failed | None = None
        self._reader = reader
        self._readings = readings
        self._take = take
        # Bytes are kept until the picture is there, so that it can be tried again.
        self._data = source if isinstance(source, bytes) else None
        self._path = inbox / secrets.token_hex(16) if isinstance(source, bytes) else source
        self._consume = isinstance(source, bytes)
        self._done = done
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start, or start again."""
        self.failed = None
        self._task = asyncio.create_task(self._run())

    async def finish(self) -> Picture:
        """The picture, once it is there. Raises OcellusError."""
        if self._task is not None:
            await asyncio.wait([self._task])
        if self.picture is not None:
            return self.picture
        if self.failed is not None:
            raise OcellusError(self.failed)
        raise asyncio.CancelledError

    def retry(self) -> None:
        """Start again if it failed, with a reader that is switched on again if need be."""
        if self.failed is not None:
            if self._reader.state.can_restart:
                self._reader.restart()
            self._reader.forgive(self._path)
            self.begin()

    def drop(self) -> None:
        """Nobody wants the picture any longer."""
        if self._task is not None:
            self._task.cancel()
        if self._consume:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    async def _run(self) -> None:
        try:
            if self._data is not None:
                await self._write(self._data)
            with self._readings.stepping_aside():
                source = Source(self._path, self.name, self._consume, self.password)
                self.picture = await self._take(source)
            self._data = None
        except OcellusError as error:
            self.failed = error.failed
        self._done(self)

    async def _write(self, data: bytes) -> None:
        """Put the data into the inbox, a piece at a time so that the window keeps moving."""
        try:
            make_folder(self._path.parent)
            with open_file(self._path) as file:
                for start in range(0, len(data), _CHUNK):
                    file.write(data[start : start + _CHUNK])
                    await asyncio.sleep(0)
        except OSError as error:
            raise OcellusError.of(
                ErrorKind.DISK_FULL,
                f"“{self.name}” could not be put on the disk.",
                f"Free some space where {self._path.parent} lies, then try again.",
                str(error),
            ) from error


async def take_picture(reader: Remote, source: Source) -> Picture:
    """Have the reader decode a picture. Raises OcellusError."""
    request = TakePicture(str(source.path), source.name, source.consume)
    return replace(await taken_picture(reader, request), name=source.name)


async def taken_picture(reader: Remote, request: TakePicture | TakePage) -> Picture:
    """The picture that this request ends in. Raises OcellusError."""
    taken = await outcome(reader, request, PictureTaken)
    if taken is None or not _plausible(taken.picture):
        raise OcellusError.of(ErrorKind.INTERNAL, "The reader returned no picture.")
    return taken.picture


def _plausible(picture: Picture) -> bool:
    """Whether this can be a stored picture: a hostile file may have taken over the reader."""
    return (
        is_hash(picture.sha256)
        and 0 < picture.width <= _LONGEST_SIDE
        and 0 < picture.height <= _LONGEST_SIDE
    )


def is_hash(name: str) -> bool:
    """Whether this can be the name of something in the store."""
    return _SHA256.fullmatch(name) is not None

"""One file or piece of data on its way into the picture store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.cancelled import WorkCancelledError
from app.core.conversation import Picture
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import PictureTaken
from app.core.requests import TakePage, TakePicture
from app.core.words.hashes import is_sha256
from app.session.pictures.inbox import Inbox
from app.session.reading.readings import Readings
from app.workers.remote import Remote
from app.workers.request_result import outcome

_LONGEST_SIDE = 2**20


@dataclass(frozen=True, slots=True)
class Source:
    """A file in the inbox for the reader, which deletes it where it is to `consume` it."""

    path: Path
    name: str
    consume: bool
    password: str = ""


class Ingest:
    """Has `take` make a picture of one source; can be tried again when that failed.

    The source is a file, or bytes; either reaches the reader as a file in the
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
        inbox: Inbox,
        done: Callable[[Ingest], None],
    ) -> None:
        self.name = name
        self.password = ""
        self.picture: Picture | None = None
        self.failed: Failed | None = None
        self._reader = reader
        self._readings = readings
        self._take = take
        # Kept until the picture is there, so that it can be tried again.
        self._source: Path | bytes | None = source
        self._inbox = inbox
        self._path: Path | None = None
        self._done = done
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start, or start again."""
        self.failed = None
        self._task = asyncio.create_task(self._run())

    async def finish(self) -> Picture:
        """The picture, once it is there. Raises OcellusError, and WorkCancelledError for none."""
        if self._task is not None:
            await asyncio.wait([self._task])
        if self.picture is not None:
            return self.picture
        if self.failed is not None:
            raise OcellusError(self.failed)
        raise WorkCancelledError

    def retry(self) -> None:
        """Start again if it failed, with a reader that is switched on again if need be."""
        if self.failed is not None:
            if self._reader.state.can_restart:
                self._reader.restart()
            if self._path is not None:
                self._reader.forgive(self._path)
            self.begin()

    def drop(self) -> None:
        """Nobody wants the picture any longer."""
        if self._task is not None:
            self._task.cancel()
        self._clear()

    async def _run(self) -> None:
        try:
            path = self._path = await self._inbox.bring(self._source or b"", self.name)
            with self._readings.stepping_aside():
                self.picture = await self._take(Source(path, self.name, True, self.password))  # noqa: FBT003
            self._source = None
        except OcellusError as error:
            self.failed = error.failed
            # One whose password is missing comes again, as any other that is tried again.
            self._clear()
        except WorkCancelledError:
            return  # The reader is being closed.
        self._done(self)

    def _clear(self) -> None:
        """Remove what the reader did not get to."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)


async def take_picture(reader: Remote, source: Source) -> PictureTaken:
    """Have the reader decode a picture. Raises OcellusError and WorkCancelledError."""
    request = TakePicture(str(source.path), source.name, source.consume)
    taken = await taken_picture(reader, request)
    return replace(taken, picture=replace(taken.picture, name=source.name))


async def taken_picture(reader: Remote, request: TakePicture | TakePage) -> PictureTaken:
    """The picture that this request ends in. Raises OcellusError and WorkCancelledError."""
    taken = await outcome(reader, request, PictureTaken)
    if taken is None or not _plausible(taken.picture):
        raise OcellusError.of(ErrorKind.INTERNAL, "The reader returned no picture.")
    return taken


def _plausible(picture: Picture) -> bool:
    """Whether this can be a stored picture: a hostile file may have taken over the reader."""
    return (
        is_sha256(picture.sha256)
        and 0 < picture.width <= _LONGEST_SIDE
        and 0 < picture.height <= _LONGEST_SIDE
    )

"""The text of pictures, read once each."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import aclosing, contextmanager
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.core.cancelled import WorkCancelledError
from app.core.conversation import Picture
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import PageRead, PictureRead
from app.core.language import PackSpec
from app.core.reading import Reading
from app.core.requests import ReadDocument, ReadPicture
from app.session.reading.preemptible import Preemptible
from app.workers.remote import Remote
from app.workers.request_result import follow

_KEPT = 64


class Readings(QObject):
    """Reads pictures through the reader and keeps what it found, by hash.

    Reading takes seconds and the reader does one thing at a time, so a reading
    steps aside while pictures are being taken and starts anew afterwards: a
    dropped picture is on the screen at once. `batch` is for work that steps
    aside for these readings too, `saving` for the writing of files, which a
    batch lets pass. A picture of a document's page is read by its
    document, which may know the text without looking.
    """

    readingReady = Signal(str, Reading)  # sha256
    readingFailed = Signal(str, Failed)  # sha256
    forgotten = Signal()  # every reading: what follows is read with another language pack

    def __init__(self, reader: Remote, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._known: OrderedDict[str, Reading] = OrderedDict()
        self._tasks: dict[str, asyncio.Task[Reading]] = {}
        self._pages: dict[str, ReadDocument] = {}
        self._names: dict[str, str] = {}
        self._pack: PackSpec | None = None
        self._single = Preemptible()
        self._revised: Callable[[str, Reading], Reading] = lambda _sha256, reading: reading
        self._recalled: Callable[[str], Reading | None] = lambda _sha256: None
        self.batch = Preemptible()
        self.saving = Preemptible()

    @property
    def pack(self) -> PackSpec | None:
        """The language pack that pictures are read with."""
        return self._pack

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being read, or waits for it."""
        return bool(self._tasks)

    def use(self, pack: PackSpec | None) -> None:
        """Read with this language pack from now on."""
        if pack != self._pack:
            self._pack = pack
            self._known.clear()
            self._tasks.clear()
            self.forgotten.emit()

    def revise_with(self, revised: Callable[[str, Reading], Reading]) -> None:
        """Keep what this makes of a reading in its place: a person has corrected it."""
        self._revised = revised

    def recall_with(self, recalled: Callable[[str], Reading | None]) -> None:
        """Ask this for readings that are not kept here."""
        self._recalled = recalled

    def known(self, sha256: str) -> Reading | None:
        """The reading of this picture if it is there already."""
        if sha256 in self._known:
            self._known.move_to_end(sha256)
        elif (recalled := self._recalled(sha256)) is not None:
            self._put(sha256, recalled)
        return self._known.get(sha256)

    def request(self, picture: Picture) -> None:
        """Have it read; a signal follows, at once where it is known already."""
        reading = self.known(picture.sha256)
        if reading is not None:
            self.readingReady.emit(picture.sha256, reading)
        else:
            self._task(picture)

    async def read(self, picture: Picture) -> Reading:
        """Its reading; callers at the same time share one.

        Raises OcellusError, and WorkCancelledError while the reader is closed.
        """
        reading = self.known(picture.sha256)
        if reading is not None:
            return reading
        # A caller that gives up must not take the reading from the others.
        reading = await asyncio.shield(self._task(picture))
        return self._revised(picture.sha256, reading)

    def belongs_to(self, sha256: str, page: ReadDocument) -> None:
        """This picture is a page: read it by this request, which names that page alone."""
        self._pages[sha256] = page

    def keep(self, sha256: str, reading: Reading) -> None:
        """Take the reading of a picture from elsewhere."""
        if self._known.get(sha256) != reading:
            self._remember(sha256, reading)

    @contextmanager
    def stepping_aside(self) -> Generator[None, None, None]:
        """Leave the reader to something more urgent."""
        with self._single.stepping_aside(), self._long_work_stepping_aside():
            yield

    @contextmanager
    def _long_work_stepping_aside(self) -> Generator[None, None, None]:
        with self.batch.stepping_aside(), self.saving.stepping_aside():
            yield

    def _task(self, picture: Picture) -> asyncio.Task[Reading]:
        sha256 = picture.sha256
        self._names[sha256] = picture.name
        task = self._tasks.get(sha256)
        if task is None:
            task = self._tasks[sha256] = asyncio.create_task(self._read(sha256))
            task.add_done_callback(lambda done: self._end(sha256, done))
        return task

    async def _read(self, sha256: str) -> Reading:
        with self._long_work_stepping_aside():
            return await self._single.run(lambda: self._attempt(sha256))

    async def _attempt(self, sha256: str) -> Reading:
        """The reading. Raises OcellusError, and WorkCancelledError while the reader is closed."""
        found: Reading | None = None
        request = replace(self._pages.get(sha256) or ReadPicture(sha256), pack=self._pack)
        about = self._names.get(sha256, "")
        async with aclosing(follow(self._reader, request, about)) as events:
            async for event in events:
                match event:
                    case PictureRead(_, reading):
                        found = reading
                    case PageRead(failure=Failed() as failure):
                        raise OcellusError(failure)
                    case PageRead(page=page):
                        found = Reading((replace(page, number=1),))
                    case _:
                        pass
        if found is None:
            raise OcellusError.of(ErrorKind.INTERNAL, "The reader returned no text.")
        return found

    def _end(self, sha256: str, task: asyncio.Task[Reading]) -> None:
        is_wanted = self._tasks.get(sha256) is task
        if is_wanted:
            del self._tasks[sha256]
        if task.cancelled():
            return
        error = task.exception()
        if not is_wanted:
            return  # It was read with another pack than is wanted now.
        if error is None:
            self._remember(sha256, task.result())
        elif isinstance(error, OcellusError):
            self.readingFailed.emit(sha256, error.failed)
        elif not isinstance(error, WorkCancelledError):
            raise error

    def _remember(self, sha256: str, reading: Reading) -> None:
        self.readingReady.emit(sha256, self._put(sha256, reading))

    def _put(self, sha256: str, reading: Reading) -> Reading:
        reading = self._known[sha256] = self._revised(sha256, reading)
        self._known.move_to_end(sha256)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return reading

"""Documents of several pages: their pages as pictures, and their text page by page."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.core.cancelled import WorkCancelledError
from app.core.conversation import Picture
from app.core.document import Document
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import DocumentTaken, PageRead
from app.core.reading import Page, Reading
from app.core.requests import ReadDocument, TakeDocument, TakePage
from app.core.words.hashes import is_sha256
from app.session.documents.page_prefetch import PagePrefetch
from app.session.documents.pages import OpenDocument, Place, ReadingProgress
from app.session.pictures.ingest import Source, taken_picture
from app.session.reading.readings import Readings
from app.workers.remote import Remote
from app.workers.request_result import follow, outcome

_MOST_PAGES = 100_000


class Documents(QObject):
    """Takes documents through the reader and has their pages taken and read.

    The first page of a document is taken with it, others when they are turned
    to; the one that will be next is taken ahead. Reading all of them goes on
    in the background. Both step aside for whatever a person waits for, and
    reading keeps what it has when it is cancelled.
    """

    pageTaken = Signal(str, int, Picture)  # document's sha256, page
    pageFailed = Signal(str, int, Failed)  # document's sha256, page: it was not taken
    pageAhead = Signal(Picture)  # of a page that nobody has turned to yet
    progressed = Signal(str, ReadingProgress)  # document's sha256
    noticed = Signal(Failed)  # reading all pages ended early

    def __init__(self, reader: Remote, readings: Readings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._readings = readings
        self._open: dict[str, OpenDocument] = {}
        self._turning: dict[str, asyncio.Task[None]] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._ahead = PagePrefetch(readings.batch, self._take_page, self.pageAhead.emit)
        # Whether the attempt that is under way brought a page.
        self._arrived = False
        readings.readingReady.connect(self._picture_read)
        readings.forgotten.connect(self._forget)

    @property
    def hashes(self) -> tuple[str, ...]:
        """The files that were stored since the start; nothing needs them after the end."""
        return tuple(self._open)

    @property
    def is_busy(self) -> bool:
        """Whether pages are being read, or the next one will come by itself."""
        return bool(self._reading) or self._ahead.is_under_way

    async def take(self, source: Source) -> Picture:
        """Check and store a document and return its first page. Raises OcellusError."""
        document = await self._checked(source)
        known = self._open.get(document.sha256)
        if known is None:
            known = self._open[document.sha256] = OpenDocument(document)
        known.password = source.password
        return known.pictures.get(1) or await self._take_page(known, 1)

    def place(self, sha256: str) -> Place | None:
        """The page that this picture shows, if it is one."""
        for known in self._open.values():
            for page in known.of_picture(sha256):
                return Place(known.document, page)
        return None

    def turn_to(self, document: str, page: int) -> Picture | None:
        """The page's picture if it is there; otherwise `pageTaken` or `pageFailed` follows.

        Only the page that was asked for last is waited for.
        """
        known = self._open[document]
        if (turning := self._turning.pop(document, None)) is not None:
            turning.cancel()
        picture = known.pictures.get(page)
        if picture is None:
            self._turning[document] = asyncio.create_task(self._turn(known, page))
        elif (reading := known.reading_of(page)) is not None:
            self._readings.keep(picture.sha256, reading)
        return picture

    def look_ahead(self, document: str, page: int) -> None:
        """Page `page` is on the screen: take the one that will be next, when nothing else is on.

        While pages are read, that is between two of them.
        """
        known = self._open[document]
        self._ahead.want(known, known.next_of(page))
        if not self._reading:
            self._ahead.begin()

    def read(self, document: str, first: int = 1) -> None:
        """Read every page that was not read yet, from page `first` on; `progressed` follows."""
        known = self._open[document]
        if document in self._reading or not known.unread(first):
            return
        known.timed, known.seconds = 0, 0.0
        self._reader.forgive_document(document)
        self._ahead.pause()
        task = self._reading[document] = asyncio.create_task(self._read_all(known, first))
        # Not in the task: one that is cancelled before its first step would not get there.
        task.add_done_callback(lambda _: self._ended(known))
        self._tell(known)

    def cancel(self, document: str) -> None:
        """Stop reading; the pages that were read stay."""
        if (task := self._reading.get(document)) is not None:
            task.cancel()

    def progress(self, document: str) -> ReadingProgress:
        """How far the reading is."""
        return self._open[document].progress(running=document in self._reading)

    def find(self, document: str, words: str) -> dict[int, int]:
        """How often `words` stand on each page that was read, as `PageText.find` counts."""
        return self._open[document].find(words)

    def reading(self, document: str) -> Reading:
        """All pages that were read so far, in their order."""
        return self._open[document].reading()

    def amend(self, sha256: str, reading: Reading) -> None:
        """What the pages that look like this picture say, as a person corrected it."""
        for known in self._open.values():
            changed = False
            for number in known.of_picture(sha256):
                page = replace(reading.pages[0], number=number)
                if number in known.pages and known.pages[number] != page:
                    known.keep(page)
                    changed = True
            if changed:
                self._tell(known)

    def password(self, document: str) -> str:
        """What opened it; "" where nothing had to, and for what is no document here."""
        known = self._open.get(document)
        return known.password if known is not None else ""

    async def close(self) -> None:
        """Let go of everything that is under way."""
        tasks = [*self._turning.values(), *self._reading.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._ahead.close()

    async def _checked(self, source: Source) -> Document:
        request = TakeDocument(str(source.path), source.name, source.password, source.consume)
        taken = await outcome(self._reader, request, DocumentTaken)
        if taken is None or not _plausible(taken.document):
            raise OcellusError.of(ErrorKind.INTERNAL, "The reader returned no document.")
        return replace(taken.document, name=source.name)

    async def _take_page(self, known: OpenDocument, page: int) -> Picture:
        request = TakePage(known.document, page, known.password)
        answer = await taken_picture(self._reader, request)
        taken = replace(answer.picture, name=known.name(page))
        known.pictures[page] = taken
        alone = ReadDocument(known.document, (page,), known.password)
        self._readings.belongs_to(taken.sha256, alone)
        if (reading := known.reading_of(page)) is not None:
            self._readings.keep(taken.sha256, reading)
        return taken

    async def _turn(self, known: OpenDocument, page: int) -> None:
        document = known.document.sha256
        try:
            await self._ahead.taken(known, page)
            picture = known.pictures.get(page)
            if picture is None:
                with self._readings.stepping_aside():
                    picture = await self._take_page(known, page)
        except OcellusError as error:
            self.pageFailed.emit(document, page, error.failed)
        except WorkCancelledError:
            pass  # As in `_read_all`.
        else:
            self.pageTaken.emit(document, page, picture)

    async def _read_all(self, known: OpenDocument, first: int) -> None:
        while known.unread(first):
            try:
                await self._readings.batch.run(lambda: self._attempt(known, first))
            except WorkCancelledError:
                return  # The reader is being closed.
            except OcellusError as error:
                if not self._goes_on(known, first, error.failed):
                    self.noticed.emit(error.failed)
                    return

    def _goes_on(self, known: OpenDocument, first: int, failed: Failed) -> bool:
        """Whether to read on after this, with a reader that was started again.

        A page that ends the reader as the first of its pages is left out from then on.
        """
        if failed.kind is not ErrorKind.CHILD_DIED or not self._reader.state.running:
            return False
        if not self._arrived and (unread := known.unread(first)):
            known.keep(Page(0, 0, (), unread[0]), failed)
            self._tell(known)
        return True

    def _ended(self, known: OpenDocument) -> None:
        del self._reading[known.document.sha256]
        if not self._reading:
            self._ahead.begin()
        self._tell(known)

    async def _attempt(self, known: OpenDocument, first: int) -> None:
        """Read what is unread. Raises OcellusError and WorkCancelledError."""
        pages = known.unread(first)
        wanted = set(pages)
        self._arrived = False
        request = ReadDocument(known.document, pages, known.password, self._readings.pack)
        since = time.monotonic()
        async with aclosing(follow(self._reader, request)) as events:
            async for event in events:
                match event:
                    case PageRead(page=page, failure=failure) if page.number in wanted:
                        wanted.discard(page.number)
                        now = time.monotonic()
                        self._arrived = True
                        known.timed += 1
                        known.seconds += now - since
                        since = now
                        self._page_read(known, page, failure)
                        if self._ahead.is_wanted:
                            # The rest is asked for anew: one request after the other is served.
                            break
                    case _:
                        pass
        if self._ahead.is_wanted:
            await self._ahead.take()
        elif wanted & set(known.unread(first)):
            raise OcellusError.of(ErrorKind.INTERNAL, "The reader left out pages of the document.")

    def _page_read(self, known: OpenDocument, page: Page, failure: Failed | None) -> None:
        known.keep(page, failure)
        picture, reading = known.pictures.get(page.number), known.reading_of(page.number)
        if picture is not None and reading is not None:
            self._readings.keep(picture.sha256, reading)
        self._tell(known)

    def _picture_read(self, sha256: str, reading: Reading) -> None:
        """A page was read by itself, because it was on the screen."""
        for known in self._open.values():
            new = [page for page in known.of_picture(sha256) if page not in known.pages]
            for number in new:
                known.keep(replace(reading.pages[0], number=number))
            if new:
                self._tell(known)

    def _forget(self) -> None:
        """Every page is to be read anew; what was being read begins again by itself."""
        for document, known in self._open.items():
            known.forget()
            if (task := self._reading.get(document)) is not None:
                # After `_ended`, which was the first to ask.
                task.add_done_callback(lambda _, document=document: self.read(document))
                task.cancel()
            else:
                self._tell(known)

    def _tell(self, known: OpenDocument) -> None:
        document = known.document.sha256
        self.progressed.emit(document, self.progress(document))


def _plausible(document: Document) -> bool:
    return is_sha256(document.sha256) and 0 < document.pages <= _MOST_PAGES

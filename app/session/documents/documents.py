"""Documents of several pages: their pages as pictures, and their text page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.core.cancelled import WorkCancelledError
from app.core.conversation import Picture
from app.core.document import Document, DocumentKind
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.reading import Page, Reading
from app.core.requests import ReadDocument, TakePage
from app.session.documents.all_pages import AllPages
from app.session.documents.kept_documents import DocumentStore, KeptDocuments
from app.session.documents.locked import Locked
from app.session.documents.page_prefetch import PagePrefetch
from app.session.documents.pages import OpenDocument, Place, ReadingProgress
from app.session.documents.taken import taken_document
from app.session.pictures.ingest import Source, taken_picture
from app.session.reading.readings import Readings
from app.workers.remote import Remote


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
    # A document's sha256, its name, whether the password given was wrong.
    passwordNeeded = Signal(str, str, bool)
    progressed = Signal(str, ReadingProgress)  # document's sha256
    noticed = Signal(Failed)  # reading all pages ended early, or they cannot be kept

    def __init__(
        self,
        reader: Remote,
        readings: Readings,
        store: DocumentStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._readings = readings
        self._open: dict[str, OpenDocument] = {}
        self._turning: dict[str, asyncio.Task[None]] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._kept = KeptDocuments(store, self)
        self._kept.noticed.connect(self.noticed)
        self._ahead = PagePrefetch(readings.batch, self._take_page, self.pageAhead.emit)
        self._all = AllPages(reader, readings, self._ahead, self._page_read)
        self._locked = Locked(self.passwordNeeded.emit)
        readings.readingReady.connect(self._picture_read)
        readings.forgotten.connect(self._forget)
        readings.recall_with(self._reading_of)

    @property
    def hashes(self) -> tuple[str, ...]:
        """The documents of this run; after its end those are needed that were asked about."""
        return tuple(self._open)

    @property
    def is_busy(self) -> bool:
        """Whether pages are being read, or the next one will come by itself."""
        return bool(self._reading) or self._ahead.is_under_way

    async def take(self, source: Source) -> Picture:
        """Check and store a document and return its first page. Raises OcellusError."""
        document = await taken_document(self._reader, source)
        known = self._known(document)
        known.password = source.password
        return known.pictures.get(1) or await self._take_page(known, 1)

    def recall(self, pictures: Iterable[Picture]) -> None:
        """These are shown in a conversation: have the documents again whose pages they are."""
        for picture in pictures:
            if picture.document is not None:
                known = self._known(picture.document)
                if picture.page not in known.pictures:
                    self._add(known, picture.page, picture)

    def keep_read(self) -> None:
        """A question has been asked: keep what was read of its documents before."""
        for known in self._open.values():
            self._kept.keep(known)

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
                if known.page(number) not in (None, page):
                    known.keep(page)
                    changed = True
            if changed:
                self._tell(known)

    def password(self, document: str) -> str:
        """What opened it; "" where nothing had to, and for what is no document here."""
        known = self._open.get(document)
        return known.password if known is not None else ""

    def unlock(self, document: str, password: str) -> None:
        """Go on with this password; `passwordNeeded` follows if it is wrong."""
        self._open[document].password = password
        self._locked.go_on(document)

    def stay_locked(self, document: str) -> None:
        """Nobody knows the password."""
        self._locked.give_up(document)

    async def close(self) -> None:
        """Let go of everything that is under way."""
        tasks = [*self._turning.values(), *self._reading.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._ahead.close()
        self.keep_read()
        await self._kept.close()

    def _known(self, document: Document) -> OpenDocument:
        """The document, open from now on, with what was read of it in an earlier run."""
        known = self._open.get(document.sha256)
        if known is None:
            known = self._open[document.sha256] = OpenDocument(document)
            self._kept.recall(known)
        return known

    async def _take_page(self, known: OpenDocument, page: int) -> Picture:
        request = TakePage(known.document, page, known.password)
        answer = await taken_picture(self._reader, request)
        taken = replace(answer.picture, name=known.name(page))
        if known.document.kind is not DocumentKind.PICTURE:
            taken = replace(taken, document=known.document, page=page)
        self._add(known, page, taken)
        if (reading := known.reading_of(page)) is not None:
            self._readings.keep(taken.sha256, reading)
        return taken

    def _add(self, known: OpenDocument, page: int, picture: Picture) -> None:
        known.pictures[page] = picture
        if known.document.locked and not known.password:
            return  # Until the password is known, only the picture itself can be read.
        alone = ReadDocument(known.document, (page,), known.password)
        self._readings.belongs_to(picture.sha256, alone)

    def _reading_of(self, sha256: str) -> Reading | None:
        for known in self._open.values():
            for page in known.of_picture(sha256):
                if (reading := known.reading_of(page)) is not None:
                    return reading
        return None

    async def _turn(self, known: OpenDocument, page: int) -> None:
        document = known.document.sha256
        try:
            await self._ahead.taken(known, page)
            picture = known.pictures.get(page)
            if picture is None:
                with self._readings.stepping_aside():
                    picture = await self._take_page(known, page)
        except OcellusError as error:
            failed = error.failed
            if failed.kind is ErrorKind.PASSWORD:
                self._locked.wait(
                    known,
                    lambda: self.turn_to(document, page),
                    lambda: self.pageFailed.emit(document, page, failed),
                )
            else:
                self.pageFailed.emit(document, page, failed)
        except WorkCancelledError:
            pass  # As in `_read_all`.
        else:
            self.pageTaken.emit(document, page, picture)

    async def _read_all(self, known: OpenDocument, first: int) -> None:
        failed = await self._all.read(known, first)
        if failed is None:
            return
        if failed.kind is ErrorKind.PASSWORD:
            self._locked.wait(known, lambda: self.read(known.document.sha256, first))
        else:
            self.noticed.emit(failed)

    def _ended(self, known: OpenDocument) -> None:
        del self._reading[known.document.sha256]
        if not self._reading:
            self._ahead.begin()
        self._tell(known)

    def _page_read(self, known: OpenDocument, page: Page, failure: Failed | None) -> None:
        known.keep(page, failure)
        picture, reading = known.pictures.get(page.number), known.reading_of(page.number)
        if picture is not None and reading is not None:
            self._readings.keep(picture.sha256, reading)
        self._tell(known)

    def _picture_read(self, sha256: str, reading: Reading) -> None:
        """A page was read by itself, because it was on the screen."""
        for known in self._open.values():
            new = [page for page in known.of_picture(sha256) if page not in known.texts]
            for number in new:
                known.keep(replace(reading.pages[0], number=number))
            if new:
                self._tell(known)

    def _forget(self) -> None:
        """Every page is to be read anew; what was being read begins again by itself."""
        for document, known in self._open.items():
            known.forget()
            self._kept.forget(known)
            if (task := self._reading.get(document)) is not None:
                # After `_ended`, which was the first to ask.
                task.add_done_callback(lambda _, document=document: self.read(document))
                task.cancel()
            else:
                self._tell(known)

    def _tell(self, known: OpenDocument) -> None:
        """What is known of its pages has changed."""
        self._kept.keep(known)
        document = known.document.sha256
        self.progressed.emit(document, self.progress(document))

"""What is kept of documents that were asked about: what was read on their pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.archive.documents import StoredPage, pack
from app.core.errors import Failed, OcellusError
from app.core.reading import Page
from app.session.documents.pages import OpenDocument
from app.session.threads import in_thread

# Packed and written in one piece.
_MOST_AT_ONCE = 16


class DocumentStore(Protocol):
    """The archive's documents. Every call is short and may raise OcellusError."""

    def knows(self, sha256: str) -> bool:
        """Whether a question was asked about it."""
        ...

    def keep_pages(self, document: str, pages: Iterable[StoredPage]) -> bool:
        """Keep what was read; False where nobody asked about the document."""
        ...

    def forget_pages(self, document: str) -> None:
        """Forget what was read of it."""
        ...

    def texts(self, document: str) -> Mapping[int, str]:
        """What is searched, of each page that was read."""
        ...

    def page(self, document: str, number: int) -> Page | None:
        """What was read on this page."""
        ...


class KeptDocuments(QObject):
    """Writes read pages into the archive as they come, and has them again after a start.

    Nothing is written of a document that nobody has asked about, nor of one with a
    password: what a person has locked is not left lying open.
    """

    noticed = Signal(Failed)  # it cannot be kept just now; told once

    def __init__(self, store: DocumentStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._waiting: dict[str, OpenDocument] = {}
        self._task: asyncio.Task[None] | None = None
        self._told = False

    def recall(self, known: OpenDocument) -> None:
        """Give it what was read in an earlier run."""
        document = known.document.sha256
        if known.document.locked:
            return
        try:
            known.recall(self._store.texts(document), lambda number: self._page(document, number))
        except OcellusError as error:
            self.noticed.emit(error.failed)

    def keep(self, known: OpenDocument) -> None:
        """Write what is new of it, soon."""
        if known.unsaved and not known.document.locked:
            self._waiting[known.document.sha256] = known
            if self._task is None:
                self._task = asyncio.create_task(self._write())
                self._task.add_done_callback(self._ended)

    def forget(self, known: OpenDocument) -> None:
        """What was read of it is no longer what it says."""
        try:
            self._store.forget_pages(known.document.sha256)
        except OcellusError as error:
            self.noticed.emit(error.failed)

    async def close(self) -> None:
        """Write what is left."""
        while self._task is not None:
            await asyncio.wait([self._task])

    def _page(self, document: str, number: int) -> Page | None:
        try:
            return self._store.page(document, number)
        except OcellusError:
            return None  # It is read once more.

    async def _write(self) -> None:
        while self._waiting:
            document = next(iter(self._waiting))
            known = self._waiting.pop(document)
            try:
                while known.unsaved and self._store.knows(document):
                    await self._write_some(known)
            except OcellusError as error:
                # With the next page it is tried again.
                if not self._told:
                    self._told = True
                    self.noticed.emit(error.failed)

    async def _write_some(self, known: OpenDocument) -> None:
        """Some of the pages. Raises OcellusError."""
        numbers = sorted(known.unsaved)[:_MOST_AT_ONCE]
        pages = [(number, known.texts[number], known.pages[number]) for number in numbers]
        packed = await in_thread(
            lambda _: [StoredPage(number, text, pack(page)) for number, text, page in pages]
        )
        # What was read anew meanwhile waits for its turn.
        now = [
            stored
            for stored, (number, _, page) in zip(packed, pages, strict=True)
            if known.pages.get(number) is page
        ]
        self._store.keep_pages(known.document.sha256, now)
        known.unsaved.difference_update(stored.number for stored in now)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled():
            task.result()

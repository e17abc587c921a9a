"""A reader's process for many documents: started again when one of them ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from app.children import reader_child
from app.core.cancelled import WorkCancelledError
from app.core.document import Document
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import DocumentTaken, PageRead, PictureTaken
from app.core.export import ExportFormat
from app.core.files.handing import hand_over
from app.core.language import PackSpec
from app.core.pictures import document_path, picture_path
from app.core.reading import Page
from app.core.requests import ReadDocument, TakeDocument, TakePage
from app.workers.host import Host
from app.workers.request_result import follow_blocking, outcome_blocking
from app.workers.saving import SaveJob

# A document that ends the reader at as many pages is not worth the rest.
_MOST_DEATHS = 3

Chosen = Callable[[int], tuple[int, ...]]


class DocumentReader:
    """For one thread, which has to stay while this is used; `stop` is for any."""

    def __init__(self, folder: Path, pack: PackSpec | None = None) -> None:
        """`folder` is for this reader alone; documents lie in it while they are read."""
        self._pack = pack
        self._store, self._inbox = folder / "pictures", folder / "inbox"
        languages = () if pack is None else (Path(pack.path).parent,)
        self._spec = reader_child(self._store, self._inbox, languages=languages)
        self._host = Host(self._spec)
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        self._host.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._host.close()

    def stop(self) -> None:
        """End what is being read; WorkCancelledError comes out where it was asked for."""
        self._stopped.set()
        self._host.cancel(self._host.newest)

    def take(self, path: Path, password: str = "") -> DocumentTaken:
        """Have the document checked and copied. Raises OcellusError."""
        handed = hand_over(path, self._inbox, path.name, cancelled=self._stopped.is_set)
        request = TakeDocument(str(handed), path.name, password, consume=True)
        try:
            taken = outcome_blocking(self._host, request, DocumentTaken)
        except OcellusError as error:
            self._revive(error.failed)
            if error.failed.kind is ErrorKind.PASSWORD:
                failed = replace(error.failed, advice="Give its password with --password.")
                raise OcellusError(failed) from error
            raise
        finally:
            with suppress(OSError):
                handed.unlink(missing_ok=True)
        if taken is None:
            raise self._without_result()
        return taken

    def pages(self, document: Document, chosen: Chosen, password: str = "") -> Iterator[PageRead]:
        """Each chosen page as it is read. Raises OcellusError where nothing can be."""
        numbers = chosen(document.pages)
        if not numbers:
            raise OcellusError.of(
                ErrorKind.BAD_DOCUMENT,
                f"{document.name} has only {document.pages} pages, none of those asked for.",
                "Choose others with --pages.",
            )
        deaths = 0
        for done, number in enumerate(numbers, 1):
            read = self._page(document, number, password)
            if read.failure is not None and read.failure.kind is ErrorKind.CHILD_DIED:
                deaths += 1
                if deaths >= _MOST_DEATHS:
                    raise OcellusError(read.failure)
            yield replace(read, done=done, total=len(numbers))

    def picture(self, document: Document, number: int, password: str = "") -> Path:
        """Have one page drawn: a PNG file for whoever asks to delete. Raises OcellusError."""
        try:
            taken = outcome_blocking(self._host, TakePage(document, number, password), PictureTaken)
        except OcellusError as error:
            self._revive(error.failed)
            raise
        if taken is None:
            raise self._without_result()
        return picture_path(self._store, taken.picture.sha256)

    @contextmanager
    def saved(
        self,
        document: Document,
        pages: Iterable[Page],
        form: ExportFormat,
        name: str,
        password: str = "",
    ) -> Generator[SaveJob]:
        """The pages written in this form, to be copied. Raises OcellusError."""
        with SaveJob(self._inbox, document, form, name, password) as job:
            for page in pages:
                job.add(page)
            try:
                for _ in follow_blocking(self._host, job.request):
                    pass
            except OcellusError as error:
                self._revive(error.failed)
                raise
            yield job

    def forget(self, document: Document) -> None:
        """Delete the copies of a document that is done with."""
        for place in (document_path, picture_path):
            with suppress(OSError, ValueError):
                place(self._store, document.sha256).unlink()

    def _page(self, document: Document, number: int, password: str) -> PageRead:
        read: PageRead | None = None
        try:
            # Page by page, so that one at which the reader dies costs no other.
            request = ReadDocument(document, (number,), password, self._pack)
            for event in follow_blocking(self._host, request):
                if isinstance(event, PageRead):
                    read = event
        except OcellusError as error:
            if not self._revive(error.failed):
                raise
            if read is None:
                failure = replace(error.failed, headline=f"The reader stopped at page {number}.")
                read = PageRead(document.sha256, Page(0, 0, (), number), 1, 1, failure)
        if read is None:
            raise self._without_result()
        return read

    def _revive(self, failed: Failed) -> bool:
        """Start another reader if this one has ended; whether it had."""
        if self._stopped.is_set():
            raise WorkCancelledError
        if failed.kind is not ErrorKind.CHILD_DIED:
            return False
        self._host = Host(self._spec)
        self._host.start()
        return True

    def _without_result(self) -> Exception:
        if self._stopped.is_set():
            return WorkCancelledError()
        return OcellusError.of(
            ErrorKind.INTERNAL,
            "The reader returned nothing.",
            "Please report this with the file at hand.",
        )

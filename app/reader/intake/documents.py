"""Documents of any number of pages: taken, shown and read a page at a time."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PIL import Image

from app.core.cancelled import WorkCancelledError, check
from app.core.document import Document, DocumentKind
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import DocumentTaken, PageRead
from app.core.files.file_kinds import (
    HEAD_BYTES,
    document_kind,
    not_openable,
    unsupported_kind,
)
from app.core.files.opening import opened
from app.core.language import PackSpec
from app.core.reading import Page, PageSource
from app.reader.intake.decoding import decode
from app.reader.intake.page_text import page_of
from app.reader.intake.pages import Cancelled, PageFile, PicturePages
from app.reader.intake.tiff import TiffPages
from app.reader.ocr.warm import WarmOcr
from app.reader.store import Store
from app.reader.watch import StuckError, Watched

Result = TypeVar("Result")


# A page is drawn in well under a second; what takes a minute never ends.
_DRAW_SECONDS = 60.0
_READ_SECONDS = 600.0
_DRAW_GROWTH = 700 * 1024**2
_READ_GROWTH = 1500 * 1024**2


class DocumentIntake:
    """The documents of a store, one of them open at a time."""

    def __init__(self, store: Store, ocr: WarmOcr) -> None:
        self._store = store
        self._ocr = ocr
        # PDFium knows no threads, so that all pages are drawn in the same one.
        self._thread = Watched()
        self._open: tuple[tuple[str, str], PageFile] | None = None
        self._takes = 0

    def take(self, path: Path, name: str, password: str, cancelled: Cancelled) -> DocumentTaken:
        """Check the file and store it. Raises OcellusError, WorkCancelledError and StuckError.

        A picture is stored clean, a document as it came: its pages become
        pictures when they are asked for.
        """
        with opened(path, name) as file:
            head = file.read(HEAD_BYTES)
            kind = document_kind(head)
            if kind is None and not unsupported_kind(head):
                raise not_openable(name)
            if kind is DocumentKind.PDF or kind is DocumentKind.TIFF:
                file.seek(0)
                size = os.fstat(file.fileno()).st_size
                self._takes += 1
                sha256, is_new = self._store.keep(file, size, cancelled)
                document = Document(sha256, kind, 0, name)
                try:
                    document = self._counted(document, password, cancelled)
                except BaseException:
                    self._forget(document, is_new=is_new)
                    raise
                if kind is DocumentKind.PDF or document.pages > 1:
                    return DocumentTaken(document)
                self._forget(document, is_new=is_new)
        decoded = decode(path, name)
        picture = self._store.add(decoded.image, name)
        document = Document(picture.sha256, DocumentKind.PICTURE, 1, name)
        return DocumentTaken(document, decoded.cut_off)

    def picture(
        self, document: Document, number: int, password: str, cancelled: Cancelled
    ) -> Image.Image:
        """One page as an RGB picture. Raises OcellusError, WorkCancelledError and StuckError."""
        return self._drawn(
            document,
            password,
            cancelled,
            lambda pages, left: pages.picture(_checked(number, pages.count), left),
        )

    def source(self, document: Document) -> Path:
        """Where a document lies that is kept as it came: a PDF or TIFF."""
        return self._store.document(document.sha256)

    def read(
        self,
        document: Document,
        numbers: tuple[int, ...],
        password: str,
        cancelled: Cancelled,
        pack: PackSpec | None = None,
    ) -> Iterator[PageRead]:
        """Read these pages (none are all), each as soon as it is done, with a language pack too.

        A page that cannot be read comes with its failure. Raises OcellusError
        where the document as a whole cannot be read, WorkCancelledError, and StuckError
        after the page that it is stuck at.
        """
        self._open_pack(pack, cancelled)
        count = self._drawn(document, password, cancelled, lambda pages, _: pages.count)
        chosen = numbers or range(1, count + 1)
        for done, number in enumerate(chosen, 1):
            failure: Failed | None = None
            stuck: StuckError | None = None
            try:
                # A page that is done within one look at the clock would never be asked.
                check(cancelled)
                page = self._read_page(document, number, password, cancelled, pack)
            except WorkCancelledError:
                raise
            except OcellusError as error:
                failure = error.failed
            except StuckError as error:
                stuck = error
                failure = Failed(
                    ErrorKind.TOO_LARGE,
                    f"Page {number} takes too much time or memory to be drawn.",
                    "Read the other pages without it.",
                    str(error),
                )
            except MemoryError:
                failure = Failed(
                    ErrorKind.OUT_OF_MEMORY,
                    f"There is not enough memory for page {number}.",
                    "Close other programs, then read it once more.",
                    traceback.format_exc(),
                )
            except Exception:  # noqa: BLE001 - one page must not stop the others
                failure = Failed(
                    ErrorKind.INTERNAL,
                    f"The reader failed at page {number}.",
                    "The other pages are read. Please report it with the details.",
                    traceback.format_exc(),
                )
            if failure is not None:
                page = Page(0, 0, (), number)
            yield PageRead(document.sha256, page, done, len(chosen), failure)
            if page.source is not PageSource.TEXT_LAYER:
                self._ocr.rest()
            if stuck is not None:
                raise stuck

    def read_picture(self, sha256: str, cancelled: Cancelled, pack: PackSpec | None = None) -> Page:
        """What a stored picture says. Raises OcellusError, WorkCancelledError, StuckError."""
        ocr = self._ocr.get(cancelled)
        page = self._thread.run(
            lambda left: ocr.with_pack(pack).page(self._store.open(sha256), left),
            cancelled,
            _READ_SECONDS,
            _READ_GROWTH,
        )
        return replace(page, pack=pack.id) if pack is not None else page

    def close(self) -> None:
        """Let go of what is open."""
        self._thread.close()

    def _open_pack(self, pack: PackSpec | None, cancelled: Cancelled) -> None:
        """So that one which is damaged fails once and not at each page. Raises OcellusError."""
        if pack is not None:
            self._ocr.get(cancelled).with_pack(pack)

    def _read_page(
        self,
        document: Document,
        number: int,
        password: str,
        cancelled: Cancelled,
        pack: PackSpec | None,
    ) -> Page:
        prepared = self._drawn(
            document,
            password,
            cancelled,
            lambda pages, left: pages.prepare(_checked(number, pages.count), left),
        )
        ocr = self._ocr.get(cancelled) if prepared.needs_reading else None
        page = self._thread.run(
            lambda left: page_of(prepared, number, ocr and ocr.with_pack(pack), left),
            cancelled,
            _READ_SECONDS,
            _READ_GROWTH,
        )
        return replace(page, pack=pack.id) if pack is not None and ocr is not None else page

    def _drawn(
        self,
        document: Document,
        password: str,
        cancelled: Cancelled,
        work: Callable[[PageFile, Cancelled], Result],
    ) -> Result:
        """`work` with the open document, in the thread for it."""
        return self._thread.run(
            lambda left: work(self._pages(document, password, left), left),
            cancelled,
            _DRAW_SECONDS,
            _DRAW_GROWTH,
        )

    def _counted(self, document: Document, password: str, cancelled: Cancelled) -> Document:
        """The document with its pages counted, and whether it is locked."""
        locked = False
        try:
            count = self._drawn(document, "", cancelled, lambda pages, _: pages.count)
        except OcellusError as error:
            if error.failed.kind is not ErrorKind.PASSWORD or not password:
                raise
            locked = True
            count = self._drawn(document, password, cancelled, lambda pages, _: pages.count)
        return Document(document.sha256, document.kind, count, document.name, locked)

    def _pages(self, document: Document, password: str, cancelled: Cancelled) -> PageFile:
        """The document's pages, opened unless they are already."""
        key = (document.sha256, password)
        if self._open is not None and self._open[0] == key:
            return self._open[1]
        self._close_open()
        pages = self._opened(document, password, cancelled)
        self._open = key, pages
        return pages

    def _opened(self, document: Document, password: str, cancelled: Cancelled) -> PageFile:
        if document.kind is DocumentKind.PICTURE:
            return PicturePages(lambda: self._store.open(document.sha256))
        path = self._store.document(document.sha256)
        name = document.name or "this document"
        if document.kind is DocumentKind.TIFF:
            return TiffPages(path, name, cancelled)
        # Here, so that the child starts without PDFium.
        from app.reader.intake.pdf import PdfPages  # noqa: PLC0415

        return PdfPages(path, name, password)

    def _close_open(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _forget(self, document: Document, *, is_new: bool) -> None:
        """Do not keep what is no document of several pages, unless it was here before."""
        takes = self._takes

        def forget() -> None:
            if self._open is not None and self._open[0][0] == document.sha256:
                self._close_open()
            # It may be late, and the same file have come again.
            if is_new and self._takes == takes:
                self._store.drop(document.sha256)

        self._thread.later(forget)


def _checked(number: int, count: int) -> int:
    """The page's number, if there is such a page. Raises OcellusError."""
    if 1 <= number <= count:
        return number
    raise OcellusError.of(
        ErrorKind.BAD_DOCUMENT,
        f"There is no page {number}: the document has {count}.",
        "Choose pages that exist.",
    )

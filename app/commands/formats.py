"""Pages that were read, written in any form by the process that asked for them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

from app.commands.documents import DocumentReader
from app.core.document import Document, DocumentKind
from app.core.errors import OcellusError
from app.core.export import ExportFormat
from app.core.reading import Page

if TYPE_CHECKING:
    from PIL import Image

    from app.workers.saving import SaveJob

STREAMS = frozenset((ExportFormat.TEXT, ExportFormat.MD, ExportFormat.CSV))
"""Half of a result in these is of use to a person."""

ALONE = frozenset((ExportFormat.HTML, ExportFormat.HOCR, ExportFormat.PDF))
"""Several of these after each other are no file that a program opens."""


def write_stream(pages: Iterable[Page], form: ExportFormat) -> None:
    """Write the pages to stdout as they come, in one of `STREAMS`. Raises OcellusError."""
    # Here, so that nothing waits for Pillow before the first page is read.
    from app.reader.exports import write  # noqa: PLC0415

    write(pages, form, sys.stdout.buffer)


def saved(
    pages: Iterable[Page], form: ExportFormat, name: str, pictures: PagePictures
) -> AbstractContextManager[SaveJob]:
    """The pages in any form, written by the reader and to be copied. Raises OcellusError."""
    reader, document, password = pictures.source
    # A PDF stays as it is; what else becomes one shows its pages.
    if form is ExportFormat.PDF and document.kind is not DocumentKind.PDF:
        pages = map(pictures.sized, pages)
    return reader.saved(document, pages, form, name, password)


class PagePictures:
    """The pictures of a document's pages, one after the other.

    Each is a request of its own, so that it may be asked for between two pages
    that are read, never in the middle of one.
    """

    def __init__(self, reader: DocumentReader, document: Document, password: str = "") -> None:
        self._reader = reader
        self._document = document
        self._password = password
        self._last: tuple[int, Image.Image] | None = None

    def __call__(self, page: Page) -> Image.Image:
        """The page's picture, not turned. Raises OcellusError and WorkCancelledError."""
        if self._last is None or self._last[0] != page.number:
            self._last = page.number, self._taken(page.number)
        return self._last[1]

    @property
    def source(self) -> tuple[DocumentReader, Document, str]:
        """What they are pictures of: the reader that has it, the document, its password."""
        return self._reader, self._document, self._password

    def sized(self, page: Page) -> Page:
        """A page that could not be read with its picture's size, so that it is shown.

        Why one cannot be shown either is told already; the reader has an empty page for it.
        """
        if page.width and page.height:
            return page
        try:
            picture = self(page)
        except OcellusError:
            return page
        return replace(page, width=picture.width, height=picture.height)

    def _taken(self, number: int) -> Image.Image:
        from PIL import Image  # noqa: PLC0415 - as above

        path = self._reader.picture(self._document, number, self._password)
        try:
            # The reader's own clean copy, no stranger's file.
            with Image.open(path, formats=("PNG",)) as picture:
                return picture.convert("RGB")
        finally:
            path.unlink(missing_ok=True)

"""What a person keeps of what was read: a file in the form of their choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from app.core.cancelled import check
from app.core.document import DocumentKind
from app.core.errors import ErrorKind, OcellusError
from app.core.export import ExportFormat
from app.core.reading import Page
from app.core.requests import SaveReading
from app.core.wire import WireError, decode
from app.reader.intake.documents import DocumentIntake
from app.reader.intake.pages import Cancelled

if TYPE_CHECKING:
    from app.reader.exports import Output


class ReadingSaver:
    """Writes read pages that the window left in the inbox, holding one of them at a time."""

    def __init__(self, inbox: Path, documents: DocumentIntake) -> None:
        self._inbox = inbox
        self._documents = documents

    def save(self, request: SaveReading, cancelled: Cancelled) -> None:
        """Write the new file, whole or not at all.

        Raises OcellusError, what `app.reader.exports.write` raises, WorkCancelledError and
        StuckError.
        """
        # Here, so that the child starts without the forms and what they import.
        from app.reader.exports import write, write_new  # noqa: PLC0415

        def picture(page: Page) -> Image.Image:
            check(cancelled)
            return self._documents.picture(
                request.document, page.number, request.password, cancelled
            )

        target = self._inside(request.path)
        # Named after the place that it is for: whoever reads of a failure knows that one.
        shown = Path(request.name)
        with self._opened(request.pages) as file:
            pages = _pages(file, cancelled)

            def write_to(output: Output) -> None:
                if not self._is_kept(request, pages, output):
                    write(pages, request.form, output, picture)

            write_new(target, shown, write_to)

    def _is_kept(self, request: SaveReading, pages: Iterator[Page], output: Output) -> bool:
        """Whether text was added to the document itself; to pictures of its pages, otherwise."""
        if request.document.kind is not DocumentKind.PDF or request.form is not ExportFormat.PDF:
            return False
        from app.reader.exports.pdf import same_document  # noqa: PLC0415 - as above

        path = self._documents.source(request.document)
        if (document := same_document.opened(path, request.password)) is None:
            return False
        with document:
            same_document.write(document, pages, output)
        return True

    def _opened(self, path: str) -> BinaryIO:
        place = self._inside(path)
        try:
            return place.open("rb")
        except OSError as error:
            raise _lost(str(error)) from error

    def _inside(self, path: str) -> Path:
        place = Path(path)
        try:
            if place.resolve().parent == self._inbox.resolve():
                return place
        except OSError as error:
            raise _lost(str(error)) from error
        raise _lost(f"{path} is not in the inbox")


def _pages(file: BinaryIO, cancelled: Cancelled) -> Iterator[Page]:
    for line in file:
        check(cancelled)
        try:
            page = decode(line, Page)
        except WireError as error:
            raise _lost(str(error)) from error
        yield page


def _lost(detail: str) -> OcellusError:
    return OcellusError.of(
        ErrorKind.INTERNAL,
        "The text that was read never reached the reader for saving.",
        "Try again; if it fails again, please report it with the details.",
        detail,
    )

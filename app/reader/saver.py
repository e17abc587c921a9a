"""What a person keeps of what was read: a file in the form of their choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from app.core.cancelled import check
from app.core.document import DocumentKind
from app.core.errors import ErrorKind, OcellusError
from app.core.export import ExportFormat
from app.core.files.placing import new_output
from app.core.reading import Page
from app.core.requests import SaveReading
from app.core.wire import WireError, decode
from app.reader.intake.documents import DocumentIntake
from app.reader.intake.pages import Cancelled

if TYPE_CHECKING:
    from app.reader.exports import Output


# A4 at 150 dpi, in the place of a page that cannot be shown.
_EMPTY = (1240, 1754)


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
        from app.reader.exports import write  # noqa: PLC0415

        pictures = _Pictures(
            lambda page: self._documents.picture(
                request.document, page.number, request.password, cancelled
            )
        )
        target = self._inside(request.path)
        # Named after the place that it is for: whoever reads of a failure knows that one.
        shown = Path(request.name)
        with self._opened(request.pages) as file, new_output(target, shown) as output:
            pages = _pages(file, cancelled)
            if not self._is_kept(request, pages, output):
                if request.form is ExportFormat.PDF:
                    pages = map(pictures.sized, pages)
                write(pages, request.form, output, pictures)

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


class _Pictures:
    """The pictures of a document's pages; white ones of those that nobody could show."""

    def __init__(self, take: Callable[[Page], Image.Image]) -> None:
        self._take = take
        self._empty: set[int] = set()

    def __call__(self, page: Page) -> Image.Image:
        if page.number in self._empty:
            return Image.new("RGB", _EMPTY, "white")
        return self._take(page)

    def sized(self, page: Page) -> Page:
        """A page that could not be read keeps its place among the others, without its picture.

        Who asks has tried to show it: what stops the reader at it would do so again.
        """
        if page.width and page.height:
            return page
        self._empty.add(page.number)
        return replace(page, width=_EMPTY[0], height=_EMPTY[1])


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

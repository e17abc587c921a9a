"""Pages that were read, written in any form by the process that asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.documents import DocumentReader
from app.core.document import Document, DocumentKind
from app.core.errors import OcellusError
from app.core.export import ExportFormat
from app.core.reading import Page

if TYPE_CHECKING:
    from PIL import Image

    from app.reader.exports import Output

STREAMS = frozenset((ExportFormat.TEXT, ExportFormat.MD, ExportFormat.CSV))
"""Half of a result in these is of use to a person."""

ALONE = frozenset((ExportFormat.HTML, ExportFormat.HOCR, ExportFormat.PDF))
"""Several of these after each other are no file that a program opens."""

_PIECE = 2**20
# A4 at 150 dpi, in the place of a page that cannot be shown.
_EMPTY = (1240, 1754)


def write_document(
    pages: Iterable[Page],
    form: ExportFormat,
    target: Output,
    pictures: PagePictures,
) -> None:
    """Write the pages as they come, with their `pictures` where the form shows them.

    Raises what `app.reader.exports.write` raises.
    """
    # Here, so that nothing waits for Pillow before the first page is read.
    from app.reader.exports import write  # noqa: PLC0415

    if form is ExportFormat.PDF and pictures.are_kept:
        pictures.save(pages, target)
        return
    if form is ExportFormat.PDF:
        pages = (pictures.sized(page) for page in pages)
    write(pages, form, target, pictures)


def write_new_document(
    pages: Iterable[Page],
    form: ExportFormat,
    target: Path,
    shown: Path,
    pictures: PagePictures,
    words: Callable[[OSError, Path], OcellusError],
) -> None:
    """As `write_document`, to a new file as `app.reader.exports.write_new` makes one."""
    from app.reader.exports import write_new  # noqa: PLC0415 - as above

    write_new(target, shown, lambda output: write_document(pages, form, output, pictures), words)


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
    def are_kept(self) -> bool:
        """Whether a searchable PDF keeps the pages as they are, so that it needs no pictures."""
        return self._document.kind is DocumentKind.PDF

    def save(self, pages: Iterable[Page], target: Output) -> None:
        """The PDF itself with what was read of `pages`. Raises OcellusError."""
        path = self._reader.saved(self._document, pages, self._password)
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    target.write(piece)
        finally:
            path.unlink(missing_ok=True)

    def sized(self, page: Page) -> Page:
        """A page that could not be read with its picture's size, so that it keeps its place."""
        if page.width and page.height:
            return page
        try:
            picture = self(page)
        except OcellusError:
            # Why it could not be read is told; an empty page stands in its stead.
            picture = _empty()
            self._last = page.number, picture
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


def _empty() -> Image.Image:
    from PIL import Image  # noqa: PLC0415 - as above

    return Image.new("RGB", _EMPTY, "white")

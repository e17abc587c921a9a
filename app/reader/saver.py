"""What a person keeps of what was read: a file in the form of their choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from app.core.errors import ErrorKind, OcellusError
from app.core.reading import Page
from app.core.requests import SaveReading
from app.core.wire import WireError, decode
from app.reader.cancel import check
from app.reader.documents import Documents
from app.reader.pages import Cancelled


class Saver:
    """Writes read pages that the window left in the inbox, holding one of them at a time."""

    def __init__(self, inbox: Path, documents: Documents) -> None:
        self._inbox = inbox
        self._documents = documents

    def save(self, request: SaveReading, cancelled: Cancelled) -> None:
        """Write the file, whole or not at all.

        Raises what `app.reader.exports.save` raises, Stopped, and StuckError.
        """
        # Here, so that the child starts without the forms and what they import.
        from app.reader.exports import save  # noqa: PLC0415

        def picture(page: Page) -> Image.Image:
            check(cancelled)
            return self._documents.picture(
                request.document, page.number, request.password, cancelled
            )

        with self._opened(Path(request.pages)) as file:
            pages = _pages(file, cancelled)
            save(pages, request.form, Path(request.path), picture, replace=request.replace)

    def _opened(self, path: Path) -> BinaryIO:
        try:
            if path.resolve().parent != self._inbox.resolve():
                raise _lost(f"{path} is not in the inbox")
            return path.open("rb")
        except OSError as error:
            raise _lost(str(error)) from error


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
        "What was read did not arrive where it is written to a file.",
        "Try again; if it fails again, please report it with the details.",
        detail,
    )

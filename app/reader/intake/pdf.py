"""The pages of a PDF document, by PDFium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from app.core.cancelled import check
from app.core.errors import ErrorKind, OcellusError
from app.reader.intake.filled_fields import Rectangle, has_any, ticked
from app.reader.intake.pages import Cancelled, Prepared
from app.reader.intake.pdf_page import picture, picture_scale, prepared

# Decoding a larger one takes more memory than there should be need for, however small it is shown.
_MOST_IMAGE_PIXELS = 120_000_000
_MOST_OBJECTS = 20_000
_DEEPEST = 6


class PdfPages:
    """An open PDF file. PDFium knows no threads: everything here happens in one."""

    def __init__(self, path: Path, name: str, password: str = "") -> None:
        """Raises OcellusError: of kind PASSWORD for a missing or wrong password."""
        self._name = name
        self._ticks: dict[int, list[Rectangle]] = {}
        try:
            self._document = pdfium.PdfDocument(path, password or None)
        except pdfium.PdfiumError as error:
            raise _unopened(name, error, password) from error
        # Filled in fields are drawn by the form's own code.
        with suppress(pdfium.PdfiumError):  # A broken form: the rest of the pages serves.
            self._document.init_forms()

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._document)

    def prepare(self, number: int, cancelled: Cancelled) -> Prepared:
        """The page's own text, checked against its picture, and what is left to be read."""
        ticks = self._flattened(number)
        with self._page(number) as page:
            check(cancelled)
            _check_images(page, f"Page {number} of {self._name}")
            return prepared(page, ticks, cancelled)

    def picture(self, number: int, cancelled: Cancelled) -> Image.Image:
        """The page as it is seen, in the pixels that its boxes belong to."""
        with self._page(number) as page:
            check(cancelled)
            _check_images(page, f"Page {number} of {self._name}")
            return picture(page, picture_scale(page))

    def close(self) -> None:
        """Let go of the file."""
        self._document.close()

    def _flattened(self, number: int) -> list[Rectangle]:
        """Make what is filled in and remarked part of the page's text; where it is ticked."""
        ticks = self._ticks.get(number)
        if ticks is None:
            with self._page(number) as page:
                ticks = []
                if page.formenv is not None and has_any(page):
                    ticks = ticked(page)
                    # A broken one is still drawn, and read from the picture.
                    with suppress(pdfium.PdfiumError):
                        page.flatten()
            self._ticks[number] = ticks
        return ticks

    @contextmanager
    def _page(self, number: int) -> Iterator[pdfium.PdfPage]:
        try:
            page = self._document[number - 1]
        except pdfium.PdfiumError as error:
            raise OcellusError.of(
                ErrorKind.BAD_DOCUMENT,
                f"Page {number} of {self._name} is damaged.",
                "The other pages are read. Save or download the document again for this one.",
                str(error),
            ) from error
        try:
            yield page
        finally:
            page.close()


def _check_images(page: pdfium.PdfPage, name: str) -> None:
    """Raise OcellusError for a picture on the page that is too large to be decoded."""
    size = [pdfium_c.c_uint(), pdfium_c.c_uint()]
    kinds = [pdfium_c.FPDF_PAGEOBJ_IMAGE]
    for count, drawn in enumerate(page.get_objects(filter=kinds, max_depth=_DEEPEST)):
        if count > _MOST_OBJECTS:
            return
        if not pdfium_c.FPDFImageObj_GetImagePixelSize(drawn, *size):
            continue
        width, height = size[0].value, size[1].value
        if width * height > _MOST_IMAGE_PIXELS:
            raise OcellusError.of(
                ErrorKind.TOO_LARGE,
                f"{name} holds a picture of {width} × {height} pixels, which is too large.",
                "Save the document with smaller pictures.",
            )


def _unopened(name: str, error: pdfium.PdfiumError, password: str) -> OcellusError:
    code = error.err_code
    if code == pdfium_c.FPDF_ERR_PASSWORD:
        return OcellusError.of(
            ErrorKind.PASSWORD,
            f"The password for {name} is not the right one."
            if password
            else f"{name} is locked with a password.",
            "Check capital letters, and try again." if password else "Type its password.",
            str(error),
        )
    if code == pdfium_c.FPDF_ERR_SECURITY:
        return OcellusError.of(
            ErrorKind.BAD_DOCUMENT,
            f"{name} is protected in a way that only its own program can open.",
            "Print it to a new PDF there, or take screenshots of its pages.",
            str(error),
        )
    if code == pdfium_c.FPDF_ERR_SUCCESS:
        return OcellusError.of(
            ErrorKind.BAD_DOCUMENT,
            f"{name} has no pages.",
            "Save or download the document again.",
            str(error),
        )
    return OcellusError.of(
        ErrorKind.BAD_DOCUMENT,
        f"{name} is a damaged PDF: part of it is missing or broken.",
        "Save or download it again.",
        str(error),
    )

"""The pages of a PDF document, by PDFium."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from app.core.cancelled import check
from app.core.errors import ErrorKind, OcellusError
from app.reader.intake import residual_regions as leftover
from app.reader.intake.pages import Cancelled, Prepared, whole
from app.reader.intake.text_layer import affine, read_layer

RESOLUTION = 200
"""Dots per inch of a page's picture: print of 6 points is then 17 pixels high."""

_POINTS = 72
# A poster is drawn smaller than its RESOLUTION asks for.
_MOST_PIXELS = 16_000_000
_LONGEST_SIDE = 16_000
_GLANCE_SIDE = 1400
# A page of fewer grey levels than these from lightest to darkest is empty.
_PLAIN = 4
# Decoding a larger one takes more memory than there should be need for, however small it is shown.
_MOST_IMAGE_PIXELS = 120_000_000
_MOST_OBJECTS = 20_000
_DEEPEST = 6


class PdfPages:
    """An open PDF file. PDFium knows no threads: everything here happens in one."""

    def __init__(self, path: Path, name: str, password: str = "") -> None:
        """Raises OcellusError: of kind PASSWORD for a missing or wrong password."""
        self._name = name
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
        with self._page(number) as page:
            check(cancelled)
            _check_images(page, f"Page {number} of {self._name}")
            scale = _scale(page, RESOLUTION / _POINTS, _MOST_PIXELS, _LONGEST_SIDE)
            width, height = _size(page, scale)
            textpage = page.get_textpage()
            try:
                layer = read_layer(textpage, affine(page, width, height), cancelled)
                glance_scale = _scale(page, 1.0, _MOST_PIXELS, _GLANCE_SIDE)
                full = _grey(page, glance_scale)
                check(cancelled)
                for drawn in layer.objects:
                    pdfium_c.FPDFPageObj_SetIsActive(drawn, 0)
                rest = _grey(page, glance_scale) if layer.objects else full
                check(cancelled)
                shrink = rest.shape[1] / width
                lines = layer.lines(lambda box: leftover.trace(full, rest, box, shrink))
                # Without words to go by, nothing but an empty page is passed over.
                parts = leftover.parts(rest) if lines else []
                # Rules that part the cells of a table are drawn, not written.
                if not parts and np.ptp(rest) < _PLAIN:
                    return Prepared(width, height, lines)
                picture = _picture(page, scale)
            finally:
                textpage.close()
        if not lines:
            return whole(picture)
        grow = picture.width / rest.shape[1]
        return Prepared(
            picture.width,
            picture.height,
            lines,
            picture,
            [
                (
                    int(left * grow),
                    int(top * grow),
                    min(picture.width, math.ceil(right * grow)),
                    min(picture.height, math.ceil(bottom * grow)),
                )
                for left, top, right, bottom in parts
            ],
        )

    def picture(self, number: int, cancelled: Cancelled) -> Image.Image:
        """The page as it is seen, in the pixels that its boxes belong to."""
        with self._page(number) as page:
            check(cancelled)
            _check_images(page, f"Page {number} of {self._name}")
            return _picture(page, _scale(page, RESOLUTION / _POINTS, _MOST_PIXELS, _LONGEST_SIDE))

    def close(self) -> None:
        """Let go of the file."""
        self._document.close()

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


def _size(page: pdfium.PdfPage, scale: float) -> tuple[int, int]:
    """Pixels of the page's picture, as PDFium's helper makes it."""
    return math.ceil(page.get_width() * scale), math.ceil(page.get_height() * scale)


def _scale(page: pdfium.PdfPage, wanted: float, most: int, longest: int) -> float:
    """Pixels per point: as wanted, or fewer on a huge page. Raises OcellusError."""
    width, height = page.get_size()
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise OcellusError.of(
            ErrorKind.BAD_DOCUMENT,
            "This page has no size.",
            "The other pages are read. Save or download the document again for this one.",
            f"{width} × {height} points",
        )
    return min(wanted, math.sqrt(most / (width * height)), longest / max(width, height))


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


def _grey(page: pdfium.PdfPage, scale: float) -> np.ndarray:
    bitmap = page.render(scale=scale, grayscale=True)  # pyright: ignore[reportArgumentType]
    try:
        return bitmap.to_numpy().copy()
    finally:
        bitmap.close()


def _picture(page: pdfium.PdfPage, scale: float) -> Image.Image:
    bitmap = page.render(scale=scale, rev_byteorder=True)  # pyright: ignore[reportArgumentType]
    try:
        # The helper's picture lies in memory that goes with the bitmap.
        return bitmap.to_pil().convert("RGB").copy()
    finally:
        bitmap.close()


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

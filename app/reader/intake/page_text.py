"""One page's text from all that is known of it: its own letters and what its picture shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.cancelled import check
from app.core.geometry import Box
from app.core.reading import Line, Page, PageSource, Word
from app.reader.intake.pages import Cancelled, Prepared

if TYPE_CHECKING:
    from app.reader.ocr.picture_text import Ocr


def page_of(prepared: Prepared, number: int, ocr: Ocr | None, cancelled: Cancelled) -> Page:
    """The page in its order; `ocr` may be None where no part is left to read.

    Raises WorkCancelledError.

    A page without text of its own is read as any picture, whichever way it is
    turned. One that has some is the right way up.
    """
    if ocr is not None and prepared.picture is not None and not prepared.lines:
        return ocr.page(prepared.picture, cancelled, number)
    # Here, so that the child starts without NumPy and OpenCV.
    import numpy as np  # noqa: PLC0415

    from app.reader.layout.structure import structured  # noqa: PLC0415

    found = _found(prepared, ocr, cancelled) if ocr is not None else []
    image = None
    if prepared.picture is not None:
        # Blue first, as whatever else looks for structure in pictures.
        image = np.ascontiguousarray(np.asarray(prepared.picture)[:, :, ::-1])
    check(cancelled)
    page = structured([*prepared.lines, *found], prepared.width, prepared.height, image, number)
    return replace(page, source=_source(prepared.lines, found))


def _found(prepared: Prepared, ocr: Ocr, cancelled: Cancelled) -> list[Line]:
    """What is to be read in the parts of a page's picture. Raises WorkCancelledError."""
    if prepared.picture is None:
        return []
    lines: list[Line] = []
    for left, top, right, bottom in prepared.parts:
        check(cancelled)
        part = prepared.picture.crop((left, top, right, bottom))
        lines += (_moved(line, left, top) for line in ocr.read(part, cancelled))
    return lines


def _moved(line: Line, x: int, y: int) -> Line:
    """A line of a part in the pixels of the page."""
    words = tuple(Word(one.text, _shifted(one.box, x, y), one.confidence) for one in line.words)
    return Line(line.text, _shifted(line.box, x, y), line.confidence, words)


def _shifted(box: Box, x: int, y: int) -> Box:
    return Box(box.left + x, box.top + y, box.right + x, box.bottom + y)


def _source(own: list[Line], found: list[Line]) -> PageSource:
    if own:
        return PageSource.BOTH if found else PageSource.TEXT_LAYER
    return PageSource.PICTURE

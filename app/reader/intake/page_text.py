"""One page's text from all that is known of it: its own letters and what its picture shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.cancelled import check
from app.core.reading import Block, BlockKind, Line, Page, PageSource
from app.reader.intake.pages import Cancelled, Prepared
from app.reader.intake.text_frame import TextFrame
from app.reader.intake.unknown_letters import mended

if TYPE_CHECKING:
    from app.reader.ocr.askew_parts import ScannedPart
    from app.reader.ocr.picture_text import Ocr


def page_of(prepared: Prepared, number: int, ocr: Ocr | None, cancelled: Cancelled) -> Page:
    """The page in its order; `ocr` may be None where there is nothing to be read from pictures.

    Raises WorkCancelledError.

    A page without text of its own is read as any picture, whichever way it is
    turned. One that has some is turned as most of its text runs, be that its own or
    scanned; what runs another way comes last.
    """
    if ocr is not None and prepared.picture is not None and not prepared.lines:
        return ocr.page(prepared.picture, cancelled, number)
    own, quarters = list(prepared.lines), prepared.quarters or [0] * len(prepared.lines)
    parts: list[ScannedPart] = []
    if ocr is not None:
        own = _mended(prepared, ocr, cancelled)
        parts = _parts(prepared, ocr, cancelled)
    check(cancelled)
    found = [line for part in parts for line in part.lines]
    main = _main(own, quarters)
    level = [line for line, quarter in zip(own, quarters, strict=True) if quarter == main]
    page = _turned(level, parts, prepared, number) if not main else None
    page = page or _ordered([*level, *found], prepared, main, number)
    asides = [
        block
        for quarter in sorted(set(quarters) - {main})
        for block in _asides(
            [line for line, other in zip(own, quarters, strict=True) if other == quarter],
            TextFrame(prepared.width, prepared.height, quarter),
        )
    ]
    source = _source(own, [*found, *prepared.doubtful])
    return replace(page, blocks=(*page.blocks, *asides), source=source)


def _main(lines: Sequence[Line], quarters: Sequence[int]) -> int:
    """Which way most of the text runs."""
    letters: Counter[int] = Counter()
    for line, quarter in zip(lines, quarters, strict=True):
        letters[quarter] += len(line.text)
    return max(letters, key=letters.__getitem__, default=0)


def _ordered(lines: Sequence[Line], prepared: Prepared, quarter: int, number: int) -> Page:
    """The page of lines that all run this way."""
    # Here, so that the child starts without NumPy and OpenCV.
    import numpy as np  # noqa: PLC0415

    from app.reader.layout.structure import structured  # noqa: PLC0415

    frame = TextFrame(prepared.width, prepared.height, quarter)
    image = None
    if prepared.picture is not None:
        # Blue first, as whatever else looks for structure in pictures.
        image = np.ascontiguousarray(np.rot90(np.asarray(prepared.picture)[:, :, ::-1], quarter))
    there = [line for line in map(frame.line, lines) if line.words]
    return frame.back(structured(there, *frame.size, image, number))


def _asides(lines: Sequence[Line], frame: TextFrame) -> list[Block]:
    """Lines that run another way than their page, in their order, each for itself.

    In rows of the page they would stand beside each other.
    """
    from app.reader.layout.margins import is_beside  # noqa: PLC0415
    from app.reader.layout.structure import structured  # noqa: PLC0415

    there = [line for line in map(frame.line, lines) if line.words]
    page = frame.back(structured(there, *frame.size))
    return [
        Block((line,), BlockKind.FOOTER if is_beside(line.box, page.width) else BlockKind.TEXT)
        for block in page.blocks
        for line in block.lines
    ]


def _mended(prepared: Prepared, ocr: Ocr, cancelled: Cancelled) -> list[Line]:
    """The page's own lines, their unknown letters as its picture shows them."""
    lines = list(prepared.lines)
    for place, picture in prepared.doubtful.items():
        check(cancelled)
        lines[place] = mended(lines[place], ocr.read(picture, cancelled))
    return lines


def _parts(prepared: Prepared, ocr: Ocr, cancelled: Cancelled) -> list[ScannedPart]:
    """What is to be read in the parts of a page's picture. Raises WorkCancelledError."""
    from app.reader.ocr.askew_parts import ScannedPart  # noqa: PLC0415

    if prepared.picture is None:
        return []
    found: list[ScannedPart] = []
    for part in prepared.parts:
        check(cancelled)
        found.append(ScannedPart(*part[:2], ocr.scan(prepared.picture.crop(part), cancelled)))
    return found


def _turned(
    own: Sequence[Line], parts: Sequence[ScannedPart], prepared: Prepared, number: int
) -> Page | None:
    """The page turned as its scanned text is, if most of its text is such and not upright."""
    if not parts or prepared.picture is None:
        return None
    from app.reader.ocr.askew_parts import main_turning, turned_page  # noqa: PLC0415

    turning = main_turning(own, parts)
    return turning and turned_page(prepared.picture, own, parts, turning, number)


def _source(own: Sequence[Line], found: Sequence[object]) -> PageSource:
    if own:
        return PageSource.BOTH if found else PageSource.TEXT_LAYER
    return PageSource.PICTURE

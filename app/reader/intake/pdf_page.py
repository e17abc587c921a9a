"""One page of a PDF: its own text, checked against its picture, and what is left to be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from app.core.cancelled import check
from app.core.errors import ErrorKind, OcellusError
from app.core.geometry import Box
from app.core.reading import Line, Word
from app.reader.intake import residual_regions as leftover
from app.reader.intake.affine import affine
from app.reader.intake.filled_fields import TICK, Rectangle
from app.reader.intake.pages import Cancelled, Part, Prepared, whole
from app.reader.intake.text_layer import Layer, read_layer
from app.reader.intake.unknown_letters import is_doubtful

RESOLUTION = 200
"""Dots per inch of a page's picture: print of 6 points is then 17 pixels high."""

_POINTS = 72
# A poster is drawn smaller than its RESOLUTION asks for.
_MOST_PIXELS = 16_000_000
_LONGEST_SIDE = 16_000
_GLANCE_SIDE = 1400
# A page of fewer grey levels than these from lightest to darkest is empty.
_PLAIN = 4
# A line is cut from its page's picture with this much around it, in heights.
_MARGIN = 0.3


@dataclass(slots=True)
class _Look:
    """A page at a glance: grey, as it is and without what its text layer says."""

    full: np.ndarray
    rest: np.ndarray
    shrink: float


def prepared(page: pdfium.PdfPage, ticked: Sequence[Rectangle], cancelled: Cancelled) -> Prepared:
    """The page's own text, and what is left of it to be read; `ticked` has boxes that are on.

    Raises OcellusError and WorkCancelledError.
    """
    check(cancelled)
    scale = picture_scale(page)
    width, height = math.ceil(page.get_width() * scale), math.ceil(page.get_height() * scale)
    way = affine(page, width, height)
    ticks = [way.box(*one) for one in ticked]
    textpage = page.get_textpage()
    try:
        layer = read_layer(page, textpage, way, cancelled)
        look = _glance(page, layer, width, cancelled)
        for tick in ticks:
            _paint(look.rest, tick, look.shrink)
        lines, quarters = _lines(layer, look, ticks)
        # Without words to go by, nothing but an empty page is passed over.
        if not lines and np.ptp(look.rest) >= _PLAIN:
            return whole(picture(page, scale))
        done = Prepared(width, height, lines, quarters)
        done.doubtful = _doubtful(page, layer, lines, scale)
        left = leftover.left(look.rest)
        # A table's cells are told by rules, and items of a list by dots, that are drawn.
        if left.parts or left.has_dots or left.has_grid:
            done.picture = _without(picture(page, scale), ticks)
            done.parts = [_grown(part, look.shrink, width, height) for part in left.parts]
        return done
    finally:
        textpage.close()


def picture_scale(page: pdfium.PdfPage) -> float:
    """Pixels per point of a page's picture. Raises OcellusError for a page without a size."""
    return _scale(page, RESOLUTION / _POINTS, _LONGEST_SIDE)


def picture(page: pdfium.PdfPage, scale: float) -> Image.Image:
    """The page as it is drawn now, RGB, so many pixels per point."""
    bitmap = page.render(scale=scale, rev_byteorder=True)  # pyright: ignore[reportArgumentType]
    try:
        # The helper's picture lies in memory that goes with the bitmap.
        return bitmap.to_pil().convert("RGB").copy()
    finally:
        bitmap.close()


def _scale(page: pdfium.PdfPage, wanted: float, longest: int) -> float:
    """Pixels per point: as wanted, or fewer on a huge page. Raises OcellusError."""
    width, height = page.get_size()
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise OcellusError.of(
            ErrorKind.BAD_DOCUMENT,
            "This page has no size.",
            "The other pages are read. Save or download the document again for this one.",
            f"{width} × {height} points",
        )
    return min(wanted, math.sqrt(_MOST_PIXELS / (width * height)), longest / max(width, height))


def _glance(page: pdfium.PdfPage, layer: Layer, width: int, cancelled: Cancelled) -> _Look:
    """Two small pictures; what the layer says is not drawn any more from here on."""
    scale = _scale(page, 1.0, _GLANCE_SIDE)
    full = _grey(page, scale)
    check(cancelled)
    _show(layer, shown=False)
    rest = _grey(page, scale) if layer.objects else full.copy()
    check(cancelled)
    return _Look(full, rest, rest.shape[1] / width)


def _show(layer: Layer, *, shown: bool) -> None:
    for drawn in layer.objects:
        pdfium_c.FPDFPageObj_SetIsActive(drawn, shown)


def _lines(layer: Layer, look: _Look, ticks: Sequence[Box]) -> tuple[list[Line], list[int]]:
    """The lines that can be seen, and which way each runs.

    A tick is a line of its own, whatever it is drawn with.
    """

    def is_seen(box: Box) -> bool:
        if any(tick.contains(box.centre_x, box.centre_y) for tick in ticks):
            return False
        return leftover.trace(look.full, look.rest, box, look.shrink)

    lines = layer.lines(is_seen)
    upright = lines[0][1] if lines else 0
    lines += [(Line(TICK, box, 1.0, (Word(TICK, box, 1.0),)), upright) for box in ticks]
    return [line for line, _ in lines], [quarter for _, quarter in lines]


def _doubtful(
    page: pdfium.PdfPage, layer: Layer, lines: Sequence[Line], scale: float
) -> dict[int, Image.Image]:
    """Pictures of the lines some of whose letters nobody knows."""
    places = [place for place, line in enumerate(lines) if is_doubtful(line)]
    if not places:
        return {}
    _show(layer, shown=True)
    seen = picture(page, scale)
    _show(layer, shown=False)
    found: dict[int, Image.Image] = {}
    for place in places:
        box = lines[place].box
        margin = _MARGIN * min(box.height, box.width)
        found[place] = seen.crop(
            (
                max(0, int(box.left - margin)),
                max(0, int(box.top - margin)),
                min(seen.width, math.ceil(box.right + margin)),
                min(seen.height, math.ceil(box.bottom + margin)),
            )
        )
    return found


def _paint(grey: np.ndarray, box: Box, scale: float) -> None:
    """Cover `box`, brought to the picture's pixels by `scale`, with the ground around it."""
    height, width = grey.shape[:2]
    left, top = max(0, int(box.left * scale) - 1), max(0, int(box.top * scale) - 1)
    right, bottom = math.ceil(box.right * scale) + 2, math.ceil(box.bottom * scale) + 2
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return
    place = np.s_[top:bottom, left:right]
    edge = grey[place]
    around = np.concatenate((edge[0], edge[-1], edge[:, 0], edge[:, -1]))
    grey[place] = np.median(around, axis=0).astype(np.uint8)


def _without(image: Image.Image, ticks: Sequence[Box]) -> Image.Image:
    if not ticks:
        return image
    pixels = np.array(image)
    for tick in ticks:
        _paint(pixels, tick, 1.0)
    return Image.fromarray(pixels)


def _grown(part: Part, shrink: float, width: int, height: int) -> Part:
    """A part of the glance in pixels of the page's picture."""
    left, top, right, bottom = part
    return (
        int(left / shrink),
        int(top / shrink),
        min(width, math.ceil(right / shrink)),
        min(height, math.ceil(bottom / shrink)),
    )


def _grey(page: pdfium.PdfPage, scale: float) -> np.ndarray:
    bitmap = page.render(scale=scale, grayscale=True)  # pyright: ignore[reportArgumentType]
    try:
        return bitmap.to_numpy().copy()
    finally:
        bitmap.close()

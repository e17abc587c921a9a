"""Page objects that draw a text once more, for bold: PDFium gives the text of one of them alone."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

# Objects of one text are no farther apart than this, in points.
_NEAR = 1.0
_MOST_OBJECTS = 20_000

_Bounds = tuple[float, ...]


def twins(page: pdfium.PdfPage, owners: Mapping[int, object], kept: Iterable[int]) -> list[object]:
    """Text objects without a character that lie where one of the `kept` owners lies."""
    lone: list[tuple[object, _Bounds]] = []
    for index in range(min(pdfium_c.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        one = pdfium_c.FPDFPage_GetObject(page, index)
        key = ctypes.cast(one, ctypes.c_void_p).value or 0
        if key in owners or pdfium_c.FPDFPageObj_GetType(one) != pdfium_c.FPDF_PAGEOBJ_TEXT:
            continue
        if bounds := _bounds(one):
            lone.append((one, bounds))
    if not lone:
        return []
    places: dict[tuple[int, int], list[_Bounds]] = {}
    for key in kept:
        if bounds := _bounds(owners[key]):
            places.setdefault(_cell(bounds), []).append(bounds)
    return [one for one, bounds in lone if _has_like(bounds, places)]


def _bounds(drawn: object) -> _Bounds | None:
    """Left, bottom, right and top, in points; None for an object without an extent."""
    sides = [ctypes.c_float() for _ in range(4)]
    if not pdfium_c.FPDFPageObj_GetBounds(drawn, *sides):
        return None
    left, bottom, right, top = (side.value for side in sides)
    return (left, bottom, right, top) if right > left and top > bottom else None


def _cell(bounds: _Bounds) -> tuple[int, int]:
    return round(bounds[0] / _NEAR), round(bounds[1] / _NEAR)


def _has_like(bounds: _Bounds, places: Mapping[tuple[int, int], list[_Bounds]]) -> bool:
    column, row = _cell(bounds)
    return any(
        all(abs(one - other) <= _NEAR for one, other in zip(bounds, like, strict=True))
        for across in (-1, 0, 1)
        for down in (-1, 0, 1)
        for like in places.get((column + across, row + down), ())
    )

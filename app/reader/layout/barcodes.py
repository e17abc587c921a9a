"""QR and bar codes in a picture."""

from __future__ import annotations

from collections.abc import Sequence

import zxingcpp

from app.core.cleaning import clean
from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Line, Word
from app.reader.ocr.onnx import Array

# A short code of a kind without check digits is found in hatched drawings as well.
_LEAST_CHARACTERS = 4
_UNCHECKED = frozenset(("ITF", "Codabar", "Code39", "Code39Std", "Code93", "Telepen", "DXFilmEdge"))
_LEAST_UNCHECKED = 8


def barcodes(image: Array) -> list[Block]:
    """The codes of a picture, uint8 (height, width, 3) or (height, width); in no order."""
    found: list[Block] = []
    grey = image if image.ndim == 2 else image[:, :, 1].copy()
    for code in zxingcpp.read_barcodes(grey):
        text = clean(code.text).strip()
        least = _LEAST_UNCHECKED if code.format.name in _UNCHECKED else _LEAST_CHARACTERS
        if not code.valid or len(text) < (1 if _is_square(code) else least):
            continue
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        box = Box(float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys)))
        words = (Word(text, box, 1.0),)
        found.append(Block((Line(text, box, 1.0, words),), BlockKind.BARCODE))
    return found


def without_codes(lines: Sequence[Line], codes: Sequence[Block]) -> list[Line]:
    """Lines less those that are the pattern of a code, taken for letters."""
    boxes = [line.box for code in codes for line in code.lines]

    def inside(box: Box) -> bool:
        return any(code.contains(box.centre_x, box.centre_y) for code in boxes)

    return [line for line in lines if not inside(line.box)]


def _is_square(code: zxingcpp.Barcode) -> bool:
    """Whether it is a two-dimensional code, which corrects its own errors."""
    return code.format.name in {"QRCode", "MicroQRCode", "DataMatrix", "Aztec", "PDF417"}

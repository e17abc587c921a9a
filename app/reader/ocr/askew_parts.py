"""A page that has text of its own beside scanned text that is askew or lies on its side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from app.core.geometry import Box
from app.core.reading import Line, Page
from app.reader.layout.structure import structured
from app.reader.ocr.onnx import Array
from app.reader.ocr.picture_text import Scan, background
from app.reader.ocr.turning import Turning


@dataclass(frozen=True, slots=True)
class ScannedPart:
    """A part of a page's picture that begins at (`x`, `y`), as it was read."""

    x: int
    y: int
    scan: Scan

    @property
    def letters(self) -> int:
        """How much text it has."""
        return sum(len(line.text) for line in self.scan.lines)

    @property
    def lines(self) -> list[Line]:
        """Its lines with their boxes in the pixels of the page."""
        moved = np.array(((1, 0, self.x), (0, 1, self.y), (0, 0, 1)))
        return [
            line.with_boxes(lambda box: _carried(box, moved, turned=False))
            for line in self.scan.turning.lines_back(self.scan.lines)
        ]


def main_turning(own: Sequence[Line], parts: Sequence[ScannedPart]) -> Turning | None:
    """How most of a page's text is turned, if that is scanned text and not upright."""
    if not parts or sum(part.letters for part in parts) <= sum(len(line.text) for line in own):
        return None
    turning = max(parts, key=lambda part: part.letters).scan.turning
    return turning if turning.degrees else None


def turned_page(
    picture: Image.Image,
    own: Sequence[Line],
    parts: Sequence[ScannedPart],
    turning: Turning,
    number: int,
) -> Page:
    """A page in the order that it has when its picture (RGB) is turned as a part of it is.

    `own` are lines that run to the right on the page as it is.
    """
    whole = Turning(picture.width, picture.height, turning.quarters, turning.skew)
    places: dict[Line, Line] = {}
    for line in own:
        places[_line_there(line, whole.matrix, whole.quarters)] = line
    for part in parts:
        there = part.scan.turning
        back = np.linalg.inv(there.matrix)
        back[:2, 2] += part.x, part.y
        for level, line in zip(part.scan.lines, part.lines, strict=True):
            quarters = whole.quarters - there.quarters
            places[_line_there(level, whole.matrix @ back, quarters)] = line
    image = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
    page = structured(list(places), *whole.size, whole.image(image, background(image)), number)
    return whole.back(page, places)


def _line_there(line: Line, matrix: Array, quarters: int) -> Line:
    return line.with_boxes(lambda box: _carried(box, matrix, turned=bool(quarters % 2)))


def _carried(box: Box, matrix: Array, *, turned: bool) -> Box:
    """A box around the place that its centre goes to, as large as it was and upright."""
    x, y, _ = (float(value) for value in matrix @ np.array((box.centre_x, box.centre_y, 1.0)))
    wide, high = (box.height, box.width) if turned else (box.width, box.height)
    return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)

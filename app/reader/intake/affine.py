"""Where a point of a PDF page stands in the page's picture, and which way text there runs."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from app.core.geometry import Box


@dataclass(frozen=True, slots=True)
class Affine:
    """From the page's own units to the pixels of its picture."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the page stands in the picture."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """The upright box around a rectangle of the page."""
        x1, y1 = self.point(left, bottom)
        x2, y2 = self.point(right, top)
        return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))

    def quarter(self, angle: float) -> int:
        """Which way text runs in the picture, in quarters clockwise.

        `angle` is PDFium's: radians, clockwise on a page that is not turned.
        """
        x = self.a * math.cos(angle) - self.c * math.sin(angle)
        y = self.b * math.cos(angle) - self.d * math.sin(angle)
        return round(math.atan2(y, x) / (math.pi / 2)) % 4


def affine(page: pdfium.PdfPage, width: int, height: int) -> Affine:
    """The way from `page`'s units to a picture of this size, with rotation and crop box."""
    # PDFium answers in whole pixels, so that it is asked about a far larger picture.
    fine, far = 256, 1000.0

    def place(x: float, y: float) -> tuple[float, float]:
        device_x, device_y = ctypes.c_int(), ctypes.c_int()
        pdfium_c.FPDF_PageToDevice(
            page, 0, 0, width * fine, height * fine, 0, x, y, device_x, device_y
        )
        return device_x.value / fine, device_y.value / fine

    e, f = place(0, 0)
    right, up = place(far, 0), place(0, far)
    return Affine(
        (right[0] - e) / far,
        (right[1] - f) / far,
        (up[0] - e) / far,
        (up[1] - f) / far,
        e,
        f,
    )


def framed(box: Box, quarter: int) -> Box:
    """A box as it would lie if text that runs this way ran to the right; the origin stays."""
    if quarter == 0:
        return box
    if quarter == 1:
        return Box(box.top, -box.right, box.bottom, -box.left)
    if quarter == 2:
        return Box(-box.right, -box.bottom, -box.left, -box.top)
    return Box(-box.bottom, box.left, -box.top, box.right)

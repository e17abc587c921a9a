"""The text that a PDF page carries itself: its characters as words and lines in pixels."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from app.core.cancelled import check
from app.core.geometry import Box
from app.core.reading import Line, Word
from app.reader.intake.pages import Cancelled

# A page of a telephone book has 20,000; a page of a million is no page to read.
MOST_CHARACTERS = 100_000

_CHECK_EVERY = 200
_BREAKS = frozenset("\r\n\v\f\u2028\u2029")
_REPLACEMENT = 0xFFFD
# Word processors' bullets come out of symbol fonts as private characters.
_SYMBOLS = {
    0xF0B7: "•",
    0xF0A7: "▪",
    0xF06F: "o",
    0xF0D8: "➢",
    0xF0FC: "✓",
    0xF0E0: "→",
    0xF02D: "-",
}
_LIGATURES = range(0xFB00, 0xFB07)
# An object is left to its picture if more of its characters than this have no meaning.
_BAD_SHARE = 0.1
# Loose boxes taller than this times the letters' own are a font's mistake.
_TALLEST = 2.5
# A gap of this many heights parts two cells or columns of one row.
_WIDE_GAP = 1.2
_SAME_ROW = 0.4

_Placed = tuple[str, Box, bool]


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

    def is_level(self, angle: float) -> bool:
        """Whether text at this angle (radians) runs level in the picture."""
        x = self.a * math.cos(angle) + self.c * math.sin(angle)
        y = self.b * math.cos(angle) + self.d * math.sin(angle)
        return abs(x) >= abs(y)


class Layer:
    """A page's own words in PDFium's order, and the page objects (PDFium's) that draw them."""

    def __init__(self, rows: list[list[_Placed]], objects: list[object]) -> None:
        self._rows = rows
        self.objects = objects

    def lines(self, is_seen: Callable[[Box], bool]) -> list[Line]:
        """The lines, without words that `is_seen` says are hidden."""
        lines: list[Line] = []
        for row in self._rows:
            words = tuple(Word(text, box, 1.0) for text, box, _ in row if is_seen(box))
            if words:
                text = " ".join(word.text for word in words)
                lines.append(Line(text, Box.union([word.box for word in words]), 1.0, words))
        return lines


@dataclass(slots=True)
class _Glyph:
    text: str
    box: Box
    level: bool
    owner: int


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


def read_layer(textpage: pdfium.PdfTextPage, way: Affine, cancelled: Cancelled) -> Layer:
    """The words whose characters mean something. Raises WorkCancelledError."""
    owners: dict[int, object] = {}
    good: dict[int, int] = {}
    bad: dict[int, int] = {}
    glyphs: list[_Glyph | None] = []
    for glyph in _glyphs(textpage, way, owners, cancelled):
        glyphs.append(glyph)
        if glyph is not None:
            tally = good if glyph.text else bad
            tally[glyph.owner] = tally.get(glyph.owner, 0) + 1
    garbled = {
        owner for owner, count in bad.items() if count > _BAD_SHARE * (count + good.get(owner, 0))
    }
    words = _Words()
    for glyph in glyphs:
        if glyph is None or not glyph.text or glyph.owner in garbled:
            words.end_word(ends_line=glyph is not None and glyph.owner in garbled)
        elif glyph.text in _BREAKS:
            words.end_word(ends_line=True)
        else:
            words.add(glyph)
    words.end_word(ends_line=True)
    return Layer(words.rows, [owners[owner] for owner in good if owner and owner not in garbled])


def _glyphs(
    textpage: pdfium.PdfTextPage, way: Affine, owners: dict[int, object], cancelled: Cancelled
) -> Iterator[_Glyph | None]:
    """Each character with its box; None for a space, text "" for one without meaning."""
    loose = pdfium_c.FS_RECTF()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    nowhere = Box(0, 0, 0, 0)
    high = 0
    for index in range(min(textpage.count_chars(), MOST_CHARACTERS)):
        if index % _CHECK_EVERY == 0:
            check(cancelled)
        code = pdfium_c.FPDFText_GetUnicode(textpage, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        high = 0
        if chr(code) in _BREAKS:
            yield _Glyph("\n", nowhere, level=True, owner=0)
            continue
        if unicodedata.category(chr(code)) == "Zs" or code == 9:
            yield None
            continue
        is_hyphen = pdfium_c.FPDFText_IsHyphen(textpage, index) == 1
        is_unknown = pdfium_c.FPDFText_HasUnicodeMapError(textpage, index) == 1
        pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        tight = way.box(left.value, bottom.value, right.value, top.value)
        level = way.is_level(max(0.0, pdfium_c.FPDFText_GetCharAngle(textpage, index)))
        box = tight
        if pdfium_c.FPDFText_GetLooseCharBox(textpage, index, loose):
            font = way.box(loose.left, loose.bottom, loose.right, loose.top)
            box = _sized(tight, font, level=level)
        owner = pdfium_c.FPDFText_GetTextObject(textpage, index)
        key = ctypes.cast(owner, ctypes.c_void_p).value or 0 if owner else 0
        owners.setdefault(key, owner)
        text = "-" if is_hyphen else "" if is_unknown else _meaning(code)
        yield _Glyph(text, box, level, key)


def _sized(tight: Box, loose: Box, *, level: bool) -> Box:
    """The letter's own extent along the line and its font's across it.

    Lines of one size are then of one height, whichever letters they have.
    """
    across = (tight.height, loose.height) if level else (tight.width, loose.width)
    is_blank = tight.width <= 0 or tight.height <= 0
    if is_blank or across[1] <= 0:
        return loose
    if across[1] > _TALLEST * across[0] and across[0] > (tight.width if level else tight.height):
        return tight
    if level:
        return Box(tight.left, loose.top, tight.right, loose.bottom)
    return Box(loose.left, tight.top, loose.right, tight.bottom)


def _meaning(code: int) -> str:
    """The character, its parts where it is a ligature, or "" where it says nothing."""
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    character = chr(code)
    if code in _LIGATURES:
        return unicodedata.normalize("NFKC", character)
    if code == 0xAD:
        return "-"
    unusable = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs")
    return "" if unusable or code == _REPLACEMENT else character


class _Words:
    """Glyphs gathered into words, and words into rows (text, box, whether it runs level)."""

    def __init__(self) -> None:
        self.rows: list[list[_Placed]] = [[]]
        self._word: list[_Glyph] = []

    def add(self, glyph: _Glyph) -> None:
        self._word.append(glyph)

    def end_word(self, *, ends_line: bool) -> None:
        if self._word:
            word = "".join(glyph.text for glyph in self._word)
            box = Box.union([glyph.box for glyph in self._word])
            level = self._word[0].level
            line = self.rows[-1]
            if line and not _continues(line[-1], box, level=level):
                self.rows.append([])
            self.rows[-1].append((word, box, level))
            self._word = []
        if ends_line and self.rows[-1]:
            self.rows.append([])


def _continues(before: _Placed, box: Box, *, level: bool) -> bool:
    """Whether a word is the next one of the same line, with a usual gap between them."""
    _, other, other_level = before
    if level != other_level:
        return False
    if not level:
        one, two = sorted((other, box), key=lambda one: one.top)
        height = min(one.width, two.width)
        return one.overlap_x(two) > _SAME_ROW * height and two.top - one.bottom < _WIDE_GAP * height
    height = min(other.height, box.height)
    gap = -box.overlap_x(other)
    return box.overlap_y(other) > _SAME_ROW * height and gap < _WIDE_GAP * height

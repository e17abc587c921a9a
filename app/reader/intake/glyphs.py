"""The characters of a PDF page, each with its place in the page's picture."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from app.core.cancelled import check
from app.core.geometry import Box
from app.reader.intake.affine import Affine, framed
from app.reader.intake.pages import Cancelled

# A page of a telephone book has 20,000; a page of a million is no page to read.
MOST_CHARACTERS = 100_000

SPACE, BREAK = " ", "\n"
"""What a `Gap` is: a space between words, or a line's end."""

_CHECK_EVERY = 200
_BREAKS = frozenset("\r\n\v\f\u2028\u2029")
_REPLACEMENT = 0xFFFD
# PDFium has this for a hyphen at a line's end, in place of the break behind it.
_END_HYPHEN = 2
_SOFT_HYPHEN = 0xAD
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
# Ligatures, and letters of Hebrew and Arabic as they look at their place in a word.
_FORMS = (range(0xFB00, 0xFE00), range(0xFE70, 0xFEFF))
# Loose boxes taller than this times the letters' own are a font's mistake.
_TALLEST = 2.5


@dataclass(slots=True)
class Glyph:
    """One character as it is drawn; `text` is "" where nobody knows what it means.

    `box` is in pixels of the page's picture: the letter's extent along the line
    and its font's across it. `quarter` is the way its text runs, in quarters
    clockwise. `cell` is the room that the font gives the character and `ink` what
    it fills of it, both framed as if text ran to the right. `owner` stands for the
    page object that draws it, 0 for none. `ends_line` is true of a hyphen that
    parts a word at a line's end.
    """

    text: str
    box: Box
    quarter: int
    cell: Box
    ink: Box
    owner: int
    ends_line: bool = False


@dataclass(slots=True)
class Gap:
    """What is between two characters: `SPACE` or `BREAK`, which PDFium may only suppose."""

    kind: str
    is_supposed: bool = False


def glyphs(
    textpage: pdfium.PdfTextPage, way: Affine, owners: dict[int, object], cancelled: Cancelled
) -> Iterator[Glyph | Gap]:
    """The page's characters in PDFium's order; fills `owners`. Raises WorkCancelledError."""
    loose = pdfium_c.FS_RECTF()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
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
        character = chr(code)
        if character in _BREAKS:
            yield Gap(BREAK, pdfium_c.FPDFText_IsGenerated(textpage, index) == 1)
            continue
        if code in (32, 9) or unicodedata.category(character) == "Zs":
            yield Gap(SPACE, pdfium_c.FPDFText_IsGenerated(textpage, index) == 1)
            continue
        pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        ink = way.box(left.value, bottom.value, right.value, top.value)
        quarter = way.quarter(max(0.0, pdfium_c.FPDFText_GetCharAngle(textpage, index)))
        box = cell = ink
        if pdfium_c.FPDFText_GetLooseCharBox(textpage, index, loose):
            cell = way.box(loose.left, loose.bottom, loose.right, loose.top)
            box = _sized(ink, cell, level=quarter % 2 == 0)
        owner = pdfium_c.FPDFText_GetTextObject(textpage, index)
        key = ctypes.cast(owner, ctypes.c_void_p).value or 0 if owner else 0
        owners.setdefault(key, owner)
        is_hyphen = code in (_END_HYPHEN, _SOFT_HYPHEN) and (
            pdfium_c.FPDFText_IsHyphen(textpage, index) == 1
        )
        is_unknown = pdfium_c.FPDFText_HasUnicodeMapError(textpage, index) == 1
        text = "-" if is_hyphen else "" if is_unknown else _meaning(code)
        frame, inner = framed(cell, quarter), framed(ink, quarter)
        yield Glyph(text, box, quarter, frame, inner, key, ends_line=is_hyphen)


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
    if 32 < code < 127:
        return chr(code)
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    character = chr(code)
    if any(code in form for form in _FORMS):
        return unicodedata.normalize("NFKC", character)
    if code == _SOFT_HYPHEN:
        return "-"
    unusable = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs")
    return "" if unusable or code == _REPLACEMENT else character

"""Characters that a PDF draws twice or in parts, as the single ones that a reader sees."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from app.reader.intake.glyphs import Gap, Glyph

# Bold that is made by drawing twice moves a letter by less than this share of its height; the
# narrowest of letters is wider.
_TWICE = 0.09
# Accents that stand alone, and the marks that they are upon a letter.
_ACCENTS = dict(
    zip(
        "`\u00b4\u02c6\u02dc\u00af\u02d8\u02d9\u00a8\u02da\u02dd\u02c7\u00b8\u02db",
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327\u0328",
        strict=True,
    )
)
_DOTLESS = {"\u0131": "i", "\u0237": "j"}


def once(items: Sequence[Glyph | Gap]) -> list[Glyph | Gap]:
    """Without the letters that lie upon themselves, a trace to one side."""
    seen: set[tuple[object, ...]] = set()
    kept: list[Glyph | Gap] = []
    for item in items:
        before = kept[-1] if kept else None
        # PDFium gives each letter of a ligature the place of the whole.
        is_part = isinstance(before, Glyph) and isinstance(item, Glyph) and _are_one(before, item)
        if isinstance(item, Gap) or is_part or not item.text or item.cell.height <= 0:
            kept.append(item)
            continue
        # A power of two, so that letters of one size share a grid.
        step = 2.0 ** math.floor(math.log2(item.cell.height)) * _TWICE
        x, y = item.cell.left / step, item.cell.top / step
        column, row = round(x), round(y)
        near = [column, column + (1 if x > column else -1)], [row, row + (1 if y > row else -1)]
        name = (item.text, item.quarter, step)
        if any((*name, one, other) in seen for one in near[0] for other in near[1]):
            continue
        seen.add((*name, column, row))
        kept.append(item)
    return kept


def _are_one(one: Glyph, other: Glyph) -> bool:
    return one.owner == other.owner and one.ink == other.ink and one.cell == other.cell


def with_accents(items: Sequence[Glyph | Gap]) -> list[Glyph | Gap]:
    """With accents that were drawn by themselves upon the letters that they stand over."""
    kept = list(items)
    place = 0
    while place < len(kept):
        item = kept[place]
        if isinstance(item, Glyph) and (mark := _mark(item.text)):
            for way in (1, -1):
                other = _beside(kept, place, way)
                letter = kept[other] if other is not None else None
                if other is None or not isinstance(letter, Glyph):
                    continue
                if (text := _accented(letter, item, mark)) is None:
                    continue
                letter.text = text
                # What was supposed between the two goes with the accent.
                low, high = min(place, other), max(place, other)
                kept[low : high + 1] = [letter]
                place = low
                break
        place += 1
    return kept


def _mark(text: str) -> str:
    """The mark that a lone accent is, or ""."""
    if text in _ACCENTS:
        return _ACCENTS[text]
    return text if len(text) == 1 and unicodedata.category(text) == "Mn" else ""


def _beside(items: Sequence[Glyph | Gap], place: int, way: int) -> int | None:
    """Where the next character is, before or behind, if nothing certain lies between."""
    place += way
    while 0 <= place < len(items):
        item = items[place]
        if isinstance(item, Glyph):
            return place
        if not item.is_supposed:
            return None
        place += way
    return None


def _accented(letter: Glyph, accent: Glyph, mark: str) -> str | None:
    """The letter with the accent, if that stands over it and makes a letter of some language."""
    if letter.quarter != accent.quarter or len(letter.text) != 1 or not letter.text.isalpha():
        return None
    if not letter.ink.left <= accent.ink.centre_x <= letter.ink.right:
        return None
    if letter.cell.overlap_y(accent.cell) <= 0:
        return None
    text = unicodedata.normalize("NFC", _DOTLESS.get(letter.text, letter.text) + mark)
    return text if len(text) == 1 else None

"""Characters that a PDF draws twice or in parts, as the single ones that a reader sees."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence

from app.reader.intake.glyphs import BREAK, Gap, Glyph

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
# How many characters an accent may come before or behind its letter, and how close letters of one
# word stand, in their heights.
_NEAR, _TOUCHING = 200, 0.15
# Lam with any alef, and the word that is written as one sign.
_LAM_ALEF = re.compile("\u0644[\u0627\u0622\u0623\u0625\u0671]|\u0644\u0644\u0647")
_DOTLESS = {"\u0131": "i", "\u0237": "j"}


def once(items: Sequence[Glyph | Gap]) -> list[Glyph | Gap]:
    """Without the letters that lie upon themselves, a trace to one side."""
    seen: set[tuple[object, ...]] = set()
    kept: list[Glyph | Gap] = []
    for item in items:
        before = kept[-1] if kept else None
        # PDFium gives each letter of a ligature the place of the whole.
        is_part = before is not None and _are_letters_of_one(before, item)
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


def in_order(items: Sequence[Glyph | Gap]) -> list[Glyph | Gap]:
    """With the letters of an Arabic ligature in the order in which they are spoken.

    PDFium turns a line that runs to the left around letter by letter, ligatures as well.
    """
    kept = list(items)
    start = 0
    while start < len(kept):
        end = start + 1
        while end < len(kept) and _are_letters_of_one(kept[end - 1], kept[end]):
            end += 1
        text = "".join(item.text for item in kept[start:end] if isinstance(item, Glyph))
        if end - start > 1 and _LAM_ALEF.search(text[::-1]):
            kept[start:end] = kept[start:end][::-1]
        start = end
    return kept


def _are_letters_of_one(before: Glyph | Gap, item: Glyph | Gap) -> bool:
    return isinstance(before, Glyph) and isinstance(item, Glyph) and _are_one(before, item)


def with_accents(items: Sequence[Glyph | Gap]) -> list[Glyph | Gap]:
    """With accents that were drawn by themselves upon the letters that they stand over."""
    kept = list(items)
    place = 0
    while place < len(kept):
        item = kept[place]
        if isinstance(item, Glyph) and (mark := _mark(item.text)):
            for other in _candidates(kept, place):
                letter = kept[other]
                if not isinstance(letter, Glyph):
                    continue
                if (text := _accented(letter, item, mark)) is None:
                    continue
                letter.text = text
                place = _removed(kept, place)
                break
        place += 1
    return kept


def _candidates(items: Sequence[Glyph | Gap], place: int) -> Iterator[int]:
    """Where the letter of an accent may be: beside it first, then anywhere near.

    PDFium sorts what it takes for another row, so that accents come words behind their letters.
    """
    for way in (1, -1):
        if (other := _beside(items, place, way)) is not None:
            yield other
    yield from range(max(0, place - _NEAR), min(len(items), place + _NEAR))


def _removed(items: list[Glyph | Gap], place: int) -> int:
    """Take an accent out, and what was supposed between it and others; where it was, less one."""
    low, high = place, place + 1
    while low and isinstance(gap := items[low - 1], Gap) and gap.is_supposed:
        low -= 1
    while high < len(items) and isinstance(gap := items[high], Gap) and gap.is_supposed:
        high += 1
    gaps = [gap for gap in items[low:high] if isinstance(gap, Gap)]
    before = items[low - 1] if low else None
    after = items[high] if high < len(items) else None
    if isinstance(before, Glyph) and isinstance(after, Glyph) and _touch(before, after):
        gaps = []
    # Of several the widest tells: a line's end where there was one.
    items[low:high] = sorted(gaps, key=lambda gap: gap.kind != BREAK)[:1]
    return low - 1


def _touch(one: Glyph, other: Glyph) -> bool:
    """Whether two letters stand beside each other in one word."""
    return (
        one.cell.overlap_y(other.cell) > 0
        and -_TOUCHING < (other.ink.left - one.ink.right) / one.cell.height < _TOUCHING
    )


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

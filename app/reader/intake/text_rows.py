"""Characters gathered into words, and words into the rows that a page's layout is made of."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.geometry import Box
from app.reader.intake.affine import framed
from app.reader.intake.glyphs import BREAK, SPACE, Gap, Glyph

UNKNOWN = "\ufffd"
"""Stands in a word for a character that is seen but has no meaning."""

# A gap of this many heights parts two cells or columns of one row.
_WIDE_GAP = 1.2
_SAME_ROW = 0.4
# What is raised or lowered is smaller than its line, but no smaller than this; its foot is off
# the line's by this much, and they share this much of its height. All in heights.
_SMALLEST, _SMALLER, _OFF, _SHARED = 0.45, 0.88, 0.1, 0.3
# From here on there is a space before what is raised, and from here on it does not belong here.
_SPACED, _APART = 0.1, 0.3
# In pixels: an unknown character without an extent is a space.
_BLANK = 0.1
# Letters of one word have this much of their height in common.
_LEVEL = 0.5
# A line that goes on at this distance was broken by the program that wrote it, not by its author.
_TOUCHING = 0.02


@dataclass(frozen=True, slots=True)
class Placed:
    """A word where it stands in the page's picture, and the way it runs, in quarters clockwise."""

    text: str
    box: Box
    quarter: int


def gathered(items: Iterable[Glyph | Gap], garbled: set[int]) -> list[list[Placed]]:
    """The words in rows, without what owners in `garbled` draw."""
    words = _Words()
    last: Glyph | None = None
    gap: Gap | None = None
    for item in items:
        if isinstance(item, Gap):
            gap = _stronger(gap, item)
            continue
        if item.owner in garbled:
            words.end_word(ends_line=True)
            last = gap = None
            continue
        if not item.text and min(item.ink.width, item.ink.height) < _BLANK:
            gap = _stronger(gap, Gap(SPACE))
            continue
        if last is not None and (kind := _between(last, item, gap)):
            words.end_word(ends_line=kind == BREAK)
        words.add(item)
        last, gap = item, None
    words.end_word(ends_line=True)
    return [row for row in words.rows if row]


def _stronger(one: Gap | None, other: Gap) -> Gap:
    """Two gaps as one: a break before a space, and what is there before what is supposed."""
    if one is None:
        return other
    kind = BREAK if BREAK in (one.kind, other.kind) else SPACE
    return Gap(kind, is_supposed=one.is_supposed and other.is_supposed)


def _between(before: Glyph, after: Glyph, gap: Gap | None) -> str:
    """What parts two characters: "" within a word, `SPACE` or `BREAK`."""
    if before.quarter != after.quarter:
        return BREAK
    one, other = before.cell, after.cell
    small, large = sorted((one.height, other.height))
    shared = one.overlap_y(other)
    if gap is None:
        # PDFium takes a word that a hyphen parts for one, on whatever lines its halves stand.
        other_line = shared <= 0 or (small > _SMALLER * large and shared < _LEVEL * small)
        return BREAK if other_line or (before.ends_line and other.left < one.left) else ""
    distance = one.left - other.right if _runs_left(after.text) else other.left - one.right
    near = -_APART * large < distance < _APART * large
    if near and _is_script(one, other) and shared > _SHARED * small:
        if not gap.is_supposed:
            return SPACE
        return "" if distance < _SPACED * large else SPACE
    if gap.kind == BREAK and gap.is_supposed and shared > _LEVEL * large:
        touching = -_SPACED * large < distance < _TOUCHING * large
        return "" if touching else BREAK
    return gap.kind


def _is_script(one: Box, other: Box) -> bool:
    """Whether one of two neighbours is raised or lowered against the other."""
    small, large = sorted((one.height, other.height))
    if not _SMALLEST * large < small < _SMALLER * large:
        return False
    return abs(one.bottom - other.bottom) > _OFF * large or (
        abs(one.top - other.top) > _OFF * large
    )


def _runs_left(text: str) -> bool:
    return unicodedata.bidirectional(text[:1] or " ") in ("R", "AL")


class _Words:
    """Glyphs gathered into words, and words into rows."""

    def __init__(self) -> None:
        self.rows: list[list[Placed]] = [[]]
        self._word: list[Glyph] = []

    def add(self, glyph: Glyph) -> None:
        self._word.append(glyph)

    def end_word(self, *, ends_line: bool) -> None:
        if self._word:
            quarter = self._word[0].quarter
            text = "".join(glyph.text or UNKNOWN for glyph in self._word)
            word = Placed(text, Box.union([glyph.box for glyph in self._word]), quarter)
            if self.rows[-1] and not _continues(self.rows[-1][-1], word):
                self.rows.append([])
            self.rows[-1].append(word)
            self._word = []
        if ends_line and self.rows[-1]:
            self.rows.append([])


def _continues(before: Placed, after: Placed) -> bool:
    """Whether a word is the next one of the same line, with a usual gap between them."""
    if before.quarter != after.quarter:
        return False
    one, other = framed(before.box, before.quarter), framed(after.box, after.quarter)
    height = min(one.height, other.height)
    gap = -other.overlap_x(one)
    return other.overlap_y(one) > _SAME_ROW * height and gap < _WIDE_GAP * height

"""Rules, icons and strokes of a pen that are taken for Chinese signs on pages of other letters.

The network is as sure of the "王" that it sees in a grid as of one that is written. What tells is
the page: whoever writes Chinese or Japanese writes more than one sign of it somewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from app.core.reading import Line, Word

# Signs that are made of level and upright strokes alone, as grids and icons are.
_RULED = frozenset(
    "一二三十丁丄丅丨亅干士土王工上下卜中口日目曰田由甲申回囗囲囯冂凵匚匸ロコエニノハー"
)
# Any other, and several of them, are as sure as this where they are meant.
_SURE, _SURE_OF_MANY = 0.95, 0.8
# A page is one of other letters if so many of its lines have so many of those.
_LINES, _LETTERS = 3, 3
# Beside letters or digits, or by itself, "一" is a dash; an empty box to tick is no sign either.
_DASH = re.compile(r"(?<![^a-zA-Z\d])[一ー]|[一ー](?![^a-zA-Z\d])")
_BOX = frozenset("口囗ロ")


def without_false_signs(lines: Sequence[Line]) -> list[Line]:
    """A page's lines without signs that stand for no text, if its text is in other letters."""
    if not any(_signs(line.text) for line in lines):
        return list(lines)
    others = sum(
        sum(character.isalpha() for character in line.text) >= _LETTERS
        for line in lines
        if not _signs(line.text)
    )
    if others < _LINES or any(_is_written(line) for line in lines):
        return list(lines)
    return [_plain(line) for line in lines if not _is_drawn(line)]


def _signs(text: str) -> str:
    """The letters of a text that are as wide as Chinese ones."""
    return "".join(
        character
        for character in text
        if unicodedata.east_asian_width(character) in "WF" and character.isalpha()
    )


def _is_written(line: Line) -> bool:
    """Whether two signs stand side by side that no grid and no icon look like."""
    return line.confidence >= _SURE_OF_MANY and any(
        _signs(one) and _signs(other) and not _RULED.issuperset((one, other))
        for one, other in pairwise(line.text)
    )


def _is_drawn(line: Line) -> bool:
    """Whether a line is a sign or more, and next to nothing else, that a drawing looks like."""
    signs = _signs(line.text)
    if not signs or len(line.text) - len(signs) >= _LETTERS:
        return False
    if len(set(signs)) > 1:
        return line.confidence < _SURE_OF_MANY
    return line.confidence < _SURE or signs[0] in _RULED


def _plain(line: Line) -> Line:
    """A line with its dashes as such, and without a box that is to be ticked."""
    if not _signs(line.text):
        return line
    words = tuple(_dashed(word) for word in line.words if word.text not in _BOX)
    return replace(line, text=" ".join(word.text for word in words), words=words)


def _dashed(word: Word) -> Word:
    return replace(word, text=_DASH.sub("—", word.text))

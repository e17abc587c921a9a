"""Fonts whose characters are not what they say, told from the text itself.

A font may have no map from its glyphs to characters, or one that is wrong. What is drawn is
right all the same, so that reading the picture serves where the text does not.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium_c

from app.reader.intake.glyphs import Gap, Glyph

# A font of which more than this share of the characters have no meaning is not believed.
_UNKNOWN_SHARE = 0.1
# In words of every language in Latin letters these are 60 to 80 of 100 letters; where letters
# stand for others, some 40.
_COMMON = frozenset("eaionrstldu")
_LEAST_COMMON, _LEAST_LETTERS, _LEAST_LENGTH = 0.55, 60, 4
# A word of three different signs and more is odd where fewer than half are letters or digits.
_LEAST_SIGNS, _ODD_SHARE, _LEAST_ODD = 3, 0.4, 4
# Their words are odd by nature.
_MATHS = ("math", "symbol", "cmsy", "cmex", "cmmi", "msam", "msbm", "dingbat", "wingding")


@dataclass(slots=True)
class _Evidence:
    known: int = 0
    unknown: int = 0
    letters: Counter[str] = field(default_factory=Counter[str])
    words: int = 0
    odd: int = 0

    def add(self, word: str) -> None:
        """Count a word of this font."""
        if len(set(word)) < _LEAST_SIGNS:
            return
        self.words += 1
        plain = sum(character.isalnum() for character in word)
        self.odd += plain < len(word) / 2
        latin = [one for one in unicodedata.normalize("NFD", word.lower()) if "a" <= one <= "z"]
        if len(latin) >= _LEAST_LENGTH:
            self.letters.update(latin)

    @property
    def is_garbled(self) -> bool:
        """Whether the characters cannot be what is drawn."""
        if self.unknown > _UNKNOWN_SHARE * (self.known + self.unknown):
            return True
        if self.odd >= _LEAST_ODD and self.odd > _ODD_SHARE * self.words:
            return True
        total = self.letters.total()
        common = sum(self.letters[letter] for letter in _COMMON)
        return total >= _LEAST_LETTERS and common < _LEAST_COMMON * total


def garbled(items: Sequence[Glyph | Gap], owners: Mapping[int, object]) -> set[int]:
    """Keys of the `owners` whose text is not to be believed."""
    fonts = {key: _font(owner, key) for key, owner in owners.items()}
    evidence: dict[int, _Evidence] = {}
    for font, word in _words(items, fonts):
        found = evidence.setdefault(font, _Evidence())
        found.known += sum(1 for glyph in word if glyph.text)
        found.unknown += sum(1 for glyph in word if not glyph.text)
        found.add("".join(glyph.text for glyph in word))
    wrong = {font for font, found in evidence.items() if found.is_garbled}
    if not wrong:
        return set()
    keys = {key for key, font in fonts.items() if font in wrong}
    return {
        key for key in keys if evidence[fonts[key]].unknown or not _is_mathematical(owners[key])
    }


def _words(
    items: Iterable[Glyph | Gap], fonts: Mapping[int, int]
) -> Iterable[tuple[int, list[Glyph]]]:
    """Characters of one font up to the next gap, with that font."""
    word: list[Glyph] = []
    font = 0
    for item in items:
        following = font if isinstance(item, Gap) else fonts[item.owner]
        if word and (isinstance(item, Gap) or following != font):
            yield font, word
            word = []
        font = following
        if isinstance(item, Glyph):
            word.append(item)
    if word:
        yield font, word


def _font(owner: object, key: int) -> int:
    """What stands for the font of a page object: its address, or the object's own."""
    font = pdfium_c.FPDFTextObj_GetFont(owner) if owner else None
    return ctypes.cast(font, ctypes.c_void_p).value or key if font else key


def _is_mathematical(owner: object) -> bool:
    font = pdfium_c.FPDFTextObj_GetFont(owner) if owner else None
    if not font:
        return False
    buffer = ctypes.create_string_buffer(256)
    pdfium_c.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
    name = buffer.value.decode("utf-8", "replace").lower()
    return any(part in name for part in _MATHS)

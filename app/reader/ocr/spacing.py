"""Spaces that the network sees inside words, and those between a number and its unit.

It sees "trans fer" for "transfer" where small letters were drawn unevenly. Neither how wide such
a space is nor how sure the network is tells it from a real one; that the two parts are hardly ever
words by themselves, and together are a common one, does. docs/decisions tells what was tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import median

from app.reader.ocr.onnx import Array
from app.reader.ocr.words import Character, gap, ink, middle_run, word_places

# Such a space is narrower than the line's usual ones, of which so many must be seen.
_NARROW, _LEAST = 0.95, 3
# How often a word stands in the list for it to be a common one, and how many times rarer than
# it the rarer of the two parts is.
_COMMON, _RARER = 1000, 10
# A number before its unit, an abbreviation or a currency before a number, where the space between
# the two may not have been seen. It is at least so many heights of the line's letters wide, and so
# many times as wide as the widest gap between two letters or digits of the same word.
_BEFORE = re.compile(
    r"(?<![\w.,])\d(?:[\d.,]*\d)?(?=(?:%|[A-Za-z]{1,3})(?!\w))"
    r"|(?<![\w.,])[A-Za-z]{1,3}\.(?=\d)|(?<!\w)[$\u20ac\u00a3\u00a5](?=\d)"
)
_WORD = re.compile(r"\S+")
_APART, _WIDER = 0.33, 2
# The line is English if of its other words with so many letters more than this share is listed.
_LONG, _ENGLISH = 3, 0.5


def without_false_spaces(line: Array, characters: Sequence[Character]) -> list[Character]:
    """Characters of a line's picture, uint8 (height, width, 3), without spaces inside words."""
    words = word_places(characters)
    if len(words) <= _LEAST:
        return list(characters)
    columns = ink(line, 0)
    widths: list[float] = []
    for before, after in pairwise(words):
        start, stop = gap(columns, characters[before[-1]].column, characters[after[0]].column)
        widths.append(stop - start)
    narrow = _NARROW * median(widths)
    texts = ["".join(characters[index].text for index in word) for word in words]
    false: set[int] = set()
    for place, width in enumerate(widths):
        if width < narrow and _is_one_word(texts[place], texts[place + 1]):
            others = [*texts[:place], *texts[place + 2 :]]
            if _is_english(others):
                # All that stands between the two, which is one space as a rule.
                false.update(range(words[place][-1] + 1, words[place + 1][0]))
    return [character for index, character in enumerate(characters) if index not in false]


def with_unit_spaces(line: Array, characters: Sequence[Character]) -> list[Character]:
    """Characters of a line's picture with the spaces of "6 %" and "No. 12"."""
    found = list(characters)
    text = "".join(character.text for character in found)
    places = [before.end() - 1 for before in _BEFORE.finditer(text)]
    if not places or len(text) != len(found):
        return found
    columns = ink(line, 0)
    top, bottom = middle_run(ink(line, 1))

    def width(at: int) -> float:
        start, stop = gap(columns, found[at].column, found[at + 1].column)
        return stop - start

    for at in reversed(places):
        word = next(one for one in _WORD.finditer(text) if one.start() <= at < one.end())
        others = [
            width(other)
            for other in range(word.start(), word.end() - 1)
            if other != at and text[other].isalnum() and text[other + 1].isalnum()
        ]
        if width(at) >= max(_APART * (bottom - top), _WIDER * max(others, default=0)):
            middle = (found[at].column + found[at + 1].column) / 2
            found.insert(at + 1, Character(" ", middle, found[at].confidence))
    return found


def _is_one_word(first: str, second: str) -> bool:
    """Whether two parts are a common word together and hardly ever words by themselves."""
    end = second.rstrip(".,;:!?")
    if not (first.isalpha() and end.isalpha() and end.islower() and first[1:] == first[1:].lower()):
        return False
    both = _count(first + end)
    return both >= _COMMON and _RARER * min(_count(first), _count(end)) <= both


def _is_english(words: Sequence[str]) -> bool:
    long = [word for text in words if len(word := text.strip(".,;:!?()\"'")) >= _LONG]
    long = [word for word in long if word.isalpha()]
    known = sum(_count(word) > 0 for word in long)
    return len(long) >= 2 and known > _ENGLISH * len(long)


def _count(word: str) -> int:
    """How often a word stands in the list's sources; 0 for what is in it by mistake."""
    return _english().get(word.lower(), 0)


@cache
def _english() -> dict[str, int]:
    """English words with how often they were met, read when a space is first in doubt: 0.2 s."""
    from spellchecker import SpellChecker  # noqa: PLC0415

    counted = SpellChecker(language="en").word_frequency.dictionary
    # Below this stand letters, abbreviations and what others misspelt.
    return {word: count for word, count in counted.items() if count >= _COMMON // _RARER}

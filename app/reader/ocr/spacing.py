"""Spaces that the network sees inside words, and those that it does not see between two.

It sees "trans fer" for "transfer" where small letters were drawn unevenly. Neither how wide such
a space is nor how sure the network is tells it from a real one; that the two parts are hardly ever
words by themselves, and together are a common one, does. docs/decisions tells what was tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from app.reader.ocr.letters.english import COMMON, count, is_english
from app.reader.ocr.onnx import Array
from app.reader.ocr.words import Character, gap, ink, middle_run, word_places

# Such a space is narrower than the line's usual ones, of which so many must be seen.
_NARROW, _LEAST = 0.95, 3
# How many times rarer than the word the rarer of the two parts is.
_RARER = 10
# A number before its unit, an abbreviation or a currency before a number, where the space between
# the two may not have been seen. It is at least so many heights of the line's letters wide, and so
# many times as wide as the widest gap between two letters or digits of the same word.
_BEFORE = re.compile(
    r"(?<![\w.,])\d(?:[\d.,]*\d)?(?=(?:%|[A-Za-z]{1,3})(?!\w))"
    r"|(?<![\w.,])[A-Za-z]{1,3}\.(?=\d)|(?<!\w)[$\u20ac\u00a3\u00a5](?=\d)"
)
_WORD = re.compile(r"\S+")
_APART, _WIDER = 0.33, 2
# A space that was not seen is so many times as wide as any other gap of what is taken for one
# word, and this share of the line's usual spaces. Parts of few letters are such as end no word.
_GAP, _OF_SPACES = 1.2, 0.4
_SHORT_WORDS = re.compile(r"I|(?i:a[mnst]|b[ey]|do|he|i[fnst]|m[ey]|no|o[fnr]|so|to|u[ps]|we)")
_LONG_WORD = 5
# Most of its line's words are English then.
_KNOWN, _LEAST_WORDS = 0.75, 3


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
            if is_english(others):
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


def with_missed_spaces(line: Array, characters: Sequence[Character]) -> list[Character]:
    """Characters of an English line's picture with the spaces of "Iaccept" and "OFSTORIES"."""
    words = word_places(characters)
    texts = ["".join(characters[place].text for place in word) for word in words]
    if not any(_halves(text) for text in texts):
        return list(characters)
    columns = ink(line, 0)

    def width(before: int, after: int) -> float:
        start, stop = gap(columns, characters[before].column, characters[after].column)
        return stop - start

    spaces = [width(before[-1], after[0]) for before, after in pairwise(words)]
    least = _OF_SPACES * median(spaces) if spaces else 0.0
    missed: set[int] = set()
    parts: list[str] = []
    for word, text in zip(words, texts, strict=True):
        widths = [width(*two) for two in pairwise(word)]
        found = [
            at
            for at in _halves(text)
            if widths[at - 1] > least
            and widths[at - 1] >= _GAP * max(widths[: at - 1] + widths[at:], default=0.0)
        ]
        missed.update(word[at] for at in found)
        parts += [text[: found[0]], text[found[0] :]] if found else [text]
    known = sum(count(part.strip(".,;:!?()\"'")) > 0 for part in parts)
    if len(parts) < _LEAST_WORDS or known < _KNOWN * len(parts):
        return list(characters)
    result: list[Character] = []
    for place, character in enumerate(characters):
        if place in missed:
            middle = (characters[place - 1].column + character.column) / 2
            result.append(Character(" ", middle, character.confidence))
        result.append(character)
    return result


def _halves(text: str) -> list[int]:
    """Where a word that is none falls into two that are."""
    word = text.rstrip(".,;:!?")
    if len(word) < _LEAST or not word.isalpha() or not word.isascii() or count(word):
        return []
    if word[1:] not in (word[1:].lower(), word[1:].upper()):
        return []
    return [at for at in range(1, len(word)) if _stands(word[:at]) and _stands(word[at:])]


def _stands(part: str) -> bool:
    """Whether a part is a word by itself."""
    if len(part) <= 2:
        return _SHORT_WORDS.fullmatch(part) is not None
    return count(part) >= (COMMON if len(part) < _LONG_WORD else 1)


def _is_one_word(first: str, second: str) -> bool:
    """Whether two parts are a common word together and hardly ever words by themselves."""
    end = second.rstrip(".,;:!?")
    if not (first.isalpha() and end.isalpha() and end.islower() and first[1:] == first[1:].lower()):
        return False
    both = count(first + end)
    return both >= COMMON and _RARER * min(count(first), count(end)) <= both

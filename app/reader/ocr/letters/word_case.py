"""Letters of the wrong case inside English words: "AUTHENTIcATED", "sONG", "RalPh"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from app.reader.ocr.letters.english import count
from app.reader.ocr.words import Character, word_places

# Small letters that look like their capitals are the ones that are mistaken, one in a word. Names
# like McDONALD have one, and so have several of what is shortened: DVDs.
_AMONG_CAPITALS = re.compile(r"(?!Mc|M[Aa]c)(?=.{4})[A-Z]*[ckopsuvwxz][A-Z]+|[A-Z]{3,}[ckopuvwxz]")
_AMONG_SMALL = re.compile(r"(?!Mac)([A-Z][a-z]{2,})([CKOPSUVWXZ][a-z]+)")
_WORD = re.compile(r"(?<![\w@./\\-])[A-Za-z]+(?![\w@/\\-]|\.\w)")


def with_word_case(characters: Sequence[Character]) -> list[Character]:
    """Characters of a line, one letter of an English word as large as the others are.

    Whatever is no such word, a name of two (PayPal) or a part of something longer (a path) stays.
    """
    found = list(characters)
    for places in word_places(found):
        text = "".join(found[place].text for place in places)
        if len(text) != len(places):  # A letter and its mark may be one character of a network.
            continue
        for word in _WORD.finditer(text):
            for place, letter in zip(places[word.start() :], _mended(word.group()), strict=False):
                found[place] = replace(found[place], text=letter)
    return found


def _mended(word: str) -> str:
    if _AMONG_CAPITALS.fullmatch(word) and count(word):
        return word.upper()
    parts = _AMONG_SMALL.fullmatch(word)
    if parts and count(word) and not all(count(part) for part in parts.groups()):
        return word.capitalize()
    return word

"""Accents that the network sees with some doubt on letters of English words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from app.reader.ocr.letters.english import is_english, listed
from app.reader.ocr.recognition import RecognisedLine
from app.reader.ocr.words import WordSpan

_LETTERS = re.compile(r"[^\W\d_]+")
# Shorter stretches of letters are words in too many languages.
_LEAST = 3


def without_false_accents(answers: Sequence[RecognisedLine]) -> list[RecognisedLine]:
    """What a page's lines say, in an English text without the accents of "așsigned" and "01Auğ"."""
    words = [word for answer in answers for word in answer.words]
    if all(word.plain in ("", word.text) for word in words):
        return list(answers)
    if not is_english([word.text for word in words]):
        return list(answers)
    return [
        replace(answer, words=tuple(_unaccented(word) for word in answer.words))
        for answer in answers
    ]


def _unaccented(word: WordSpan) -> WordSpan:
    """A word without doubtful accents, if what it says then is in the list of English words."""
    if not word.plain or len(word.plain) != len(word.text):
        return word
    changed = [
        stretch.group()
        for stretch in _LETTERS.finditer(word.plain)
        if stretch.group() != word.text[stretch.start() : stretch.end()]
    ]
    if all(len(letters) >= _LEAST and listed(letters) for letters in changed):
        return replace(word, text=word.plain)
    return word

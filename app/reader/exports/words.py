"""The words of a line with their places, for forms that need every one."""

from __future__ import annotations

import unicodedata

import regex

from app.core.geometry import Box
from app.core.reading import Line, Word
from app.text.markup import plain

_CLUSTER = regex.compile(r"\X")


def words_of(line: Line) -> list[Word]:
    """The line's words; without any, its text is parted at spaces and its box by their lengths.

    Their texts are plain, not empty, and without line breaks.
    """
    words = line.words or _shared_out(line)
    cleaned = [Word(" ".join(plain(w.text).split()), w.box, w.confidence) for w in words]
    return [word for word in cleaned if word.text]


def clusters(text: str) -> list[str]:
    """`text` in what a person takes for one character each: letter and accents, one emoji."""
    return _CLUSTER.findall(text)


def _shared_out(line: Line) -> list[Word]:
    text = plain(line.text).strip()
    places = [_place(character) for character in text]
    whole = sum(places) or 1
    words: list[Word] = []
    for match in regex.finditer(r"\S+", text):
        start, stop = sum(places[: match.start()]), sum(places[: match.end()])
        left = line.box.left + line.box.width * start / whole
        right = line.box.left + line.box.width * stop / whole
        box = Box(left, line.box.top, right, line.box.bottom)
        words.append(Word(match.group(), box, line.confidence))
    return words


def _place(character: str) -> int:
    """How wide a character is, roughly: marks 0, letters 1, Han and emoji 2."""
    if unicodedata.combining(character):
        return 0
    return 1 + (unicodedata.east_asian_width(character) in "WF")

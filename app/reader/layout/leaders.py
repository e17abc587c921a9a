"""Leaders: the dots that lead from a title to its page number, from a label to its number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from statistics import mean

from app.core.geometry import Box
from app.core.reading import Line, Word
from app.reader.layout.lines import of_words, united

# So many dots in a row are a leader, and so they are written, however many there are.
_LEAST, LEADER = 4, "....."
_DOTS = re.compile(r"[.\u00b7\u2026\u2024\s]+")
_ENDS = re.compile(rf"(?:[.\u00b7\u2024]\s?){{{_LEAST},}}$|\u2026{{2,}}$")
# In a table strokes lead as well, and fewer are enough: one word of them, or one each.
_WORD = re.compile(r"[.·…_]{3,}|…")
_BEHIND = re.compile(r"\s?(?:[.·_…]{3,}|(?: ?\.){4,})$")
_MARKS, _LEAST_MARKS = frozenset({".", "·", "_"}), 3
# What a leader leads to is no longer than this.
_NUMBER = 12


def with_leaders(lines: Sequence[Line]) -> list[Line]:
    """Lines, in any order, each title with its leader and its number as one.

    Programs set the dots one by one, far from each other; as lines of their own they make the
    numbers a column, to be read after all titles.
    """
    dots = [line for line in lines if _DOTS.fullmatch(line.text)]
    texts = [line for line in lines if not _DOTS.fullmatch(line.text)]
    used: set[int] = set()
    found: list[Line] = []
    for line in sorted(texts, key=lambda line: line.box.left):
        if id(line) in used:
            continue
        used.add(id(line))
        row = [dot for dot in dots if id(dot) not in used and _is_behind(line, dot)]
        ends = bool(_ENDS.search(line.text))
        if not ends and _count(row) < _LEAST:
            found.append(line)
            continue
        number = _next(line, [other for other in texts if id(other) not in used])
        leader = [dot for dot in row if number is None or dot.box.right <= number.box.right]
        if not ends and _count(leader) < _LEAST:
            found.append(line)
            continue
        parts = [line]
        if leader:
            used |= {id(dot) for dot in leader}
            parts.append(_leader(leader))
        if number is not None and len(number.text) <= _NUMBER:
            used.add(id(number))
            parts.append(number)
        found.append(united(parts))
    return [*found, *(dot for dot in dots if id(dot) not in used)]


def without_leaders(line: Line) -> Line | None:
    """A line without the dots that lead from a label to its number; None if it is no more."""
    if not _BEHIND.search(line.text) and not _WORD.search(line.text) and " . " not in line.text:
        return line
    if not line.words:
        text = _BEHIND.sub("", line.text).strip()
        return replace(line, text=text) if text else None
    words: list[Word] = []
    for is_dot, group in groupby(line.words, lambda word: word.text in _MARKS):
        some = list(group)
        if not is_dot or len(some) < _LEAST_MARKS:
            words += [short for word in some if (short := _shortened(word)) is not None]
    return of_words(line, words) if words else None


def _shortened(word: Word) -> Word | None:
    """A word without dots behind it; their width goes with them."""
    if _WORD.fullmatch(word.text):
        return None
    text = _BEHIND.sub("", word.text)
    if text == word.text or not text:
        return word if text else None
    # Dots are about half as wide as other letters.
    share = len(text) / (len(text) + (len(word.text) - len(text)) / 2)
    box = replace(word.box, right=word.box.left + share * word.box.width)
    return replace(word, text=text, box=box)


def _count(dots: Sequence[Line]) -> int:
    return sum(len(dot.text.split()) for dot in dots)


def _is_behind(line: Line, other: Line) -> bool:
    """Whether `other` stands in the row of `line`, to its right."""
    return other.box.left >= line.box.centre_x and (
        line.box.top < other.box.centre_y < line.box.bottom
    )


def _next(line: Line, others: Sequence[Line]) -> Line | None:
    """The next text in the row of a line."""
    return min(
        (other for other in others if _is_behind(line, other)),
        key=lambda other: other.box.left,
        default=None,
    )


def _leader(dots: Sequence[Line]) -> Line:
    """Dots as the one word that they are written as."""
    box = Box.union(dot.box for dot in dots)
    confidence = mean(dot.confidence for dot in dots)
    return Line(LEADER, box, confidence, (Word(LEADER, box, confidence),))

"""Which words a recognised line holds, and where along it each stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from app.core.cleaning import clean
from app.reader.ocr.onnx import Array

# A column is ink if it holds this share of the line's strongest contrast.
_INK = 0.3
# Gaps inside a word are narrower than this share of the line's height.
_INSIDE = 0.2
# What is further apart than this from a line's letters is not theirs.
_APART = 0.12
# Accents that are there were seen with 1.0, others with up to 0.98. English has some of its own.
_SURE_ACCENT, _ENGLISH_ACCENTS = 0.985, frozenset("éèêçñÉÈÊÇÑ")
# No letter reaches further out from its middle, in line heights.
_FAR = 0.9


@dataclass(frozen=True, slots=True)
class Character:
    """A character, the column of its middle in the line's picture, and its confidence."""

    text: str
    column: float
    confidence: float


@dataclass(frozen=True, slots=True)
class WordSpan:
    """A word from `start` to `stop`, as shares of its line's length.

    `top` and `bottom` are those of the line's letters, as shares of its height. `plain` is
    the word without the accents that the network was in some doubt of.
    """

    text: str
    start: float
    stop: float
    confidence: float
    top: float = 0.0
    bottom: float = 1.0
    plain: str = ""


def spans(line: Array, characters: Sequence[Character]) -> list[WordSpan]:
    """The words of a line's picture, uint8 of shape (height, width, 3).

    The network says where a character is to within half a letter; where a word
    begins and ends is seen in the ink between two of them.
    """
    words = [[characters[place] for place in word] for word in word_places(characters)]
    words = [word for word in words if clean("".join(c.text for c in word)).strip()]
    if not words:
        return []
    height, width = line.shape[:2]
    columns, rows = ink(line, 0), ink(line, 1)
    top, bottom = middle_run(rows)
    edges = [_outwards(columns, words[0][0].column, -1, height)]
    for before, after in pairwise(words):
        edges += gap(columns, before[-1].column, after[0].column)
    edges.append(_outwards(columns, words[-1][-1].column, 1, height))
    return [
        WordSpan(
            clean("".join(character.text for character in word)).strip(),
            max(0.0, start) / width,
            min(width, max(stop, start + 1)) / width,
            min(1.0, sum(character.confidence for character in word) / len(word)),
            top / height,
            bottom / height,
            clean("".join(_plain(character) for character in word)).strip(),
        )
        for word, start, stop in zip(words, edges[::2], edges[1::2], strict=True)
    ]


def word_places(characters: Sequence[Character]) -> list[list[int]]:
    """The places of each word's characters."""
    words: list[list[int]] = [[]]
    for index, character in enumerate(characters):
        if character.text.isspace():
            words.append([])
        else:
            words[-1].append(index)
    return [word for word in words if word]


def ink(line: Array, axis: int) -> Array:
    """Which columns (axis 0) or rows (axis 1) hold more than ground; one-dimensional bool."""
    high, low = cv2.reduce(line, axis, cv2.REDUCE_MAX), cv2.reduce(line, axis, cv2.REDUCE_MIN)
    contrast = (high - low).reshape(-1, line.shape[2]).max(axis=1).astype(np.int32)
    ground = int(contrast.min())
    return contrast > ground + _INK * (int(contrast.max()) - ground)


def middle_run(rows: Array) -> tuple[int, int]:
    """The rows of the line's own letters, without what reaches in from the lines beside it."""
    filled = np.flatnonzero(rows)
    if not filled.size:
        return 0, len(rows)
    runs = np.split(filled, np.flatnonzero(np.diff(filled) > _APART * len(rows)) + 1)
    own = max(runs, key=len)
    return int(own[0]), int(own[-1]) + 1


def gap(columns: Array, before: float, after: float) -> tuple[float, float]:
    """Where the word around column `before` ends and the one around `after` begins."""
    first, last = int(before), max(int(before) + 1, min(int(after) + 1, len(columns)))
    edges = np.flatnonzero(np.diff(np.concatenate(([True], columns[first:last], [True]))))
    starts, stops = edges[::2], edges[1::2]
    if not starts.size:
        middle = (before + after) / 2
        return middle, middle
    widest = int((stops - starts).argmax())
    return float(first + starts[widest]), float(first + stops[widest])


def _outwards(ink: Array, column: float, way: int, height: int) -> float:
    """The outer edge of the word whose first or last letter stands at `column`."""
    start = min(max(0, int(column)), len(ink) - 1)
    reach = int(_FAR * height)
    seen = ink[start : start + reach] if way > 0 else ink[max(0, start - reach) : start + 1][::-1]
    filled = np.flatnonzero(seen)
    if not filled.size:
        return column
    wide = np.flatnonzero(np.diff(np.concatenate(([0], filled))) > _INSIDE * height)
    end = int(filled[-1] if not wide.size else filled[max(0, wide[0] - 1)])
    return float(start + end + 1) if way > 0 else float(start - end)


def _plain(character: Character) -> str:
    """A character without an accent that is in doubt."""
    text = character.text
    if text.isascii() or character.confidence >= _SURE_ACCENT or text in _ENGLISH_ACCENTS:
        return text
    parts = unicodedata.normalize("NFD", text)
    return parts[0] if parts[0].isascii() and parts[0].isalpha() else text

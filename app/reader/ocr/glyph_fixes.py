"""Letters that the network confuses, told apart by what stands around them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import cast

import cv2
import numpy as np

from app.reader.ocr.onnx import Array
from app.reader.ocr.words import Character

# Small and capital letters of one shape: nothing but their height tells which it is.
_ALIKE_LOW = frozenset("cosuvwxz")
_ALIKE = _ALIKE_LOW | {letter.upper() for letter in _ALIKE_LOW}
# Those that show how high small letters are, and how high capitals are, which is this
# share of those that rise highest.
_LOW = frozenset("aemnr")
_CAPITALS = frozenset("ABDEFGHKLMNPRT0123456789")
_TALL, _OF_TALL = frozenset("bdfhkl"), 0.9
# So many of each must be seen, most of them within this share of their usual height: in
# a line of two sizes, heights tell nothing. Nor do they where a font's two are too near.
_LEAST, _MOSTLY, _NEAR = 2, 0.75, 0.12
_LEAST_RATIO, _MOST_RATIO = 1.08, 1.8
# Nearer than this to one of the two heights, as a share of what is between them, is sure.
_SURE = 0.25
# A line that shows one of the two alone: shares of the capitals' height up to which a letter is
# small and from which it is a capital, and the same in heights of small letters. Letters of nine
# pixels have small ones of seven or eight, and round ones are a little higher than others.
_OF_CAPITALS, _OF_SMALL = (0.89, 0.96), (1.05, 1.15)
# A number that ends in "1", with or without a space before it: "92.7l" may be meant, litres.
# An "l" is at least so much higher than digits, which are all of one height.
_LITRES = re.compile(r"(?<![\w.,])\d[\d.,]* ?1$")
_HIGHER = 1.07
# Degrees with their scale, as one sign.
_SIGNS_OF_TWO = frozenset("\u2103\u2109")
# How a hexadecimal number begins, unless the network takes its zero for a letter.
_ZERO = re.compile(r"(?<![\w./@-])O(?=x(?=[A-Fa-f]*\d)[\dA-Fa-f]{2,}(?!\w))")


def with_case(line: Array, characters: Sequence[Character]) -> list[Character]:
    """Characters of a line's picture, uint8 (height, width, 3), as large as they are drawn.

    Looked at are those that begin a word or follow a capital or a digit, which the network
    likes to repeat the case of; behind small letters it is hardly ever wrong.
    """
    found = list(characters)
    alike = [
        index
        for index, character in enumerate(found)
        if character.text in _ALIKE and (not index or not found[index - 1].text.islower())
    ]
    if not alike:
        return found
    heights = _heights(line, [character.column for character in found], _components(line))
    small, capital = _limits([character.text for character in found], heights)
    for index in alike:
        character, height = found[index], heights[index]
        # Beside it, letters that touch are taken for a large one.
        begins = not index or not found[index - 1].text.isalnum()
        if begins and height >= capital:
            found[index] = replace(character, text=character.text.upper())
        elif 0 < height <= small:
            found[index] = replace(character, text=character.text.lower())
    return found


def _limits(texts: Sequence[str], heights: Sequence[int]) -> tuple[float, float]:
    """Up to which height a line's letters are small, and from which they are capitals.

    Nothing is small nor a capital where the line does not tell.
    """
    pairs = list(zip(texts, heights, strict=True))
    low = _usual([height for text, height in pairs if text in _LOW])
    if not low:
        # Letters that may be mistaken themselves: what most of them agree on.
        low = _usual([height for text, height in pairs if text in _LOW | _ALIKE_LOW])
    capitals = [height for text, height in pairs if text in _CAPITALS]
    tall = [_OF_TALL * height for text, height in pairs if text in _TALL and height]
    high = _usual(capitals) or _usual([*capitals, *tall]) or (low and max(capitals, default=0))
    if low and high and _LEAST_RATIO <= high / low <= _MOST_RATIO:
        near = _SURE * (high - low)
        return low + near, high - near
    if bool(low) is bool(high):
        return 0.0, math.inf
    shares = _OF_SMALL if low else _OF_CAPITALS
    return shares[0] * (low or high), shares[1] * (low or high)


def with_litres(line: Array, characters: Sequence[Character]) -> list[Character]:
    """Characters of a line's picture, the "1" that ends a line's last number perhaps an "l"."""
    found = list(characters)
    texts = [character.text for character in found]
    number = _LITRES.search("".join(texts))
    if not number or any(len(text) != 1 for text in texts):
        return found
    stats = _components(line)
    heights = _heights(line, [character.column for character in found], stats)
    digits = [heights[at] for at in range(number.start(), len(found) - 1) if texts[at].isdigit()]
    if not _usual(digits):
        return found
    # So thin that the network's columns pass it by, but nothing stands to its right.
    last = max(stats, key=lambda one: one[cv2.CC_STAT_LEFT] + one[cv2.CC_STAT_WIDTH])
    if last[cv2.CC_STAT_HEIGHT] >= _HIGHER * max(digits):
        found[-1] = replace(found[-1], text="l")
    return found


def with_zeros(characters: Sequence[Character]) -> list[Character]:
    """Characters, the first of a hexadecimal number a zero and no "O"."""
    text = _ZERO.sub("0", "".join(character.text for character in characters))
    if len(text) != len(characters):  # A letter and its mark may be one character of a network.
        return list(characters)
    return [
        replace(character, text=letter) for character, letter in zip(characters, text, strict=True)
    ]


def narrowed(characters: Sequence[Character]) -> list[Character]:
    """Characters, those as wide as Chinese ones made plain where none of those is beside them."""
    if any(unicodedata.east_asian_width(character.text[0]) == "W" for character in characters):
        return list(characters)
    found: list[Character] = []
    for character in characters:
        text = character.text
        if text in _SIGNS_OF_TWO or unicodedata.east_asian_width(text[0]) == "F":
            text = unicodedata.normalize("NFKC", text)
            # Its first half is often seen by itself as well.
            if len(text) > 1 and found and found[-1].text == text[0]:
                found.pop()
        found.append(replace(character, text=text))
    return found


def _usual(heights: Sequence[float]) -> float:
    """The height that most share, 0 if too few are seen or they differ."""
    seen = [height for height in heights if height]
    if len(seen) < _LEAST:
        return 0.0
    usual = median(seen)
    near = sum(abs(height - usual) <= _NEAR * usual for height in seen)
    return usual if near >= _MOSTLY * len(seen) else 0.0


def _heights(line: Array, columns: Sequence[float], stats: Array) -> list[int]:
    """How high each character is drawn, in pixels; 0 where it touches another.

    `stats` are the line's `_components`.
    """
    lefts, rights = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_LEFT] + stats[:, 2]
    places = np.asarray(columns)[:, None]
    over = (lefts <= places) & (places < rights)
    # It is of one letter: over no other's column, nor up to where one beside it stands.
    before, after = np.roll(places, 1, axis=0), np.roll(places, -1, axis=0)
    before[0], after[-1] = -1, line.shape[1] + 1
    alone = (over.sum(axis=0) == 1) & (lefts > before) & (rights < after)
    tall = np.where(over & alone, stats[:, cv2.CC_STAT_HEIGHT], 0)
    # What is above or below the tallest is a dot or an accent, unless it is a neighbour's.
    return [int(row.max()) if row.size else 0 for row in tall]


def _components(line: Array) -> Array:
    """Where each connected piece of ink is, in OpenCV's columns; (pieces, 5)."""
    ground = np.median(line, axis=(0, 1)).astype(np.uint8)
    contrast = cv2.absdiff(line, np.broadcast_to(ground, line.shape)).max(axis=2)
    # OpenCV's own stubs leave its arrays half unknown.
    ink = cast("Array", cv2.threshold(contrast, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1])
    stats = cv2.connectedComponentsWithStats(ink)[2]
    return stats[1:]

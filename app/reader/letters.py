"""Letters that the network confuses, told apart by what stands around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from app.reader.onnx import Array
from app.reader.words import Character

# Small and capital letters of one shape: nothing but their height tells which it is.
_ALIKE = frozenset("cosuvwxzCOSUVWXZ")
# Those that show how high small letters are, and how high capitals are, which is this
# share of those that rise highest.
_LOW = frozenset("acemnorsuvwxz")
_CAPITALS = frozenset("ABDEFGHKLMNPRT0123456789")
_TALL, _OF_TALL = frozenset("bdfhkl"), 0.9
# So many of each must be seen, most of them within this share of their usual height: in
# a line of two sizes, heights tell nothing. Nor do they where a font's two are too near.
_LEAST, _MOSTLY, _NEAR = 2, 0.75, 0.12
_LEAST_RATIO, _MOST_RATIO = 1.15, 1.8
# Nearer than this to one of the two heights, as a share of what is between them, is sure.
_SURE = 0.25
# How a hexadecimal number begins, unless the network takes its zero for a letter.
_ZERO = re.compile(r"(?<![\w./@-])O(?=x(?=[A-Fa-f]*\d)[\dA-Fa-f]{2,}(?!\w))")


def with_case(line: Array, characters: Sequence[Character]) -> list[Character]:
    """Characters of a line's picture, uint8 (height, width, 3), each word's first in its case."""
    found = list(characters)
    first = [
        index
        for index, character in enumerate(found)
        if character.text in _ALIKE and (not index or not found[index - 1].text.isalnum())
    ]
    if not first:
        return found
    heights = _heights(line, [character.column for character in found])
    rest = [
        pair for index, pair in enumerate(zip(found, heights, strict=True)) if index not in first
    ]
    low = _usual([height for character, height in rest if character.text in _LOW])
    high = _usual([height for character, height in rest if character.text in _CAPITALS])
    if not high:
        tall = [height for character, height in rest if character.text in _TALL]
        high = _OF_TALL * _usual(tall)
    if not low or not _LEAST_RATIO <= high / low <= _MOST_RATIO:
        return found
    for index in first:
        character, height = found[index], heights[index]
        above = (height - low) / (high - low)
        if above >= 1 - _SURE:
            found[index] = replace(character, text=character.text.upper())
        elif height and above <= _SURE:
            found[index] = replace(character, text=character.text.lower())
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
    return [
        replace(character, text=unicodedata.normalize("NFKC", character.text))
        if unicodedata.east_asian_width(character.text[0]) == "F"
        else character
        for character in characters
    ]


def _usual(heights: Sequence[int]) -> float:
    """The height that most share, 0 if too few are seen or they differ."""
    seen = [height for height in heights if height]
    if len(seen) < _LEAST:
        return 0.0
    usual = median(seen)
    near = sum(abs(height - usual) <= _NEAR * usual for height in seen)
    return usual if near >= _MOSTLY * len(seen) else 0.0


def _heights(line: Array, columns: Sequence[float]) -> list[int]:
    """How high each character is drawn, in pixels; 0 where it touches another."""
    ground = np.median(line, axis=(0, 1)).astype(np.uint8)
    contrast = cv2.absdiff(line, np.broadcast_to(ground, line.shape)).max(axis=2)
    _, ink = cv2.threshold(contrast, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    stats = stats[1:]
    lefts, rights = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_LEFT] + stats[:, 2]
    places = np.asarray(columns)[:, None]
    over = (lefts <= places) & (places < rights)
    alone = over.sum(axis=0) == 1
    tall = np.where(over & alone, stats[:, cv2.CC_STAT_HEIGHT], 0)
    # What is above or below the tallest is a dot or an accent, unless it is a neighbour's.
    return [int(row.max()) if row.size else 0 for row in tall]

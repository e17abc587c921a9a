"""Lines taken apart and put together, with their words and boxes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

from app.core.geometry import Box
from app.core.reading import Line, Word

# Words as high as their line have the font's height, or nothing told the letters' own.
_WHOLE, _LOOSE = 0.95, 0.8
# How high small letters are, how far capitals and the tallest rise above them, and how
# far others hang below, in sizes.
_SMALL, _CAPITAL, _TALL, _BELOW = 0.5, 0.2, 0.25, 0.21
_LOW = frozenset("gjpqy\u00b5\u00e7\u015f\u0163,;()[]{}|/\\_§@Q$ß")
_HIGHEST = frozenset("bdfhkl()[]{}|/\\§@$ß")
_MIDDLE = frozenset("acemnorsuvwxz\u0131gpqy.,:;-\u2013_ +=~<>·•«»")


def word_boxes(line: Line) -> list[Box]:
    """The boxes of a line's words, or its own where it has none."""
    return [word.box for word in line.words] or [line.box]


def united(lines: Sequence[Line]) -> Line:
    """Lines of one row as one, parted by spaces; there must be one."""
    if len(lines) == 1:
        return lines[0]
    length = max(1, sum(len(line.text) for line in lines))
    return Line(
        " ".join(line.text for line in lines),
        Box.union(line.box for line in lines),
        sum(line.confidence * len(line.text) for line in lines) / length,
        tuple(word for line in lines for word in line.words),
    )


def of_words(line: Line, words: Sequence[Word]) -> Line:
    """The part of a line that these of its words make, all its words giving itself."""
    if len(words) == len(line.words):
        return line
    box = Box.union(word.box for word in words)
    return Line(
        " ".join(word.text for word in words),
        Box(box.left, line.box.top, box.right, line.box.bottom),
        sum(word.confidence * len(word.text) for word in words)
        / max(1, sum(len(word.text) for word in words)),
        tuple(words),
    )


def at_gaps(line: Line, least: float) -> list[Line]:
    """A line cut where two of its words are at least `least` pixels apart."""
    parts: list[list[Word]] = [[word] for word in line.words[:1]]
    for before, after in pairwise(line.words):
        if after.box.left - before.box.right >= least:
            parts.append([])
        parts[-1].append(after)
    return [of_words(line, part) for part in parts] if len(parts) > 1 else [line]


def size(line: Line) -> float:
    """The size of a line's letters in pixels, as fonts count it, from how high they are.

    The detector's boxes differ by a third for one size. Words' boxes are as high
    as the highest and lowest letters among them, which the text tells, or, in a
    page's text layer, as its font.
    """
    words = line.words or (line,)
    height = max(word.box.bottom for word in words) - min(word.box.top for word in words)
    if height > _WHOLE * line.box.height:
        return _LOOSE * line.box.height
    if line.box.width < line.box.height and len(line.text) > 2:  # It runs downwards.
        return _LOOSE * line.box.width
    letters = frozenset(line.text)
    share = _SMALL
    if letters & _LOW:
        share += _BELOW
    if letters & _HIGHEST:
        share += _TALL
    elif letters - _MIDDLE:
        share += _CAPITAL
    return min(height, line.box.height) / share


def body_size(lines: Sequence[Line]) -> float:
    """The size that half of all letters have at most, in pixels; 0 where there are no lines."""
    sizes = sorted((size(line), len(line.text)) for line in lines)
    reached = list(accumulate(length for _, length in sizes))
    return sizes[bisect_left(reached, reached[-1] / 2)][0] if sizes else 0.0

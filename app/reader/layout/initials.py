"""Initials: the large first letter of a text, beside which its first rows stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from app.core.geometry import Box
from app.core.reading import Line, Word
from app.reader.layout.lines import word_boxes

# An initial is this many rows high or more, and its word goes on within so many rows' heights.
_LEAST_ROWS, _NEAR = 1.6, 0.8
# A line with fewer words may as well be a heading with a large sign before it.
_LEAST_WORDS = 4
# What begins a word by itself has a space behind it from this share of a row's height on.
_WORDS, _SPACE = frozenset("AIO"), 0.45


def with_initials(lines: Sequence[Line]) -> list[Line]:
    """Lines, an initial put before the first of those that stand beside it.

    Small capitals often go on with its word; they are left as they were read.
    """
    lines = [_lowered(line) for line in lines]
    found = list(lines)
    for initial in lines:
        letter = initial.text[:1]
        if len(initial.text) > 2 or not (letter.isalpha() and letter.isupper()):
            continue
        rows = [line for line in found if line is not initial and _is_beside(initial, line)]
        if len(rows) < 2 or initial.box.height < _LEAST_ROWS * median(r.box.height for r in rows):
            continue
        first = min(rows, key=lambda line: line.box.top)
        if not first.text[:1].isalpha():
            continue
        found = [_joined(initial, line) if line is first else line for line in found]
        found.remove(initial)
    return found


def _lowered(line: Line) -> Line:
    """A line whose first word an initial begins, as high as its other words are.

    A page's own text may have the two as one word, and the rows below beside it.
    """
    if len(line.words) < _LEAST_WORDS or not line.text[:1].isupper():
        return line
    first, *rest = line.words
    usual = median(word.box.height for word in rest)
    if first.box.height < _LEAST_ROWS * usual or first.box.bottom < rest[0].box.bottom + usual / 2:
        return line
    top, bottom = min(w.box.top for w in rest), max(w.box.bottom for w in rest)
    if bottom - top >= _LEAST_ROWS * usual:
        return line
    word = replace(first, box=replace(first.box, top=top, bottom=bottom))
    return replace(line, box=replace(line.box, top=top, bottom=bottom), words=(word, *rest))


def _is_beside(initial: Line, line: Line) -> bool:
    gap = word_boxes(line)[0].left - word_boxes(initial)[0].right
    return (
        line.box.height < initial.box.height
        and -_NEAR * line.box.height < gap < _NEAR * line.box.height
        and initial.box.top - line.box.height / 2 < line.box.centre_y < initial.box.bottom
    )


def _joined(initial: Line, line: Line) -> Line:
    letter, box = initial.text[0], Box.union((initial.box, line.box))
    ends, begins = word_boxes(initial)[0].right, word_boxes(line)[0].left
    alone = letter in _WORDS and begins - ends > _SPACE * line.box.height
    text = f"{letter} {line.text}" if alone else letter + line.text
    # As high as the row, so that the rows beside it stay below it.
    box = Box(box.left, line.box.top, box.right, line.box.bottom)
    if not line.words:
        return replace(line, text=text, box=box)
    first, *rest = line.words
    place = Box(initial.box.left, line.box.top, ends, line.box.bottom)
    if alone:
        words = (Word(letter, place, initial.confidence), *line.words)
    else:
        whole = Box(place.left, first.box.top, first.box.right, first.box.bottom)
        words = (replace(first, text=letter + first.text, box=whole), *rest)
    return replace(line, text=text, box=box, words=words)

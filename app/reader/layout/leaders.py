"""Leaders: the dots of a table of contents, which lead from a title to its page number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import mean

from app.core.geometry import Box
from app.core.reading import Line, Word
from app.reader.layout.lines import united

# So many dots in a row are a leader, and so they are written, however many there are.
_LEAST, LEADER = 4, "....."
_DOTS = re.compile(r"[.\u00b7\u2026\u2024\s]+")
_ENDS = re.compile(rf"(?:[.\u00b7\u2024]\s?){{{_LEAST},}}$|\u2026{{2,}}$")
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
        number = _next(line, [other for other in texts if id(other) not in used])
        leader = [dot for dot in row if number is None or dot.box.right <= number.box.right]
        ends = bool(_ENDS.search(line.text))
        if sum(len(dot.text.split()) for dot in leader) < _LEAST and not ends:
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

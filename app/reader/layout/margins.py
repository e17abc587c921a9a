"""A page's running head and foot: page numbers, titles that come again, who made it and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Line
from app.reader.layout.lines import at_gaps, body_size, size, word_boxes
from app.reader.layout.reading_order import Lines, is_prose, row_bottom, row_top, rows

# Papers have heads and feet, windows and receipts have not.
_PAPER_SHAPE, _PAPER_CHARACTERS, _PAPER_ROWS = 1.15, 40, 8
# Shares of the page's height: where they stand, and where hardly anything else does.
_MARGIN, _EDGE = 0.12, 0.055
_MOST_ROWS = 3
_HEADING_SIZE = 1.2
# A page number is parted from a title beside it by more than words are, in sizes.
_APART = 1.0
_NUMBER = re.compile(
    r"\W{0,2}(page\s*|seite\s*|p\.\s*)?(\d{1,4}|[ivxl]{1,6})(\s*(of|/|von|de)\s*\d{1,4})?\W{0,2}$",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"^downloaded? (from|date)|^(revision|version|rev\.?)[ :]|^published by|^printed (on|in|by)"
    r"|^(page|seite) \d|\bhttps?://|\bwww\.|^vol(ume|\.) \d|\bissn\b|\bdoi[:. ]|^(©|copyright)",
    re.IGNORECASE,
)
# What runs up or down beside the text: this much higher than wide, in the page's outer part.
_UPRIGHT, _SIDE = 5.0, 0.07


@dataclass(frozen=True, slots=True)
class Margins:
    """A page's lines, parted: `head` and `foot` are blocks of a row each, `body` the rest."""

    head: tuple[Block, ...]
    body: tuple[Line, ...]
    foot: tuple[Block, ...]


def margins(
    lines: Sequence[Line], others: Sequence[Box], width: int, height: int, added: float = 0.0
) -> Margins:
    """Part level lines, in any order, of a page of `width` × `height` pixels.

    `others` are what else stands there, such as tables; `added` pixels of the height came with
    setting the page level, half of them above it; a page that had been turned before brings as
    many of its own. What belongs to the page and not to its text is told by where it stands and by
    what it says: a sender or a title at the top, set off as well, would be lost to whoever leaves
    the margins out.
    """
    if height < _PAPER_SHAPE * width or len(lines) < _PAPER_ROWS:
        return Margins((), tuple(lines), ())
    beside = [line for line in lines if is_beside(line.box, width)]
    level = [line for line in lines if not is_beside(line.box, width)]
    edge = _Edges(level, others, height, added)
    found = rows(level)
    head = edge.head(found)
    foot = edge.foot(found[len(head) :])
    body = found[len(head) : len(found) - len(foot)]
    return Margins(
        tuple(Block(tuple(row), BlockKind.HEADER) for row in head),
        tuple(line for row in body for line in row),
        (
            *(Block(tuple(row), BlockKind.FOOTER) for row in foot),
            *(Block((line,), BlockKind.FOOTER) for line in beside),
        ),
    )


def is_beside(box: Box, width: float) -> bool:
    """Whether this runs up or down at the side of a page of this width, as stamps do."""
    outside = box.right <= _SIDE * width or box.left >= (1 - _SIDE) * width
    return outside and box.height >= _UPRIGHT * box.width


class _Edges:
    """Tells a page's first and last rows from its text."""

    def __init__(
        self, lines: Sequence[Line], others: Sequence[Box], height: float, added: float
    ) -> None:
        self._others = others
        self._height = height
        self._deepest = _MARGIN * height + added
        self._edge = _EDGE * height + added
        self._usual = median([line.box.height for line in lines] or [0.0])
        self._size = body_size(lines)
        long = sum(len(line.text) >= _PAPER_CHARACTERS for line in lines)
        self._prose = long >= _PAPER_ROWS or is_prose(list(lines))

    def head(self, rows: Sequence[Lines]) -> Sequence[Lines]:
        """The rows from the top that are the page's head."""
        for count in range(min(_MOST_ROWS, len(rows) - 1), 0, -1):
            bottom = max(map(row_bottom, rows[:count]))
            tops = [*map(_ink_top, rows[count:]), *(box.top for box in self._others)]
            gap = min(tops) - max(map(_ink_bottom, rows[:count]))
            if self._is_margin(rows[:count], bottom, gap, rows[count]):
                return rows[:count]
        return []

    def foot(self, rows: Sequence[Lines]) -> Sequence[Lines]:
        """The rows at the bottom that are the page's foot."""
        for count in range(min(_MOST_ROWS, len(rows) - 1), 0, -1):
            depth = self._height - min(map(row_top, rows[-count:]))
            bottoms = [*map(_ink_bottom, rows[:-count]), *(box.bottom for box in self._others)]
            gap = min(map(_ink_top, rows[-count:])) - max(bottoms)
            if self._is_margin(rows[-count:], depth, gap, rows[-count - 1]):
                return rows[-count:]
        return []

    def _is_margin(self, part: Sequence[Lines], depth: float, gap: float, beside: Lines) -> bool:
        """Whether rows that reach `depth` pixels into the page are no part of its text.

        `gap` pixels are white between them and the rest, which begins with the row `beside`.
        """
        lines = [line for row in part for line in row]
        pieces = [piece for line in lines for piece in at_gaps(line, _APART * size(line))]
        numbered = any(_NUMBER.match(piece.text) for piece in pieces)
        worded = any(_WORDS.search(piece.text) for piece in pieces)
        told = numbered or worded
        largest = _HEADING_SIZE * self._size * (_HEADING_SIZE if told else 1.0)
        if depth > self._deepest or any(size(line) >= largest for line in lines):
            return False
        if not self._prose:
            return gap >= self._usual and (worded or (numbered and len(pieces) == 1))
        if numbered and len(part) == 1 < len(pieces) and len(beside[0].text) >= _PAPER_CHARACTERS:
            return gap >= 0  # Old books set their heads close.
        return gap >= self._usual and (told or depth <= self._edge)


def _ink_top(row: Lines) -> float:
    return min(box.top for line in row for box in word_boxes(line))


def _ink_bottom(row: Lines) -> float:
    return max(box.bottom for line in row for box in word_boxes(line))

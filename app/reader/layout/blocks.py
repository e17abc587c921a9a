"""What rows of text are: list items, paragraphs, headings and captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Line, Word
from app.reader.layout.lines import body_size, size, united
from app.reader.layout.reading_order import Lines, is_prose

_BULLET = re.compile(r"[•●◦▪■□☐☑‣∙]\s*(?=\S|$)")
# These begin items only where several do: a dash or a number may begin any line.
_NUMBER = re.compile(r"(\(?\d{1,3}[.)]|\(?[a-z][.)]|[ivx]{1,4}[.)])(\s+(?=\S)|(?=[A-Z])|$)")
_DASH = re.compile("[-\u2013\u2014*+·»>]\\s+(?=\\S)|[-\u2013*·]$")
# A row whose text is this much larger or smaller than the one before begins a block; within a
# sentence it takes more.
_OTHER_SIZE, _FLOWING_SIZE = 1.2, 1.5
_HEADING_SIZE, _HEADING_CHARACTERS, _HEADING_ROWS = 1.2, 120, 3
_SAME_LEVEL = 1.12
_INDENT = 0.7
_SENTENCE_END = (".", "!", "?", ":", "\u201d", '"', "\u3002")
_SHORT = 0.8
_CAPTION = re.compile(
    r"(fig(ure|\.)?|tab(le|elle|\.)|abb(ildung|\.)|chart|diagram|photo|listing|plate|scheme|box"
    r"|exhibit|map)\s*([a-z]?\d+|[ivx]+)\b",
    re.IGNORECASE,
)
_CAPTION_ROWS = 5


@dataclass(frozen=True, slots=True)
class LineRow:
    """Lines beside each other, and whether a gap above them begins a block."""

    lines: Lines
    starts: bool

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.lines[0].box.left

    @property
    def height(self) -> float:
        """The height of its first line."""
        return self.lines[0].box.height


@dataclass(frozen=True, slots=True)
class _Item:
    """Where a list item begins, and where its text does."""

    left: float
    text_left: float


def blocks(rows: Sequence[LineRow]) -> list[Block]:
    """Rows that are no table and no code as list items and paragraphs, in their order."""
    rows = [_marked(row) for row in rows]
    found: list[Block] = []
    waiting: list[LineRow] = []
    levels: list[float] = []
    item: _Item | None = None
    for row, mark in zip(rows, _items(rows), strict=True):
        if mark is not None:
            found += _paragraphs(waiting)
            waiting = []
            levels = [left for left in levels if left < mark.left - _INDENT * row.height]
            levels.append(mark.left)
            found.append(Block(tuple(row.lines), BlockKind.LIST, len(levels)))
            item = mark
        elif item is not None and _continues(row, item):
            found[-1] = replace(found[-1], lines=(*found[-1].lines, *row.lines))
        else:
            item, levels = None, []
            waiting.append(row)
    return [*found, *_paragraphs(waiting)]


def classified(blocks: Sequence[Block]) -> list[Block]:
    """A page's blocks with its headings and captions told from the rest."""
    return _with_captions(_with_headings(blocks))


def _marked(row: LineRow) -> LineRow:
    """A bullet or number that was found apart from its text, or sticks to it, stands before it."""
    row = replace(row, lines=[_loosened(row.lines[0]), *row.lines[1:]])
    if len(row.lines) < 2:
        return row
    first, second = row.lines[:2]
    mark = first.text.strip()
    alone = any(match and match.end() == len(mark) for match in _matches(mark))
    near = second.box.left - first.box.right < 3 * second.box.height
    if alone and near:
        return replace(row, lines=[united((first, second)), *row.lines[2:]])
    return row


def _loosened(line: Line) -> Line:
    """A space between a bullet and the word that it was read as a part of."""
    if not _BULLET.match(line.text) or line.text[1:2].strip() == "" or not line.words:
        return line
    first, *rest = line.words
    box = first.box
    # A bullet and the space behind it are about as wide as two letters.
    edge = box.left + box.width * min(0.5, 2 / len(first.text))
    bullet = Word(first.text[0], Box(box.left, box.top, edge, box.bottom), first.confidence)
    word = replace(first, text=first.text[1:], box=replace(box, left=edge))
    return replace(line, text=f"{line.text[0]} {line.text[1:]}", words=(bullet, word, *rest))


def _matches(text: str) -> tuple[re.Match[str] | None, ...]:
    return _BULLET.match(text), _NUMBER.match(text), _DASH.match(text)


def _items(rows: Sequence[LineRow]) -> list[_Item | None]:
    """For each row where its list item begins, None where it begins none."""
    matches = [_matches(row.lines[0].text) for row in rows]
    several = [
        sum(match[kind] is not None for match in matches) >= least
        for kind, least in enumerate((1, 2, 2))
    ]
    return [
        _item(row.lines[0], next(match for match in found if match))
        if len(row.lines) == 1
        and any(match and enough for match, enough in zip(found, several, strict=True))
        else None
        for row, found in zip(rows, matches, strict=True)
    ]


def _item(line: Line, match: re.Match[str]) -> _Item:
    if len(line.words) > 1 and match.end() > len(line.words[0].text):
        return _Item(line.box.left, line.words[1].box.left)
    share = match.end() / max(1, len(line.text))
    return _Item(line.box.left, line.box.left + share * line.box.width)


def _continues(row: LineRow, item: _Item) -> bool:
    if row.starts or len(row.lines) > 1:
        return False
    hangs = row.left >= item.text_left - _INDENT * row.height
    return hangs or (row.lines[0].text[:1].islower() and row.left >= item.left - row.height)


def _paragraphs(rows: Sequence[LineRow]) -> list[Block]:
    found: list[Block] = []
    part: list[LineRow] = []
    for row in rows:
        if part and (row.starts or _is_other_size(part[-1], row)):
            found += _parted(part)
            part = []
        part.append(row)
    return [*found, *_parted(part)] if part else found


def _parted(rows: Sequence[LineRow]) -> list[Block]:
    """Rows of one size and without gaps as paragraphs, told by indents and short last lines."""
    lines = [line for row in rows for line in row.lines]
    prose = len(rows) > 2 and is_prose(lines)
    left = median(row.left for row in rows)
    right = max(line.box.right for line in lines)
    groups = [[rows[0]]]
    for before, row in pairwise(rows):
        if prose and (_is_indented(before, row, left) or _is_ended(before, left, right)):
            groups.append([])
        groups[-1].append(row)
    return [Block(tuple(line for row in group for line in row.lines)) for group in groups]


def _is_other_size(before: LineRow, row: LineRow) -> bool:
    if max(len(before.lines), len(row.lines)) > 1:
        return False
    small, large = sorted((size(before.lines[0]), size(row.lines[0])))
    # A formula makes a row of a paragraph look larger.
    flows = row.lines[0].text[:1].islower() and not before.lines[0].text.endswith(_SENTENCE_END)
    return large > (_FLOWING_SIZE if flows else _OTHER_SIZE) * small


def _is_indented(before: LineRow, row: LineRow, left: float) -> bool:
    """Whether a row's indent begins a paragraph among rows that begin at `left`."""
    inset = left + _INDENT * row.height
    return before.left <= inset < row.left


def _is_ended(before: LineRow, left: float, right: float) -> bool:
    """Whether a row ends its sentence well before the column's right side."""
    last = before.lines[-1]
    return last.text.endswith(_SENTENCE_END) and last.box.right < left + _SHORT * (right - left)


def _with_headings(blocks: Sequence[Block]) -> list[Block]:
    """Blocks of a few large rows are headings; the largest are of level 1."""
    body = body_size(
        [line for block in blocks if block.kind is not BlockKind.BARCODE for line in block.lines]
    )
    large = {
        index: median(size(line) for line in block.lines)
        for index, block in enumerate(blocks)
        if _may_head(block) and median(size(line) for line in block.lines) >= _HEADING_SIZE * body
    }
    levels: list[float] = []
    for value in sorted(large.values(), reverse=True):
        if not levels or value * _SAME_LEVEL < levels[-1]:
            levels.append(value)
    return [
        replace(
            block,
            kind=BlockKind.HEADING,
            level=sum(large[index] <= value for value in levels),
        )
        if index in large
        else block
        for index, block in enumerate(blocks)
    ]


def _may_head(block: Block) -> bool:
    return (
        block.kind is BlockKind.TEXT
        and len(block.lines) <= _HEADING_ROWS
        and sum(len(line.text) for line in block.lines) <= _HEADING_CHARACTERS
        and any(character.isalpha() for line in block.lines for character in line.text)
        and all(after.box.top > before.box.centre_y for before, after in pairwise(block.lines))
    )


def _with_captions(blocks: Sequence[Block]) -> list[Block]:
    return [
        replace(block, kind=BlockKind.CAPTION)
        if block.kind is BlockKind.TEXT
        and len(block.lines) <= _CAPTION_ROWS
        and _is_caption(block.lines[0].text)
        else block
        for block in blocks
    ]


def _is_caption(text: str) -> bool:
    """Whether a text begins as "Figure 2: ..." does; "Figure 2 shows ..." is a sentence."""
    match = _CAPTION.match(text)
    if match is None:
        return False
    after = text[match.end() :].lstrip()
    return not after or not after[0].isalnum() or after[0].isupper()

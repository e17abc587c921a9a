"""The lines of a block as flowing text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from app.core.geometry import upright
from app.core.reading import Block, BlockKind, Line, same_row

_HYPHENS = ("-", "\u00ad", "\u2010")
# These keep their hyphen: words are hardly ever parted behind them.
_COMPOUNDS = frozenset(
    ("well", "self", "so", "all", "half", "cross", "long", "short", "two", "three", "four")
)
# A line that another word would have fitted into, with this much to spare, ends a paragraph.
_SPARE = 1.15
# Scripts without spaces between words: kana, Han, and their full-width marks.
_CLOSED = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")
_ENDS = "\u3002\uff01\uff1f"
_FLOWING_KINDS = frozenset((BlockKind.TEXT, BlockKind.HEADING, BlockKind.LIST, BlockKind.CAPTION))
# An entry of a table of contents: its leader, and what that leads to.
_ENTRY = re.compile(r"(?:(?:[.\u00b7\u2024]\s?){4}|\u2026{2})\s*\S{1,12}$")
# A receipt's or an address's lines may begin anywhere; such long ones are prose.
_LONG = 45


def paragraph_text(block: Block, turned: float = 0.0) -> str:
    """The block's text as a person would paste it, without a final line break.

    Lines of a paragraph are joined by a space, a word that was parted at a
    line's end is made whole, and a line break stays where the text was not
    broken for want of room: rows of labels and values, addresses, verses.
    Blocks of code, bar codes and tables keep every line (a table's cells have
    forms of their own). `turned` is that of the block's page.
    """
    lines = [replace(line, box=upright(line.box, turned)) for line in block.lines]
    rows = _rows(lines)
    texts = ["  ".join(line.text for line in row) for row in rows]
    if not texts or block.kind not in _FLOWING_KINDS:
        return "\n".join(texts)
    flows = block.kind in (BlockKind.HEADING, BlockKind.LIST) or _is_flowing(rows)
    right = max(line.box.right for line in lines)
    text = texts[0]
    for (before, after), following in zip(pairwise(rows), texts[1:], strict=True):
        alone = len(before) == len(after) == 1 and not _ENTRY.search(before[0].text)
        if flows and alone and (_is_full(before[0], after[0], right) or _goes_on(text, following)):
            text = joined(text, following)
        else:
            text = f"{text}\n{following}"
    return text


def joined(before: str, after: str) -> str:
    """Two lines of a paragraph as one; a word parted by a hyphen is made whole."""
    if before.endswith(_HYPHENS) and before[-2:-1].isalnum():
        first = before[:-1].rsplit(" ", 1)[-1].lower()
        parted = after[:1].islower() and first[-1].isalpha() and first not in _COMPOUNDS
        return (before[:-1] if parted else before) + after
    if before and after and _CLOSED.match(before[-1]) and _CLOSED.match(after[0]):
        return before + after
    return f"{before} {after}"


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines as rows: those beside each other at one height are one."""
    rows: list[list[Line]] = []
    for line in lines:
        if rows and same_row(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _is_flowing(rows: Sequence[Sequence[Line]]) -> bool:
    """Whether sentences run on from line to line."""
    later = [row[0].text for row in rows[1:]]
    if any(len(row) > 1 for row in rows) or not later:
        return False
    going_on = sum(_goes_on(row[0].text, text) for row, text in zip(rows, later, strict=False))
    return going_on >= max(1, len(later) // 4) or (
        median(len(row[0].text) for row in rows) >= _LONG
    )


def _goes_on(before: str, after: str) -> bool:
    """Whether a sentence of the line before runs on into the line after."""
    if before.endswith(_HYPHENS) and before[-2:-1].isalpha():
        return True
    closed = bool(_CLOSED.match(before[-1:])) and bool(_CLOSED.match(after[:1]))
    return after[:1].islower() or (closed and before[-1] not in _ENDS)


def _is_full(line: Line, following: Line, right: float) -> bool:
    """Whether the first word of the following line had no room at this one's end."""
    first = following.text.split(" ", 1)[0]
    character = following.box.width / max(1, len(following.text))
    return line.box.right + _SPARE * character * (len(first) + 1) >= right

"""Rows of text as the pieces that may be cells: without leaders, with their signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from app.core.reading import Line, Word
from app.reader.layout.leaders import without_leaders
from app.reader.layout.lines import of_words, united
from app.reader.layout.reading_order import Lines
from app.reader.layout.tables.rows_of_cells import is_number
from app.reader.layout.tables.strokes import Rule

# Words further apart than this, in line heights, stand in two columns; two numbers, than that.
CELL_GAP, _NUMBER_GAP = 0.9, 0.5
_TYPED_RULE = re.compile(r"[-=_\u2010-\u2015\u2500]{3,}")
_CURRENCY = re.compile(r"[-(]?[$€£¥]|[A-Z]{0,2}\$|EUR|USD")
_AFTER = frozenset({"%", ")", ")%", "%)", "°"})
_AFTER_GAP = 2.0


def pieces(row: Lines, height: float) -> Lines:
    """A row's lines cut where two of their words may stand in two columns."""
    kept = [line for line in map(without_leaders, row) if line is not None]
    return _with_signs([part for line in kept for part in _parts(line, height)], height)


def typed_rules(row: Lines) -> list[Rule]:
    """The rules that a row of dashes makes; none if it has anything else."""
    words = [word for line in row for word in (line.words or (line,))]
    if not words or not all(_TYPED_RULE.fullmatch(word.text) for word in words):
        return []
    return [Rule(word.box.left, word.box.right, word.box.centre_y) for word in words]


def _parts(line: Line, height: float) -> Lines:
    parts: list[list[Word]] = [[word] for word in line.words[:1]]
    for before, after in pairwise(line.words):
        gap = after.box.left - before.box.right
        numbers = is_number(before.text) and is_number(after.text)
        if gap >= (_NUMBER_GAP if numbers else CELL_GAP) * height:
            parts.append([])
        parts[-1].append(after)
    return [of_words(line, part) for part in parts] if len(parts) > 1 else [line]


def _with_signs(parts: Sequence[Line], height: float) -> Lines:
    """Pieces, a currency's sign put to the number behind it, a percent sign to the one before."""
    found: Lines = []
    for part in parts:
        before = found[-1] if found else None
        near = before is not None and part.box.left - before.box.right <= _AFTER_GAP * height
        if before is not None and (
            (_CURRENCY.fullmatch(before.text.strip()) and is_number(part.text))
            or (near and part.text.strip() in _AFTER and is_number(before.text))
        ):
            found[-1] = united((before, part))
        else:
            found.append(part)
    return found

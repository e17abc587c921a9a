"""Whether lines below each other are rows of a table or the lines of one cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.reader.layout.reading_order import Lines

# A number with its sign, currency, unit or footnote mark, or what stands for one.
_NUMBER = re.compile(
    r"[^\w\s]{0,3}\s?([A-Z]{1,3}\s?)?[-\u2212\u2013+(<>~]?\s?[$€£¥]?\s?"
    r"[\d.,' \u00a0]*\d[\d.,' \u00a0)%/]*"
    r"(\s?[^\W\d]{1,4}\.?|\s?\([^\s()]{1,2}\)|[^\w\s]{1,3}|\s?[-\u2212\u2013]\s?[\d.,]+)?"
)
_NOTHING = re.compile(
    r"[-\u2010-\u2015\u2212.*…:]+|n\.?\s?/?\s?a\.?|nil|none|\([xz]\)", re.IGNORECASE
)
# So many of a column's lines are numbers, and so many have something beside them.
_NUMBERED = 0.8


def is_number(text: str) -> bool:
    """Whether a cell's text is a number, or what stands for a missing one."""
    text = text.strip()
    return bool(_NUMBER.fullmatch(text) or _NOTHING.fullmatch(text))


def first_lines(rows: Sequence[Lines], columns: Sequence[Lines]) -> list[int]:
    """Which rows of text between two rules begin rows of the table: those with numbers.

    `columns` has the same lines by the cell they stand in. The answer is empty where nothing
    tells: where there are no numbers below each other, or these have nothing beside them.
    """
    place = {id(line): index for index, row in enumerate(rows) for line in row}
    found: set[int] = set()
    for column in columns:
        held = {place[id(line)] for line in column}
        numbers = sum(is_number(line.text) for line in column)
        beside = sum(len(rows[index]) > 1 for index in held)
        if len(held) > 1 and numbers >= _NUMBERED * len(column) and beside >= _NUMBERED * len(held):
            found |= held
    return sorted(found) if 0 in found else []

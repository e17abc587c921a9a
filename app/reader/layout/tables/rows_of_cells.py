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
# In a column of numbers at least this share of rows has one; so many rows have several cells.
_NUMBERED, _BESIDE = 0.8, 0.6


def is_number(text: str) -> bool:
    """Whether a cell's text is a number, or what stands for a missing one."""
    text = text.strip()
    return bool(_NUMBER.fullmatch(text) or _NOTHING.fullmatch(text))


def are_rows(rows: Sequence[Lines], columns: Sequence[Lines]) -> bool:
    """Whether rows of text between two rules are rows of the table: numbers say so.

    `columns` has the same lines by the cell they stand in.
    """
    if len(rows) < 2 or sum(len(row) > 1 for row in rows) < _BESIDE * len(rows):
        return False
    return any(
        len(column) >= _NUMBERED * len(rows)
        and sum(is_number(line.text) for line in column) >= _NUMBERED * len(column)
        for column in columns
    )

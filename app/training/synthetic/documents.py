"""Synthetic documents: their rows of text, and questions with answers from them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

ABSENT = "It is not in the picture."
GREETING = "Hello! Ask me about the picture."


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One visual row: its pieces from left to right, and how it is set."""

    cells: tuple[str, ...]
    style: str = "text"


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """What is asked, the one right answer, and what it tests."""

    text: str
    answer: str
    kind: str


@dataclass(slots=True)
class SampleDocument:
    """A document of some kind; `what` answers what kind of picture it is."""

    kind: str
    what: str
    title: str
    rows: list[SampleRow] = field(default_factory=list)
    questions: list[SampleQuestion] = field(default_factory=list)

    def reference(self) -> list[str]:
        """The rows as the reader gives them: pieces joined by two spaces."""
        return ["  ".join(row.cells) for row in self.rows]


def misread(chance: random.Random, rows: list[str]) -> list[str]:
    """Rows as a reader may give them: spaces lost between words or around a colon."""
    return [_misread(row, chance.random()) for row in rows]


def _misread(row: str, form: float) -> str:
    if form < 0.04:
        return row.replace(": ", ":", 1)
    if form < 0.06:
        return row.replace("  ", " ", 1)
    if form < 0.07:
        return row.replace(" .", ".", 1)
    if form < 0.09 and row[:1].isupper():
        return row.replace(":", ": ", 1).replace(":  ", ": ", 1)
    return row

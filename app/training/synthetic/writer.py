"""Lays out one document row by row and keeps the questions for it."""

from __future__ import annotations

from collections.abc import Iterable

from app.training.synthetic import values
from app.training.synthetic.documents import (
    ABSENT,
    GREETING,
    SampleDocument,
    SampleQuestion,
    SampleRow,
)
from app.training.synthetic.fields import Field, ask, made_up
from app.training.synthetic.phrases import say
from app.training.synthetic.words import Split, Words

# How a label and its value are set; "cells" stand apart, "above" has the value below.
_COMMON = ("cells", "cells", "cells", ": ", ": ")
_SEPARATORS = (*_COMMON, ":cells", " ..... ", ":", " = ", " - ", " – ", " : ", "; ", "above")
# Seen in training alone, so that any sign is taken for one; and never seen there.
_TRAINED = (
    " / ", " ~ ", " + ", " * ", " & ", " # ", " _ ", " ! ", " ^ ", " % ", " @ ", " < ", " ? ",
    " ` ", " \\ ", " [ ", " ( ", " { ", " :: ", " == ", " -- ", " .. ", " , ", " ' ", ' " ',
    " $ ", " ) ", " ] ", " -< ", "=", "/", "~", "#", "^", "&", "*", "@",
)  # fmt: skip
_HELD_OUT = (" | ", " > ")
_CASES = (str, str, str, str, str, str.upper, str.lower, str.title)
# A label in capitals has other tokens than the same label in a question: asked for more often.
_TRAINED_CASES = (*_CASES, str.upper, str.upper)


class Writer:
    """Lays out labelled values in one style and keeps the questions for them."""

    def __init__(
        self, words: Words, document: SampleDocument, fields: Iterable[Field] = ()
    ) -> None:
        self.words = words
        self.chance = words.chance
        self.document = document
        self.used: set[str] = set()
        self.spare = list(fields)
        self.money = values.money_format(self.chance)
        held_out = words.split is Split.HELD_OUT
        if held_out or self.chance.random() < 0.55:
            self.separator = self.chance.choice((*_SEPARATORS, *(_HELD_OUT if held_out else ())))
        else:
            self.separator = self.chance.choice(_TRAINED)
        self.cased = self.chance.choice(_CASES if held_out else _TRAINED_CASES)

    def row(self, *cells: str, style: str = "text") -> None:
        """Add a row of pieces, from left to right."""
        self.document.rows.append(SampleRow(cells, style))

    def ask(self, text: str, answer: str, kind: str) -> None:
        """Keep a question and its one right answer."""
        self.document.questions.append(SampleQuestion(text, answer, kind))

    def free(self, candidate: Field) -> bool:
        """Whether nothing of the document answers to a label of `candidate` yet."""
        return not self.used & _names(candidate)

    def claim(self, taken: Field) -> None:
        """Take the names of a field, so that nothing else answers to them."""
        self.used |= _names(taken)

    def value(self, kind: str) -> str:
        """A value of one of `values.KINDS`; money in the document's own format."""
        return (
            self.money(values.amount(self.chance))
            if kind == "money"
            else values.KINDS[kind](self.words)
        )

    def put(self, wanted: Field, kind: str, value: str | None = None) -> str:
        """Write one field and its questions; returns its value."""
        self.claim(wanted)
        value = value if value is not None else self.value(wanted.kind)
        label = self.cased(self.chance.choice(wanted.labels))
        self.pair(label, value)
        form = self.chance.random()
        if wanted.whole and form < 0.35:
            question = self.chance.choice(wanted.whole)
        elif form < 0.7:
            question = ask(self.words, self.chance.choice(wanted.asks), wanted.kind)
        else:
            question = ask(self.words, label, wanted.kind)
        self.ask(question, value, kind)
        return value

    def pair(self, label: str, value: str) -> None:
        """A label and its value in the document's way."""
        if self.separator == "cells":
            self.row(label, value, style="pair")
        elif self.separator == ":cells":
            self.row(label + ":", value, style="pair")
        elif self.separator == "above":
            self.row(label, style="small")
            self.row(value)
        elif self.separator.startswith(" .") and len(label) > 2:
            self.row(label + " " + "." * self.chance.randint(3, 12), value, style="pair")
        else:
            self.row(label + self.separator + value)

    def noise(self, most: int) -> None:
        """A few rows that nobody asks for."""
        for _ in range(self.chance.randint(0, most)):
            form = self.chance.random()
            if form < 0.4:
                self.row(self.words.phrase(2, 7))
            elif form < 0.7:
                self.row(self.words.phrase(1, 4).capitalize())
            else:
                self.row(values.any_value(self.words))

    def absent(self, count: int = 1) -> None:
        """Questions for what the document does not have."""
        for _ in range(count):
            for _ in range(20):
                known = self.spare and self.chance.random() < 0.5
                candidate = self.chance.choice(self.spare) if known else made_up(self.words)
                if not self.free(candidate):
                    continue
                if candidate.whole and self.chance.random() < 0.3:
                    text = self.chance.choice(candidate.whole)
                else:
                    text = ask(self.words, self.chance.choice(candidate.asks), candidate.kind)
                self.ask(text, ABSENT, "absent")
                break


def _names(one: Field) -> set[str]:
    """What a field answers to: labels, asks and the words of both."""
    return {part.lower().rstrip(".:") for part in (*one.labels, *one.asks)}


def opened(words: Words, writer: Writer, what: str, title: str) -> None:
    """Open questions, which want a short sentence."""
    chance = words.chance
    what = what[0].upper() + what[1:]
    writer.ask(say(chance, "ask_all"), f"{what}: {title}" if title else f"{what}.", "open")
    writer.ask(say(chance, "ask_kind"), what, "kind")
    if chance.random() < 0.15:
        writer.ask(say(chance, "greeting"), GREETING, "open")

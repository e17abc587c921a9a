"""The words that synthetic documents are written in, and words that never were."""

from __future__ import annotations

import random
import tomllib
import zlib
from enum import StrEnum
from pathlib import Path

from app.training.synthetic.phrases import say


class Split(StrEnum):
    """Which half of the words, layouts and fonts a sample may use."""

    TRAINED = "trained"
    HELD_OUT = "held-out"


_LISTS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
_WORDS: list[str] = _LISTS["words"].split()
_FIRST: list[str] = _LISTS["first_names"].split()
_LAST: list[str] = _LISTS["last_names"].split()
_TOWNS: list[str] = _LISTS["towns"].split()
_ONSETS: list[str] = _LISTS["onsets"].split()
_VOWELS: list[str] = _LISTS["vowels"].split()
_STREETS = ("Street", "Road", "Avenue", "Lane", "Square", "Way", "Drive", "St", "Ave", "Rd")
_CODAS = ["", "", "", "l", "m", "n", "r", "s", "t", "x", "nd", "st", "rk", "ck", "ll"]


def _belongs(word: str, split: Split) -> bool:
    held_out = zlib.crc32(word.encode()) % 6 == 0
    return held_out is (split is Split.HELD_OUT)


class Words:
    """Draws words of one split with one generator."""

    def __init__(self, chance: random.Random, split: Split, exact: float = 0.0) -> None:
        self.chance = chance
        self.split = split
        # The share of questions that name a label letter by letter as it stands.
        self.exact = exact

    def pick(self, words: list[str] | tuple[str, ...]) -> str:
        """One of `words` that belongs to the split; any of them where none does."""
        for _ in range(40):
            if _belongs(word := self.chance.choice(words), self.split):
                return word
        return self.chance.choice(words)

    def invented(self) -> str:
        """A word that can be said and means nothing."""
        chance = self.chance
        while True:
            syllables = chance.choice((1, 2, 2, 2, 3))
            word = "".join(
                chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS)
                for _ in range(syllables)
            )
            if len(word) > 2 and _belongs(word, self.split):
                return word

    def word(self) -> str:
        """A lower-case word, sometimes an invented one."""
        return self.invented() if self.chance.random() < 0.15 else self.pick(_WORDS)

    def phrase(self, least: int = 1, most: int = 3) -> str:
        """A few words."""
        return " ".join(self.word() for _ in range(self.chance.randint(least, most)))

    def name(self) -> str:
        """A person's name."""
        chance = self.chance
        first, last = self.pick(_FIRST), self.pick(_LAST)
        if chance.random() < 0.25:
            last = self.invented().capitalize()
        if chance.random() < 0.1:
            first = self.invented().capitalize()
        form = chance.random()
        if form < 0.7:
            return f"{first} {last}"
        if form < 0.8:
            return f"{first[0]}. {last}"
        if form < 0.9:
            return f"{first} {chance.choice('ABCDEFGHJKLMNPRSTVW')}. {last}"
        return f"{last}, {first}"

    def town(self) -> str:
        """A town's name."""
        return self.invented().capitalize() if self.chance.random() < 0.2 else self.pick(_TOWNS)

    def street(self) -> str:
        """A street and a house number."""
        name = f"{self.word().capitalize()} {self.chance.choice(_STREETS)}"
        number = self.chance.randint(1, 250)
        return f"{number} {name}" if self.chance.random() < 0.6 else f"{name} {number}"

    def company(self) -> str:
        """A shop's or company's name."""
        chance = self.chance
        ending = say(chance, "company_ending")
        name = " ".join(self.word().capitalize() for _ in range(chance.randint(1, 2)))
        form = chance.random()
        if form < 0.6:
            name = f"{name} {ending}"
        elif form < 0.75:
            name = f"{self.pick(_LAST)} {ending}"
        elif form < 0.85:
            name = f"{ending} {name}"
        return name.upper() if chance.random() < 0.35 else name

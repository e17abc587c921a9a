"""How far a reading is from the truth. docs/decisions tells why these measures."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Hits:
    """How many of `found` and of `wanted` things agree."""

    both: int = 0
    found: int = 0
    wanted: int = 0

    def __add__(self, other: "Hits") -> "Hits":
        return Hits(self.both + other.both, self.found + other.found, self.wanted + other.wanted)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where nothing was wanted nor found."""
        total = self.found + self.wanted
        return 2 * self.both / total if total else 1.0


@dataclass(frozen=True)
class Score:
    """One reading, or several added up."""

    errors: int = 0
    characters: int = 0
    words: Hits = Hits()
    cells: Hits = Hits()

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.errors + other.errors,
            self.characters + other.characters,
            self.words + other.words,
            self.cells + other.cells,
        )

    @property
    def cer(self) -> float:
        """Character errors per character of the truth; over 1 where much was invented."""
        return self.errors / self.characters if self.characters else float(self.errors > 0)


def plain(text: str) -> str:
    """Composed characters, and every stretch of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def score(truth: str, read: str, tables: Iterable[Rows] = (), cells: Iterable[Rows] = ()) -> Score:
    """The reading `read` with its tables `cells` against the truth with its `tables`."""
    wanted, found = plain(truth), plain(read)
    return Score(
        Levenshtein.distance(wanted, found),
        len(wanted),
        _hits(Counter(wanted.split()), Counter(found.split())),
        _hits(_neighbours(tables), _neighbours(cells)),
    )


def _hits(wanted: Counter, found: Counter) -> Hits:
    return Hits((wanted & found).total(), found.total(), wanted.total())


def _neighbours(tables: Iterable[Rows]) -> Counter:
    """Each cell's text with its nearest filled neighbour's to the right and below."""
    pairs: Counter = Counter()
    for table in tables:
        rows = [[plain(cell) for cell in row] for row in table]
        width = max((len(row) for row in rows), default=0)
        columns = [[row[at] if at < len(row) else "" for row in rows] for at in range(width)]
        for direction, lines in (("right", rows), ("below", columns)):
            for line in lines:
                filled = [cell for cell in line if cell]
                pairs.update((direction, one, two) for one, two in pairwise(filled))
    return pairs

"""How well tables were found, by which cells stand beside each other.

The measure of the ICDAR 2013 table competition (Göbel et al., "A methodology for evaluating
algorithms for table understanding in PDF documents", 2012): each filled cell and its nearest filled
neighbour to the right and below are a relation, which is right if the truth has one of these two
texts in this direction. All tables of a page count together, so that a table that is found in two
parts loses only what stood across the cut, and one that is none counts against.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

# A text that was read wrongly in part stands for the one it is most like; a number of three
# digits does not, if one of them is wrong.
_LIKENESS = 0.75
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")  # noqa: RUF001 - these are what it is about

Relation = tuple[str, str, str]


@dataclass(frozen=True)
class TableCell:
    """A cell at a row and column, how many of them it fills, and its text."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


@dataclass(frozen=True)
class TableScore:
    """Relations found, there to be found, and right."""

    found: int = 0
    true: int = 0
    right: int = 0

    def __add__(self, other: "TableScore") -> "TableScore":
        return TableScore(
            self.found + other.found, self.true + other.true, self.right + other.right
        )

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else float(not self.true)

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        if not self.found and not self.true:
            return 1.0
        return 2 * self.right / (self.found + self.true)


def score(
    truth: Mapping[int, Sequence[Sequence[TableCell]]],
    found: Mapping[int, Sequence[Sequence[TableCell]]],
) -> TableScore:
    """The score of one document's tables, each page's for itself."""
    total = TableScore()
    for page in truth.keys() | found.keys():
        right = relations(truth.get(page, ()))
        total += _score(right, _as_true(relations(found.get(page, ())), right))
    return total


def relations(tables: Iterable[Sequence[TableCell]]) -> Counter[Relation]:
    """Pairs of neighbours of all tables, as normalised texts and a direction."""
    found: Counter[Relation] = Counter()
    for cells in tables:
        places: dict[tuple[int, int], int] = {}
        texts = [normalised(cell.text) for cell in cells]
        for index, cell in enumerate(cells):
            if texts[index]:
                for row in range(cell.row, cell.row + cell.rows):
                    for column in range(cell.column, cell.column + cell.columns):
                        places.setdefault((row, column), index)
        for direction, (first, second) in (("right", (0, 1)), ("below", (1, 0))):
            ordered = sorted(places, key=lambda place: (place[first], place[second]))
            pairs = {
                (places[one], places[other])
                for one, other in pairwise(ordered)
                if one[first] == other[first] and places[one] != places[other]
            }
            found.update((texts[one], texts[other], direction) for one, other in pairs)
    return found


def normalised(text: str) -> str:
    """Without what is no fault of a table: spaces, capitals, kinds of dashes and of letters."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return "".join(plain.split()).casefold()


def _score(true: Counter[Relation], found: Counter[Relation]) -> TableScore:
    return TableScore(found.total(), true.total(), (true & found).total())


def _as_true(found: Counter[Relation], true: Counter[Relation]) -> Counter[Relation]:
    """Found relations with the texts of the truth that theirs are most like."""
    texts = sorted({text for pair in true for text in pair[:2]})
    known: dict[str, str] = {text: text for text in texts}

    def alike(text: str) -> str:
        if text not in known:
            best = process.extractOne(
                text, texts, scorer=Levenshtein.normalized_similarity, score_cutoff=_LIKENESS
            )
            known[text] = best[0] if best else text
        return known[text]

    renamed: Counter[Relation] = Counter()
    for (one, other, direction), count in found.items():
        renamed[alike(one), alike(other), direction] += count
    return renamed

"""Makes one document of some kind from a generator."""

from __future__ import annotations

import random
from collections.abc import Callable

from app.training.synthetic import values
from app.training.synthetic.documents import SampleDocument, SampleRow
from app.training.synthetic.papers import form, pairs, receipt, sign, table
from app.training.synthetic.windows import error, settings
from app.training.synthetic.words import Split, Words

Maker = Callable[[Words, float], SampleDocument]
_MAKERS: dict[str, tuple[Maker, float]] = {
    "receipt": (receipt, 3.0),
    "form": (form, 2.5),
    "settings": (settings, 2.0),
    "table": (table, 1.2),
    "error": (error, 1.5),
    "sign": (sign, 0.6),
}


def document(
    chance: random.Random, split: Split, length: float, plain: float = 0.0, exact: float = 0.0
) -> SampleDocument:
    """One document; `length` from 0 (short) to 1 and beyond.

    `plain` is the share of bare pairs, `exact` of questions with labels as they stand.
    """
    words = Words(chance, split, exact)
    if chance.random() < plain:
        return pairs(words, length)
    makers = list(_MAKERS.values())
    maker = chance.choices([one for one, _ in makers], [weight for _, weight in makers])[0]
    made = maker(words, length)
    if length > 1.5:
        _surround(words, made, int(chance.uniform(0, 30) * length))
    return made


def _surround(words: Words, made: SampleDocument, count: int) -> None:
    """The rest of a screen: menus, lists and paragraphs before and after."""

    def rows(many: int) -> list[SampleRow]:
        return [
            SampleRow(
                (words.phrase(1, 8) if words.chance.random() < 0.7 else values.any_value(words),)
            )
            for _ in range(many)
        ]

    before = words.chance.randint(0, count)
    made.rows = [*rows(before // 2), *made.rows, *rows(count - before)]

"""Batches of text questions: documents as the reader gives them, asked about."""

from __future__ import annotations

import random
from functools import lru_cache

import torch

from app.training.language import IGNORED, padded
from app.training.synthetic.documents import SampleDocument, SampleQuestion, misread
from app.training.synthetic.makers import document
from app.training.synthetic.words import Split
from app.training.tokenizer import Encoder

_GROUP = 8
_SHARES = {"absent": 0.2, "open": 0.05, "kind": 0.04}


def choose(chance: random.Random, made: SampleDocument, count: int) -> list[SampleQuestion]:
    """`count` questions, or fewer: mostly for what is there, some for what is not."""
    usual = [one for one in made.questions if one.kind not in _SHARES]
    chance.shuffle(usual)
    chosen: list[SampleQuestion] = []
    for _ in range(count):
        drawn, kind = chance.random(), ""
        for name, share in _SHARES.items():
            if drawn < share:
                kind = name
                break
            drawn -= share
        rare = [one for one in made.questions if one.kind == kind and one not in chosen]
        if rare:
            chosen.append(chance.choice(rare))
        elif usual:
            chosen.append(usual.pop())
    return chosen or made.questions[:1]


def text_sample(
    chance: random.Random, encoder: Encoder, length: float, easy: float
) -> tuple[list[int], list[int]]:
    """Ids and labels of one conversation about one document.

    `easy` from 0 to 1 is how many documents are bare pairs and how many labels
    are asked for as they stand: looking up is learned on those.
    """
    plain, exact = 0.2 + 0.6 * easy, 0.3 + 0.7 * easy
    made = document(chance, Split.TRAINED, chance.uniform(0, length), plain, exact)
    questions = choose(chance, made, chance.choice((1, 1, 3, 6)))
    rows = misread(chance, made.reference())
    ids, own = encoder.conversation([(one.text, one.answer) for one in questions], rows)
    return ids, [token if mine else IGNORED for token, mine in zip(ids, own, strict=True)]


class TextBatches:
    """Batches of one phase by step number, of about the same number of tokens each.

    Conversations of about one length go together, so that little is padding.
    """

    def __init__(
        self, encoder: Encoder, seed: str, tokens: int, *, length: tuple[float, float], ramp: int
    ) -> None:
        self._encoder = encoder
        self._seed = seed
        self._tokens = tokens
        self._length = length
        self._ramp = ramp
        self._group = lru_cache(maxsize=1)(self._make)

    def __call__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and labels, (batch, length) each."""
        return padded(self._group(step // _GROUP)[step % _GROUP])

    def _make(self, group: int) -> list[list[tuple[list[int], list[int]]]]:
        chance = random.Random(f"{self._seed} {group}")
        done = min(1.0, group * _GROUP / max(1, self._ramp))
        length = self._length[0] + (self._length[1] - self._length[0]) * done
        rows: list[tuple[list[int], list[int]]] = []
        while sum(len(ids) for ids, _ in rows) < self._tokens * _GROUP:
            rows.append(text_sample(chance, self._encoder, length, 1 - done))
        rows.sort(key=lambda row: len(row[0]))
        batches: list[list[tuple[list[int], list[int]]]] = [[] for _ in range(_GROUP)]
        full = 0
        share = sum(len(ids) for ids, _ in rows) / _GROUP
        for row in rows:
            batches[min(_GROUP - 1, int(full / share))].append(row)
            full += len(row[0])
        chance.shuffle(batches)
        return [batch or rows[:1] for batch in batches]

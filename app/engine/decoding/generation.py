"""The tokens of one answer, one by one or by checked drafts."""

from __future__ import annotations

import time
from collections.abc import Iterator

from app.engine.decoding.prompt_lookup import DRAFT, Lookup, Worth
from app.engine.decoding.sampling import Choice
from app.engine.decoding.static_decoding import Decoding


def generate(
    decoding: Decoding, first: Choice, lookup: Lookup | None, context: int
) -> Iterator[Choice]:
    """`first` and what follows, without end. The token before the last is read, the last not.

    With `lookup` the same tokens come sooner where they repeat what stood before.
    """
    worth = Worth()
    token, chance = first
    while True:
        yield token, chance
        draft: list[int] = []
        if lookup is not None:
            lookup.extend((token,))
            draft = lookup.draft(min(DRAFT, context - decoding.read - 1))
        began = time.perf_counter()
        if lookup is None or not draft or not worth.try_now():
            token, chance = decoding.step(token)
            worth.single(time.perf_counter() - began, draft, token)
            continue
        *right, (token, chance) = decoding.check(token, draft)
        worth.batch(time.perf_counter() - began, len(right) + 1)
        for guessed in right:
            lookup.extend((guessed[0],))
            yield guessed

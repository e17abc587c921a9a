"""What the engine remembers between answers: the KV cache, and its own answers' ids."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from app.core.conversation import Role, Turn
from app.core.text import clean
from app.engine.prompt import Key

KEPT_ANSWERS = 256


class Memory:
    """The cache of one prompt with its answer, by the keys of the tokens in it.

    A follow-up question begins with all that was said before, so that only its
    own words remain to be read; the pictures are not looked at again. The cache
    leaves here while it is in use: what goes wrong then cannot leave a wrong one.
    """

    def __init__(self) -> None:
        self._cache: Any = None
        self._keys: list[Key] = []
        self._answers: OrderedDict[str, tuple[int, ...]] = OrderedDict()

    def take(self, keys: Sequence[Key]) -> tuple[Any, int]:
        """The cache cut back to what it shares with `keys`, and how many tokens that is.

        At least one token is left to be read, and no picture is cut in two.
        """
        cache, held = self._cache, self._keys
        self._cache, self._keys = None, []
        if cache is None:
            return None, 0
        shared = _shared(held, keys)
        if shared == 0 or not trim(cache, shared):
            return None, 0
        return cache, shared

    def keep(self, cache: Any, keys: Sequence[Key]) -> None:
        """Remember a cache that holds the tokens `keys`, or more in some of its layers."""
        if keys and cache is not None and trim(cache, len(keys)):
            self._cache, self._keys = cache, list(keys)

    def forget(self) -> None:
        """Let go of the cache, to have its memory back."""
        self._cache, self._keys = None, []

    def keep_answer(self, text: str, ids: Sequence[int]) -> None:
        """Remember which ids said `text`; tokenising it again may give others."""
        self._answers[_spoken(text)] = tuple(ids)
        while len(self._answers) > KEPT_ANSWERS:
            self._answers.popitem(last=False)

    def answers(self, turns: Sequence[Turn]) -> dict[int, tuple[int, ...]]:
        """The ids of those of the model's turns, by index, that were generated here."""
        return {
            index: self._answers[text]
            for index, turn in enumerate(turns)
            if turn.role is Role.MODEL and (text := _spoken(turn.text)) in self._answers
        }


def trim(cache: Any, length: int) -> bool:
    """Cut every layer back to `length` tokens; whether all then hold just as many.

    A pass that was stopped half-way has filled some layers further than others.
    """
    for layer in cache.layers:
        extra = layer.get_seq_length() - length
        if extra < 0 or (extra and getattr(layer, "is_sliding", False)):
            return False
        if extra:
            layer.crop(-extra)
    return length > 0 and bool(cache.layers)


def _shared(held: Sequence[Key], keys: Sequence[Key]) -> int:
    length = min(len(held), len(keys) - 1)
    shared = next((i for i in range(length) if held[i] != keys[i]), length)
    # Back to where the picture begins in which the two part.
    while shared and isinstance(keys[shared], str) and keys[shared - 1] == keys[shared]:
        shared -= 1
    return shared


def _spoken(text: str) -> str:
    """An answer as the window keeps it."""
    return clean(text).strip()

"""What the engine remembers between answers: KV caches, and its own answers' ids."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from app.core.cleaning import clean
from app.core.conversation import Role, Turn
from app.engine.decoding.prompt import Key

KEPT_ANSWERS = 256
# Two, so that going back and forth between two costs nothing.
KEPT_CONVERSATIONS = 2


class Cache(Protocol):
    """A KV cache of `length` tokens, and what was recorded to write into it."""

    length: int
    size: int
    captures: Any

    def crop(self, length: int) -> bool:
        """Keep the first `length` tokens; False if it cannot."""
        ...

    def fork(self, length: int) -> Cache | None:
        """A cache of its own with the first `length` tokens; None if it cannot."""
        ...


class PrefixCache:
    """The caches of the last prompts with their answers, by the keys of the tokens in them.

    A follow-up question begins with all that was said before, so that only its
    own words remain to be read; the pictures are not looked at again. A cache
    leaves here while it is in use: what goes wrong then cannot leave a wrong one.
    """

    def __init__(self) -> None:
        # The one used last stands last.
        self._kept: list[tuple[Cache, list[Key]]] = []
        self._answers: OrderedDict[str, tuple[int, ...]] = OrderedDict()

    @property
    def newest(self) -> Cache | None:
        """The cache that was kept last."""
        return self._kept[-1][0] if self._kept else None

    def take(self, keys: Sequence[Key]) -> Cache | None:
        """A cache with what some conversation shares with `keys`, or None.

        At least one token is left to be read, and no picture is cut in two. Of
        another conversation that only begins alike, the beginning is copied.
        """
        found = max(self._kept, key=lambda kept: _shared(kept[1], keys), default=None)
        shared = _shared(found[1], keys) if found else 0
        taken = None
        if found and shared:
            if 2 * shared < len(found[1]):
                taken = found[0].fork(shared)
            if taken is None:
                self._kept.remove(found)
                taken = found[0] if found[0].crop(shared) else None
        self._drop(KEPT_CONVERSATIONS - 1)
        return taken

    def keep(self, cache: Cache, keys: Sequence[Key]) -> None:
        """Remember a cache that holds the tokens `keys`, or more."""
        if keys and cache.crop(len(keys)):
            self._kept.append((cache, list(keys)))
            self._drop(KEPT_CONVERSATIONS)

    @property
    def size(self) -> int:
        """The bytes of all caches."""
        return sum(cache.size for cache, _ in self._kept)

    def make_room(self, needed: int, free: Callable[[], int]) -> None:
        """Let go of what was not used for longest, until `free` says `needed` bytes."""
        while self._kept and free() < needed:
            self._drop(len(self._kept) - 1)

    def forget(self) -> None:
        """Let go of all caches, to have their memory back."""
        self._drop(0)

    def _drop(self, left: int) -> None:
        while len(self._kept) > left:
            cache, _ = self._kept.pop(0)
            # They hold the cache as it holds them.
            cache.captures = None

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

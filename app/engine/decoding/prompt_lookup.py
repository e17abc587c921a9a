"""Prompt lookup: what may follow, guessed from what stood in prompt and answer before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# So many tokens have to be the same before what followed them is guessed to follow again.
GRAM = 3
# A card reads up to four tokens in about the time of one.
DRAFT = 3


class Lookup:
    """Finds the latest place where the last `GRAM` tokens stood, and says what came after."""

    def __init__(self, ids: Sequence[int], without: int) -> None:
        """`without` is the picture token, which says nothing about what follows."""
        self._ids: list[int] = []
        self._without = without
        self._after: dict[tuple[int, ...], int] = {}
        self._waiting: tuple[int, ...] | None = None
        self.extend(ids)

    def extend(self, ids: Iterable[int]) -> None:
        """Take what was said in addition."""
        for token in ids:
            # A gram is entered once something follows it, so that it never finds itself.
            if self._waiting is not None:
                self._after[self._waiting] = len(self._ids)
            self._ids.append(token)
            gram = tuple(self._ids[-GRAM:])
            usable = len(gram) == GRAM and self._without not in gram
            self._waiting = gram if usable else None

    def draft(self, most: int) -> list[int]:
        """Up to `most` tokens that may follow; none where nothing was found."""
        start = self._after.get(self._waiting) if self._waiting is not None else None
        if start is None:
            return []
        found = self._ids[start : start + most]
        return found[: found.index(self._without)] if self._without in found else found


class Worth:
    """Whether drafts pay here, told by what they cost and what they bring.

    Costs are seconds. A draft that is not checked is compared with what comes
    token by token: to find out that a quotation has begun costs nothing. None
    of it changes an answer, only how soon it comes.
    """

    def __init__(self) -> None:
        self._single = 0.0
        self._batch = 0.0
        # Tokens that come of a draft, with the one that comes in any case.
        self._brings = 2.0
        self._watched: list[int] = []
        self._right = 0

    def try_now(self) -> bool:
        """Whether the draft at hand should be checked."""
        # One token alone first, or there is nothing to compare with.
        return self._single > 0 and self._brings * self._single > self._batch

    def single(self, seconds: float, draft: list[int], token: int) -> None:
        """What one token alone took; `token` came, where `draft` was not checked."""
        self._single = _blend(self._single, seconds)
        if not self._watched:
            self._watched, self._right = draft, 0
        if not self._watched:
            return
        right = token == self._watched[self._right]
        self._right += right
        if not right or self._right == len(self._watched):
            self._brought(self._right + 1)

    def batch(self, seconds: float, brought: int) -> None:
        """What the check of a draft took, and how many tokens came of it."""
        self._batch = _blend(self._batch, seconds)
        self._brought(brought)

    def _brought(self, tokens: int) -> None:
        self._brings += 0.4 * (tokens - self._brings)
        self._watched = []


def _blend(known: float, new: float) -> float:
    return known + 0.3 * (new - known) if known else new

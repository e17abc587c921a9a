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
    """Whether drafts pay here, told by what they cost and what they brought so far.

    Costs are seconds. It never changes an answer, only how soon it comes.
    """

    # A draft that is tried where none pays costs about one token; one in so many is not felt.
    PAUSE = 48

    def __init__(self) -> None:
        self._single = 0.0
        self._batch = 0.0
        # Tokens that a draft brings, itself included; the first ones are tried in any case.
        self._brings = DRAFT + 1.0
        self._pause = 0

    def try_now(self) -> bool:
        """Whether the draft at hand should be checked."""
        if self._pause:
            self._pause -= 1
            return False
        if not self._single or not self._batch or self._brings * self._single > self._batch:
            return True
        # Not worth it as things are. Later once more: the text may turn into a quotation.
        self._pause = self.PAUSE
        self._brings = DRAFT + 1.0
        return False

    def single(self, seconds: float) -> None:
        """What one token alone took."""
        self._single = _blend(self._single, seconds)

    def batch(self, seconds: float, brought: int) -> None:
        """What the check of a draft took, and how many tokens came of it."""
        self._batch = _blend(self._batch, seconds)
        self._brings += 0.4 * (brought - self._brings)


def _blend(known: float, new: float) -> float:
    return known + 0.3 * (new - known) if known else new

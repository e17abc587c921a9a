"""Whether a model that writes out a text has begun to go in circles."""

from __future__ import annotations

import re

# So long has a repeated stretch to be, and so often it has to come.
_LEAST_CHARACTERS = 48
_LEAST_TIMES = 4
_LONGEST_UNIT = 240
# Further than this beyond what the reader found nothing true is to be expected.
_MOST_TIMES_AS_LONG = 3
_MORE_CHARACTERS = 400


class Repeats:
    """Watches text as it comes. Spaces do not count, and neither does which digit it is.

    `expected` is what another reading found in the same place: what repeats
    there as often (the prices of a list, dots before a page number) is no loop.
    """

    def __init__(self, expected: str = "") -> None:
        self._expected = _folded(expected)
        self._text = ""

    def add(self, piece: str) -> bool:
        """Take in what came next; True once it goes in circles or on without end."""
        self._text += _folded(piece)
        if len(self._text) > _MOST_TIMES_AS_LONG * len(self._expected) + _MORE_CHARACTERS:
            return True
        return any(self._ends_in(length) for length in range(1, _LONGEST_UNIT + 1))

    def _ends_in(self, length: int) -> bool:
        """Whether the last `length` characters have come over and over."""
        times = max(_LEAST_TIMES, -(-_LEAST_CHARACTERS // length))
        if len(self._text) < length * times:
            return False
        unit = self._text[-length:]
        if not self._text.endswith(unit * times):
            return False
        return self._expected.count(unit) < times


def _folded(text: str) -> str:
    return re.sub(r"\d", "0", "".join(text.split())).casefold()

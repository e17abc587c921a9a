"""English words and how often they are met: what tells whether letters make a word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

# How often a word stands in the list for it to be a common one. Far below stand letters,
# abbreviations and what others misspelt.
COMMON, _LEAST = 1000, 100
# Text is English if of its words with so many letters more than this share is listed.
_LONG, _ENGLISH = 3, 0.5


def count(word: str) -> int:
    """How often a word stands in the list's sources; 0 for what is in it by mistake."""
    met = listed(word)
    return met if met >= _LEAST else 0


def listed(word: str) -> int:
    """How often a word stands in the list's sources, mistakes and abbreviations counted."""
    return _words().get(word.lower(), 0)


def is_english(words: Sequence[str]) -> bool:
    """Whether most of at least two long words are English ones."""
    long = [word for text in words if len(word := text.strip(".,;:!?()\"'")) >= _LONG]
    long = [word for word in long if word.isalpha()]
    known = sum(count(word) > 0 for word in long)
    return len(long) >= 2 and known > _ENGLISH * len(long)


@cache
def _words() -> dict[str, int]:
    """All of the list, read when a word is first in doubt: 0.2 s."""
    from spellchecker import SpellChecker  # noqa: PLC0415

    return dict(SpellChecker(language="en").word_frequency.dictionary)

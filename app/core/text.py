"""Cleaning of text before it reaches the screen."""

from __future__ import annotations

import unicodedata

_KEPT_CONTROLS = frozenset("\n\t\u200c\u200d")


def clean(text: str) -> str:
    """`text` without control characters and bidirectional overrides.

    Joiners stay (emoji and several scripts need them); overrides go, because
    they can make an address on the screen read backwards.
    """
    return "".join(
        character
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )

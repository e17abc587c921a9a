"""Cleaning of text before it reaches the screen."""

from __future__ import annotations

import unicodedata

_KEPT_CONTROLS = frozenset("\n\t\u200c\u200d")


def clean(text: str) -> str:
    """`text` without control characters and bidirectional overrides.

    Joiners stay (emoji and several scripts need them); overrides go, because
    they can make an address on the screen read backwards.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Few characters are different ones; a long answer is gone through for each of these only.
    gone = {
        ord(character): None
        for character in set(text)
        if character not in _KEPT_CONTROLS and unicodedata.category(character) in ("Cc", "Cf", "Cs")
    }
    return text.translate(gone) if gone else text

"""Letters that a font draws without saying which they are, found in the picture of their line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from app.core.reading import Line, Word
from app.reader.intake.text_rows import UNKNOWN

# A glyph stands for so many characters: most that have no meaning are ligatures.
_LONGEST = 3


def is_doubtful(line: Line) -> bool:
    """Whether the line has such letters."""
    return UNKNOWN in line.text


def mended(line: Line, seen: Iterable[Line]) -> Line:
    """The line with its letters as they were `seen` in its picture; unseen ones are left out.

    Everything else of the line stays: the picture only answers what the text does not.
    """
    text = " ".join(one.text for one in sorted(seen, key=lambda one: one.box.left))
    words: list[Word] = []
    place = 0
    for word in line.words:
        if UNKNOWN not in word.text:
            words.append(word)
            continue
        found = _pattern(word.text).search(text, place) or _pattern(word.text).search(text)
        if found:
            place = found.end()
        answer = found.group().strip() if found else word.text.replace(UNKNOWN, "")
        if answer:
            words.append(replace(word, text=answer))
    return replace(line, text=" ".join(word.text for word in words), words=tuple(words))


def _pattern(word: str) -> re.Pattern[str]:
    """What is seen where `word` stands; letters that nobody knows may be any few."""
    known = (re.escape(part) for part in word.split(UNKNOWN))
    return re.compile(r"(?<!\S)" + rf"\S{{1,{_LONGEST}}}".join(known) + r"(?!\S)")

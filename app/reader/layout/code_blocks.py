"""Code and terminal output: letters of one width, whose spaces mean something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from app.core.reading import Block, BlockKind, Line, Word
from app.reader.layout.lines import united
from app.reader.layout.reading_order import Lines

# What prose, receipts and tables in letters of one width hardly ever hold.
_SIGNS = re.compile(
    r"[{}\[\];=<>_\\|#$`~^@]|\(\)|//|::|->|[-rwx]{7}|\w\.\w+\(|(^|\s)-{1,2}[a-z]|(^|[\s\"'])[~.]{0,2}/\w+"
    r"|^\s*(def|class|import|from|return|if|elif|else|for|while|const|let|var|fn|func|public"
    r"|private|static|void|try|except|with|raise|SELECT|INSERT|UPDATE|CREATE|sudo)\b"
)
_SIGNS_SHARE = 0.35
# A terminal's prompt, before whatever is printed below it.
_PROMPT = re.compile(r"(\$|#|>>>|\S+@\S+[$#]|[A-Z]:\\.*>|PS .*>)\s*\w")
# Shares of the words and of the steps between words that fit one width of letter.
_WORDS_FIT, _STEPS_FIT = 0.8, 0.7
_LEAST_EVIDENCE = 5
_STEP_SLACK = 0.25
# Ink is narrower than its letters' places by up to this many letters, and hardly ever wider.
_NARROWER, _WIDER = 1.0, 0.3
# Two neighbouring blocks are one listing if their letters' widths differ by less than this.
_SAME_WIDTH = 0.06


@dataclass(frozen=True, slots=True)
class _Pitch:
    """A letter's width in pixels, and how well words (and the steps between them) fit it."""

    width: float
    fits: bool
    evidence: int


def listings(blocks: Sequence[Sequence[Lines]]) -> list[tuple[int, Block]]:
    """Those of some blocks of rows that are code: which one it is, and its lines.

    Several blocks that follow each other, parted by empty lines, share their
    left edge, so that their leading spaces agree.
    """
    pitches = [_pitch(block) for block in blocks]
    found: list[tuple[int, Block]] = []
    start = 0
    while start < len(blocks):
        stop = start + 1
        while stop < len(blocks) and _belongs(pitches[start:stop], pitches[stop]):
            stop += 1
        rows = [row for block in blocks[start:stop] for row in block]
        pitch = _pitch(rows)
        if pitch.fits and pitch.evidence >= _LEAST_EVIDENCE and _has_signs(rows):
            edge = min(_start(_words(row)[0], pitch.width) for row in rows if _words(row))
            found.extend(
                (
                    index,
                    Block(
                        tuple(_spaced(row, pitch.width, edge) for row in blocks[index]),
                        BlockKind.CODE,
                    ),
                )
                for index in range(start, stop)
            )
        start = stop
    return found


def _belongs(pitches: Sequence[_Pitch], after: _Pitch) -> bool:
    """Whether a block's letters are as wide as those of the blocks before it."""
    widths = [pitch.width for pitch in pitches if pitch.evidence >= 3 and pitch.fits]
    if not widths or not after.evidence:
        return False
    width = median(widths)
    near = _SAME_WIDTH if after.evidence >= 3 else 2 * _SAME_WIDTH
    return after.fits and abs(after.width - width) <= near * width


def _words(row: Sequence[Line]) -> list[Word]:
    return [word for line in row for word in line.words]


def _pitch(rows: Sequence[Lines]) -> _Pitch:
    words = [word for row in rows for word in _words(row)]
    steps = [pair for row in rows for pair in pairwise(_words(row))]
    rough = [word.box.width / (len(word.text) - 0.2) for word in words if len(word.text) >= 3]
    if not rough:
        return _Pitch(0.0, fits=False, evidence=0)
    # Steps from the middle of one word to that of the next are free of the letters' own margins.
    width = median(rough)
    exact = [
        (_middle(after) - _middle(before)) / (_between(before, after) + 1)
        for before, after in steps
        if abs(_step(before, after, width) - _between(before, after) - 1) < 0.5
    ]
    width = median(exact) if exact else width
    long = [word for word in words if len(word.text) >= 4]
    fitting = sum(-_WIDER <= len(word.text) - word.box.width / width <= _NARROWER for word in long)
    stepping = sum(_is_whole(before, after, width) for before, after in steps)
    fits = fitting >= _WORDS_FIT * len(long) and stepping >= _STEPS_FIT * len(steps)
    return _Pitch(width, fits, len(long) + len(steps))


def _middle(word: Word) -> float:
    return word.box.centre_x


def _between(before: Word, after: Word) -> float:
    """Letters from the middle of one word to that of the next, without the spaces."""
    return (len(before.text) + len(after.text)) / 2


def _step(before: Word, after: Word, width: float) -> float:
    return (_middle(after) - _middle(before)) / width


def _is_whole(before: Word, after: Word, width: float) -> bool:
    """Whether a whole number of spaces, at least one, stands between two words."""
    spaces = _step(before, after, width) - _between(before, after)
    return spaces > 0.5 and abs(spaces - round(spaces)) <= _STEP_SLACK


def _has_signs(rows: Sequence[Lines]) -> bool:
    texts = [" ".join(line.text for line in row) for row in rows]
    signs = sum(bool(_SIGNS.search(text)) for text in texts)
    return signs >= _SIGNS_SHARE * len(texts) or bool(_PROMPT.match(texts[0]))


def _start(word: Word, width: float) -> float:
    """Where the first letter's place begins: a narrow letter's ink begins later."""
    return _middle(word) - len(word.text) * width / 2


def _spaced(row: Sequence[Line], width: float, edge: float) -> Line:
    """A row as one line whose words stand at their columns."""
    text, end = "", edge
    for word in _words(row):
        # Where no space fits, the network saw one that is none.
        text += " " * max(0, round((_start(word, width) - end) / width)) + word.text
        end = _start(word, width) + len(word.text) * width
    return replace(united(row), text=text)

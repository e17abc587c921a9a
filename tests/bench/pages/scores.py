"""How far a page's text is from the truth, where the page was drawn by strangers.

Pages of many sources are typed by many hands: a curly quote for a straight one, a dash of another
length, a word parted at a line's end are no errors of reading, so that they are made alike first.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

_HAN = "\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_ALIKE = {
    sign: plain
    for plain, signs in {
        "'": "‘’‚‛′`´",  # noqa: RUF001 - these are what it is about
        '"': "“”„‟″«»",
        "-": "‐‑‒–—―−﹣－",  # noqa: RUF001
        " ": "•●○◦▪■□·∙‣►",
        "\n": "\f",
    }.items()
    for sign in signs
}
_SIGNS = str.maketrans({"\r": "", **_ALIKE})
_MARK = re.compile(r"^\s*[-*] ", re.MULTILINE)
_PARTED = re.compile(r"([^\W\d_])-[ \t]*\n\s*(?=[a-zà-ÿ])")
_LEADERS = re.compile(r"[._]{5,}|(?:\. ){4,}")
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")
_ONE_HAN = re.compile(rf"([{_HAN}])")
_WORD = re.compile(r"[\w%$€']+(?:[.,/:@-][\w%]+)*")

_PIECE_WORDS, _PIECE_LENGTH = 5, 12
_FEW_WORDS, _MUCH_TEXT = 12, 30
_LIKENESS = 82
# How many characters two neighbours may overlap in what was read, and how many may stand between.
_OVERLAP, _APART = 6, 25


@dataclass(frozen=True)
class PageScore:
    """One page's figures; None where a page has no such figure.

    `cer` is character errors per character of the truth, order counted; `f1` of words, order left
    out; `follows` the share of neighbouring pieces of the truth that were read one after the other.
    """

    cer: float | None
    f1: float | None
    follows: float | None


def score(truth: str, read: str, *, excerpt: bool = False) -> PageScore:
    """The text that was `read` of a page against its `truth`.

    Of an `excerpt`, a truth that is only a part of what stands on the page, no more can be said
    than whether its pieces follow one another.
    """
    wanted, found = plain(truth), plain(read)
    following = follows(wanted, found)
    if excerpt:
        return PageScore(None, None, following)
    errors = Levenshtein.distance(wanted, found) / max(1, len(wanted))
    return PageScore(errors, _f1(Counter(words(wanted)), Counter(words(found))), following)


def plain(text: str) -> str:
    """Text with what nobody would call a misreading made alike, all of it in one line."""
    text = unicodedata.normalize("NFKC", text.replace("\u00ad", "-"))
    text = text.translate(_SIGNS).replace("''", '"')
    text = _PARTED.sub(r"\1", _MARK.sub(" ", text))
    return _BETWEEN_HAN.sub("", " ".join(_LEADERS.sub(" ", text).split()))


def words(text: str) -> list[str]:
    """Words, amounts and addresses without the signs around them; each Han sign is a word."""
    return _WORD.findall(_ONE_HAN.sub(r" \1 ", text))


def follows(truth: str, read: str) -> float | None:
    """How many neighbouring pieces of a plain text were read one after the other, of 1.

    A piece is five words, and is found where it stands with few errors. What stands twice in the
    truth could be either and is left out. None where there are no two pieces.
    """
    parts = _pieces(truth)
    times = Counter(parts)
    places = {part: _place(part, read) for part, count in times.items() if count == 1}
    pairs = [(one, two) for one, two in pairwise(parts) if times[one] == times[two] == 1]
    if not pairs:
        return None
    right = 0
    for one, two in pairs:
        before, after = places[one], places[two]
        if before is not None and after is not None:
            right += -_OVERLAP <= after[0] - before[1] <= _APART
    return right / len(pairs)


def _pieces(text: str) -> list[str]:
    between = text.split(" ")
    if len(between) < _FEW_WORDS and len(text) > _MUCH_TEXT:  # A script without spaces.
        return [
            text[start : start + _PIECE_LENGTH] for start in range(0, len(text) - 6, _PIECE_LENGTH)
        ]
    pieces = (
        " ".join(between[start : start + _PIECE_WORDS])
        for start in range(0, len(between), _PIECE_WORDS)
    )
    return [piece for piece in pieces if len(piece) >= _PIECE_LENGTH]


def _place(piece: str, text: str) -> tuple[int, int] | None:
    """Where a piece begins and ends in a text, letter by letter or nearly so."""
    start = text.find(piece)
    if start >= 0:
        return start, start + len(piece)
    if len(text) < len(piece):
        return None
    near = fuzz.partial_ratio_alignment(piece, text, score_cutoff=_LIKENESS)
    return (near.dest_start, near.dest_end) if near is not None else None


def _f1(wanted: Counter, found: Counter) -> float:
    total = wanted.total() + found.total()
    return 2 * (wanted & found).total() / total if total else 1.0

"""Where two readings of the same text differ, word by word."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from app.text.regions import Region, WordRef

# Of two words that share less than this, neither is a misreading of the other.
_ALIKE = 0.3
_GAP = 0.6
# More words than that without one in common are not aligned: it is another text.
_MOST_PAIRS = 10_000
# What two readings of one text have in common at least, unless it is short. Of the examples that
# were tried, sentences about something else shared 0.14 to 0.49, misreadings 0.64 to 0.88.
_FEW_WORDS, _SAME_WORDS, _SAME_LETTERS = 2, 0.34, 0.45
# What marks up a text and is not part of it, where the reader saw no such word.
_MARKS = frozenset("|*-_#=`~:+>")


@dataclass(frozen=True, slots=True)
class Difference:
    """Characters `begin` to `end` of a line of the reading, and what else they could say.

    `line` counts all lines of the reading, `reader` are these characters;
    neither version is empty or has a line break.
    """

    line: int
    begin: int
    end: int
    reader: str
    model: str


@dataclass(slots=True)
class _Group:
    """Words of one line, by their index, and the model's words in their place."""

    tokens: list[int] = field(default_factory=list[int])
    words: list[int] = field(default_factory=list[int])
    has_pair: bool = False


def differences(region: Region, text: str, *, is_cut_off: bool = False) -> tuple[Difference, ...]:
    """Where the model's `text` of a region differs from the reader's, in reading order.

    White space and the form in which Unicode composes letters make no
    difference. Only words that are the region's own are compared; what the
    model says before the first and after the last of them may be a remark of
    its own or a neighbour that is cut. Whole lines that it leaves out stay:
    models shorten. `is_cut_off` says that the text ends early.
    """
    return tuple(_Comparison(region, text, is_cut_off=is_cut_off).found())


class _Comparison:
    def __init__(self, region: Region, text: str, *, is_cut_off: bool) -> None:
        self._tokens = region.seen
        self._own = region.owned
        self._cut_off = is_cut_off
        known = {_key(token.text) for token in region.seen}
        self._words = [w for w in text.split() if _key(w) in known or not _MARKS.issuperset(w)]
        self._taken: set[int] = set()

    def found(self) -> Iterator[Difference]:
        keys = [_key(token.text) for token in self._tokens]
        words = [_key(word) for word in self._words]
        steps = SequenceMatcher(None, keys, words, autojunk=False).get_opcodes()
        for kind, first, last, begin, end in steps:
            if kind == "equal":
                continue
            pairs = self._paired(first, last, begin, end)
            for group in self._grouped(pairs):
                difference = self._difference(group, first, last)
                if difference is not None:
                    yield difference

    def _paired(
        self, first: int, last: int, begin: int, end: int
    ) -> list[tuple[int | None, int | None]]:
        """Tokens and words that stand for each other; None where one has no other."""
        tokens, words = self._tokens[first:last], self._words[begin:end]
        if len(tokens) * len(words) > _MOST_PAIRS:
            return []
        pairs = [
            (None if a is None else first + a, None if b is None else begin + b)
            for a, b in _aligned([token.text for token in tokens], words)
        ]
        return self._without_ends(pairs)

    def _without_ends(
        self, pairs: list[tuple[int | None, int | None]]
    ) -> list[tuple[int | None, int | None]]:
        """Without the words before the text's begin and after its end."""
        if pairs and pairs[0] == (None, 0):
            while pairs and pairs[0][0] is None:
                pairs = pairs[1:]
        if pairs and pairs[-1] == (None, len(self._words) - 1):
            while pairs and pairs[-1][0] is None:
                pairs = pairs[:-1]
        if self._cut_off and pairs and pairs[-1] == (len(self._tokens) - 1, None):
            while pairs and pairs[-1][1] is None:
                pairs = pairs[:-1]
        return pairs

    def _grouped(self, pairs: Sequence[tuple[int | None, int | None]]) -> list[_Group]:
        """Each pair by itself, with the words beside it that have no partner on its line."""
        groups: list[_Group] = []
        for token, word in pairs:
            group = groups[-1] if groups else None
            is_pair = token is not None and word is not None
            new = group is None or (is_pair and group.has_pair)
            if not new and token is not None and group is not None and group.tokens:
                new = self._tokens[token].line != self._tokens[group.tokens[-1]].line
            if new or group is None:
                group = _Group()
                groups.append(group)
            group.has_pair = group.has_pair or is_pair
            if token is not None:
                group.tokens.append(token)
            if word is not None:
                group.words.append(word)
        return groups

    def _difference(self, group: _Group, first: int, last: int) -> Difference | None:
        tokens, words = list(group.tokens), [self._words[word] for word in group.words]
        if not tokens or not words:
            # With a word beside it that both have, neither version is empty.
            beside = self._beside(tokens, first, last)
            if beside is None:
                return None
            place = 0 if (tokens and beside < tokens[0]) or beside < first else len(words)
            tokens = sorted([*tokens, beside])
            words.insert(place, self._tokens[beside].text)
        chosen = [self._tokens[token] for token in tokens]
        if not self._own.issuperset(chosen) or self._taken.intersection(tokens):
            return None
        if _key("".join(token.text for token in chosen)) == _key("".join(words)):
            return None
        self._taken.update(tokens)
        return self._told(chosen, words)

    def _beside(self, tokens: Sequence[int], first: int, last: int) -> int | None:
        """A neighbour on the same line that both readings have."""
        line = self._tokens[tokens[0]].line if tokens else None
        for place in (first - 1, last):
            if not 0 <= place < len(self._tokens) or place in self._taken:
                continue
            is_next = not tokens or place in (tokens[0] - 1, tokens[-1] + 1)
            if is_next and line in (None, self._tokens[place].line):
                return place
        return None

    @staticmethod
    def _told(tokens: Sequence[WordRef], words: Sequence[str]) -> Difference:
        head, tail = tokens[0], tokens[-1]
        reader = " ".join(token.text for token in tokens)
        return Difference(head.line, head.begin, tail.end, reader, " ".join(words))


def _aligned(tokens: Sequence[str], words: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """The cheapest way from one to the other, alike words paired."""
    costs = [[_GAP * j for j in range(len(words) + 1)]]
    for i, token in enumerate(tokens):
        row = [_GAP * (i + 1)]
        for j, word in enumerate(words):
            row.append(
                min(costs[i][j] + _unlike(token, word), costs[i][j + 1] + _GAP, row[j] + _GAP)
            )
        costs.append(row)
    pairs: list[tuple[int | None, int | None]] = []
    i, j = len(tokens), len(words)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + _unlike(tokens[i - 1], words[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and (not j or costs[i][j] == costs[i - 1][j] + _GAP):
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def _unlike(one: str, other: str) -> float:
    """0 for the same, 1 for nothing in common."""
    if _key(one) == _key(other):
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 1.0
    return 1.0 - matcher.ratio()


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def is_of_another_text(region: Region, text: str) -> bool:
    """Whether the model wrote about something else instead of writing this down.

    One or two words may be read as any others; of more, a third has to be the
    same, by letters so that "of the" does not count for much, or nearly half
    of all letters in their order.
    """
    known, words = [_key(token.text) for token in region.seen], text.split()
    if not words:
        return True
    if len(known) <= _FEW_WORDS and len(words) <= 2 * len(known):
        return False
    same = set(known).intersection(map(_key, words))
    if sum(map(len, same)) >= _SAME_WORDS * sum(map(len, set(known))):
        return False
    return SequenceMatcher(None, region.text, text, autojunk=False).ratio() < _SAME_LETTERS

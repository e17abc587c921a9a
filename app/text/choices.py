"""A reading with the versions of words that a person chose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.geometry import Box
from app.core.reading import Block, Line, Page, Reading, Word
from app.text.comparison import Difference


class Version(StrEnum):
    """Whose reading of some words is taken. Until somebody chooses, it is the reader's."""

    READER = "reader"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a difference stands in a line of the reading as chosen, and what was chosen."""

    difference: Difference
    line: int
    begin: int
    end: int
    chosen: Version | None


def marked(
    differences: Sequence[Difference], chosen: Mapping[Difference, Version]
) -> tuple[Mark, ...]:
    """The differences in their order, where `amended` leaves them."""
    marks: list[Mark] = []
    line, shift = -1, 0
    for one in sorted(differences, key=lambda each: (each.line, each.begin)):
        if one.line != line:
            line, shift = one.line, 0
        version = chosen.get(one)
        begin = one.begin + shift
        length = one.end - one.begin
        if version is Version.MODEL:
            shift += len(one.model) - length
            length = len(one.model)
        marks.append(Mark(one, line, begin, begin + length, version))
    return tuple(marks)


def amended(reading: Reading, chosen: Mapping[Difference, Version]) -> Reading:
    """The reading, which the differences are of, with the model's version where it was chosen."""
    edits: dict[int, list[Difference]] = defaultdict(list)
    for one, version in chosen.items():
        if version is Version.MODEL:
            edits[one.line].append(one)
    if not edits:
        return reading
    pages: list[Page] = []
    index = 0
    for page in reading.pages:
        blocks: list[Block] = []
        for block in page.blocks:
            lines: list[Line] = []
            for line in block.lines:
                lines.append(_edited(line, edits.get(index, [])))
                index += 1
            blocks.append(block.with_lines(tuple(lines)))
        pages.append(replace(page, blocks=tuple(blocks)))
    return Reading(tuple(pages))


def _edited(line: Line, edits: Sequence[Difference]) -> Line:
    # From the end, so that the places of the others stay.
    for one in sorted(edits, key=lambda each: each.begin, reverse=True):
        text = line.text[: one.begin] + one.model + line.text[one.end :]
        line = replace(line, text=text, words=_words(line, one))
    return line


def _words(line: Line, edit: Difference) -> tuple[Word, ...]:
    """The line's words with those of the edit in their place; none where they have no place."""
    before: list[Word] = []
    over: list[Word] = []
    after: list[Word] = []
    position = 0
    for word in line.words:
        begin = line.text.find(word.text, position)
        if begin < 0:
            return ()
        position = begin + len(word.text)
        if position <= edit.begin:
            before.append(word)
        elif begin >= edit.end:
            after.append(word)
        elif edit.begin <= begin and position <= edit.end:
            over.append(word)
        else:
            # A word that is longer than the difference has no box for its parts.
            return ()
    if not over:
        return ()
    return (*before, *_placed(edit.model.split(), over), *after)


def _placed(texts: Sequence[str], over: Sequence[Word]) -> list[Word]:
    """Words where others stood. A person has looked at them, so they are sure."""
    if len(texts) == len(over):
        return [Word(text, word.box, 1.0) for text, word in zip(texts, over, strict=True)]
    around = Box.union(word.box for word in over)
    total = sum(map(len, texts)) + len(texts) - 1
    placed: list[Word] = []
    position = 0
    for text in texts:
        first, last = position / total, (position + len(text)) / total
        placed.append(Word(text, _slice(around, first, last), 1.0))
        position += len(text) + 1
    return placed


def _slice(box: Box, first: float, last: float) -> Box:
    """From `first` to `last` of the box along its longer side, 0 to 1."""
    if box.height > 2 * box.width:
        high = box.height
        return Box(box.left, box.top + first * high, box.right, box.top + last * high)
    wide = box.width
    return Box(box.left + first * wide, box.top, box.left + last * wide, box.bottom)

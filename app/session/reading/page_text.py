"""The text of a picture as one string, and where each character of it stands."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace

from app.core.cleaning import clean
from app.core.geometry import Box
from app.core.reading import Block, Cell, Line, Page, Reading, Word
from app.session.reading.text_geometry import (
    TURNED,
    Way,
    distance_to,
    share_along,
    slice_of,
)

_SHORTEST_PHRASE = 2
_LONGEST_PHRASE = 400
# A box this much taller than wide with several characters in it holds vertical text.
_UPRIGHT = 2.0


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A word, or a stretch that was not divided further: characters `begin` to `end`."""

    begin: int
    end: int
    box: Box
    confidence: float
    way: Way

    def part(self, begin: int, end: int) -> Box:
        """The box of these characters, all of them taken as equally long."""
        length = max(1, self.end - self.begin)
        first = min(max((begin - self.begin) / length, 0.0), 1.0)
        last = min(max((end - self.begin) / length, 0.0), 1.0)
        return slice_of(self.box, self.way, first, last)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One `Line`: its characters, its index among all lines, the index of its block.

    `box` is the line's own, `extent` that of its pieces.
    """

    begin: int
    end: int
    index: int
    block: int
    box: Box
    extent: Box
    way: Way
    pieces: tuple[TextPiece, ...]


class PageText:
    """Positions count characters of `text`, which is `Reading.text` of the cleaned reading.

    Boxes are in the pixels of the picture: `across` and `down` are its pixels
    per pixel of the page's own, 1 where a picture itself was read. Lines keep
    their order and number in `Reading.lines`.
    """

    def __init__(self, reading: Reading, across: float = 1.0, down: float = 1.0) -> None:
        self.reading = _clean(reading, across, down)
        self.text = self.reading.text
        self.blocks = tuple(block for page in self.reading.pages for block in page.blocks)
        self.lines = tuple(self._laid_out())
        self._begins = [line.begin for line in self.lines]
        boxes: dict[int, list[Box]] = {}
        for line in self.lines:
            boxes.setdefault(line.block, []).append(line.box)
        self._around = {block: Box.union(found) for block, found in boxes.items()}
        self._folded: tuple[str, list[int]] | None = None

    def line_at(self, x: float, y: float) -> TextLine | None:
        """The line whose box is there; the smallest of several."""
        hits = [line for line in self.lines if distance_to(line.box, x, y) == (0, 0)]
        return min(hits, key=lambda line: line.box.width * line.box.height, default=None)

    def position_at(self, x: float, y: float) -> int:
        """The place between two characters that is nearest to this point.

        The nearest block comes first, then the nearest of its rows: beside a
        short last line of a paragraph a person means that line.
        """
        if not self.lines:
            return 0
        nearest = min(self._around, key=lambda block: sum(distance_to(self._around[block], x, y)))
        lines = [line for line in self.lines if line.block == nearest]
        line = min(lines, key=lambda line: _row_first(line, x, y))
        return _place_in(line, x, y)

    def word_around(self, position: int) -> tuple[int, int]:
        """The word, or the stretch of spaces, around a position."""
        text = self.text
        position = min(position, len(text) - 1)
        if position < 0:
            return 0, 0
        if text[position].isspace() and position and not text[position - 1].isspace():
            position -= 1
        space = text[position].isspace()
        begin = end = position
        while begin and text[begin - 1].isspace() == space and text[begin - 1] != "\n":
            begin -= 1
        while end < len(text) and text[end].isspace() == space and text[end] != "\n":
            end += 1
        return begin, end

    def row_around(self, position: int) -> tuple[int, int]:
        """The row of the text around a position, without its line break."""
        begin = self.text.rfind("\n", 0, position) + 1
        end = self.text.find("\n", position)
        return begin, len(self.text) if end < 0 else end

    def boxes(self, begin: int, end: int) -> list[Box]:
        """What to paint for these characters: one box for each line's share of them."""
        found: list[Box] = []
        first = max(0, bisect.bisect_right(self._begins, begin) - 1)
        for line in self.lines[first:]:
            if line.begin >= end:
                break
            if begin <= line.begin and line.end <= end:
                found.append(line.extent)
                continue
            parts = [
                piece.part(max(begin, piece.begin), min(end, piece.end))
                for piece in line.pieces
                if piece.begin < end and piece.end > begin
            ]
            if parts:
                found.append(Box.union(parts))
        return found

    def find(self, words: str) -> list[tuple[int, int]]:
        """Where `words` stand; neither case nor the kind and number of spaces matter."""
        wanted = fold(words.strip())[0]
        if not wanted:
            return []
        if self._folded is None:
            self._folded = fold(self.text)
        folded, places = self._folded
        return [
            (places[match.start()], places[match.end() - 1] + 1)
            for match in re.finditer(re.escape(wanted), folded)
        ]

    def find_phrase(self, phrase: str) -> list[tuple[int, int]]:
        """Where a phrase of an answer stands: as whole words, not inside of longer ones."""
        phrase = phrase.strip()
        if sum(map(str.isalnum, phrase)) < _SHORTEST_PHRASE or len(phrase) > _LONGEST_PHRASE:
            return []
        return [(begin, end) for begin, end in self.find(phrase) if self._is_whole(begin, end)]

    def block_at(self, x: float, y: float) -> Block | None:
        """The block whose lines surround this point."""
        for number, box in self._around.items():
            if distance_to(box, x, y) == (0, 0):
                return self.blocks[number]
        return None

    def _is_whole(self, begin: int, end: int) -> bool:
        before, after = self.text[begin - 1 : begin], self.text[end : end + 1]
        return not (
            (before.isalnum() and self.text[begin].isalnum())
            or (after.isalnum() and self.text[end - 1].isalnum())
        )

    def _laid_out(self) -> list[TextLine]:
        found: list[TextLine] = []
        position, block_number = 0, -1
        for page in self.reading.pages:
            turned = TURNED[round(page.turned / 90) % 4]
            for block in page.blocks:
                block_number += 1
                for line in block.lines:
                    # Between two lines stands nothing but white space.
                    begin = self.text.find(line.text, position)
                    known = begin >= 0
                    begin = begin if known else position
                    position = begin + len(line.text) if known else position
                    way = Way.DOWN if turned is Way.RIGHT and _is_upright(line) else turned
                    pieces = _pieces(line, begin, way)
                    extent = Box.union([piece.box for piece in pieces])
                    found.append(
                        TextLine(
                            begin,
                            position,
                            len(found),
                            block_number,
                            line.box,
                            extent,
                            way,
                            pieces,
                        )
                    )
        return found


def _pieces(line: Line, begin: int, way: Way) -> tuple[TextPiece, ...]:
    whole = TextPiece(begin, begin + len(line.text), line.box, line.confidence, way)
    pieces: list[TextPiece] = []
    position = 0
    for word in line.words:
        place = line.text.find(word.text, position) if word.text else -1
        if place < 0:
            # Words that are not the line's own cannot be placed.
            return (whole,)
        position = place + len(word.text)
        pieces.append(TextPiece(begin + place, begin + position, word.box, word.confidence, way))
    return tuple(pieces) or (whole,)


def _place_in(line: TextLine, x: float, y: float) -> int:
    piece = min(line.pieces, key=lambda piece: _along(piece.box, line.way, x, y))
    share = share_along(piece.box, line.way, x, y)
    return piece.begin + round(share * (piece.end - piece.begin))


def _row_first(line: TextLine, x: float, y: float) -> tuple[float, float]:
    across, down = distance_to(line.box, x, y)
    return (down, across) if line.way in (Way.RIGHT, Way.LEFT) else (across, down)


def _along(box: Box, way: Way, x: float, y: float) -> float:
    across, down = distance_to(box, x, y)
    return across if way in (Way.RIGHT, Way.LEFT) else down


def _is_upright(line: Line) -> bool:
    return len(line.text) > 1 and line.box.height > _UPRIGHT * line.box.width


def fold(text: str) -> tuple[str, list[int]]:
    """`text` without case and with single spaces, and where each character of that came from."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character.isspace():
            if folded and folded[-1] != " ":
                folded.append(" ")
                places.append(place)
            continue
        for part in character.casefold():
            folded.append(part)
            places.append(place)
    return "".join(folded), places


def searchable(reading: Reading) -> str:
    """The text in which `PageText.find` looks for words."""
    return fold(_clean(reading, 1.0, 1.0).text)[0]


def _clean(reading: Reading, across: float, down: float) -> Reading:
    """Without what must not reach the screen, in the picture's pixels."""
    same = across == down == 1

    def cleaned(text: str) -> str:
        return text if text.isprintable() else clean(text)

    def scaled(box: Box) -> Box:
        if same:
            return box
        return Box(box.left * across, box.top * down, box.right * across, box.bottom * down)

    def word(found: Word) -> Word:
        return Word(cleaned(found.text), scaled(found.box), found.confidence)

    def line(found: Line) -> Line:
        words = tuple(map(word, found.words))
        return Line(cleaned(found.text), scaled(found.box), found.confidence, words)

    def cell(found: Cell) -> Cell:
        return replace(found, lines=tuple(map(line, found.lines)))

    def block(found: Block) -> Block:
        lines, cells = tuple(map(line, found.lines)), tuple(map(cell, found.cells))
        return replace(found, lines=lines, cells=cells)

    def page(found: Page) -> Page:
        return replace(found, blocks=tuple(map(block, found.blocks)))

    return Reading(tuple(map(page, reading.pages)))

"""The text of a clean picture: boxes, then what stands in them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from app.core.geometry import Box
from app.core.language import PackSpec
from app.core.reading import Line, Page, Word
from app.reader.layout.structure import structured
from app.reader.ocr.detection import Colour, Detector
from app.reader.ocr.language_packs import PackRecogniser
from app.reader.ocr.letters.accents import without_false_accents
from app.reader.ocr.letters.lone_signs import without_false_signs
from app.reader.ocr.onnx import Array, Team
from app.reader.ocr.orientation import Sight
from app.reader.ocr.quads import Quad, merged
from app.reader.ocr.recognition import RecognisedLine, Recogniser
from app.reader.ocr.small_marks import has_more, joined, rows_with_marks
from app.reader.ocr.turning import Turning, levelled, skew_of, slanted
from app.reader.ocr.unread import unread
from app.reader.ocr.words import WordSpan
from app.reader.trim import trim

# Below this, lines are mostly shapes and specks that are no text; short ones
# need more, because a circle reads as a fine "O".
_MIN_CONFIDENCE = 0.6
_SHORT, _MIN_SHORT_CONFIDENCE = 3, 0.7
_MIN_SINGLE_CONFIDENCE = 0.8
# A row is read as one, and no more in pieces, where that is as sure as this.
_CERTAIN = 0.9
# If no more of the boxes than this were legible, short lines alone are no text.
_LEGIBLE = 0.5


@dataclass(frozen=True, slots=True)
class Scan:
    """Lines, in no order, and the picture (uint8, blue first) that they are level in.

    That picture is the one asked for, turned by `turning`. `unread` as a page has it.
    """

    lines: list[Line]
    image: Array
    turning: Turning
    unread: int


class Ocr:
    """RapidOCR's two networks, kept in memory between pictures."""

    def __init__(self) -> None:
        self._team = Team()
        self._detector = Detector(self._team)
        self._bundled = Recogniser(self._team)
        self._recogniser: Recogniser | PackRecogniser = self._bundled
        self._other: tuple[PackSpec, Ocr] | None = None

    def with_pack(self, spec: PackSpec | None) -> Ocr:
        """This with a language pack, the last of which stays open. Raises OcellusError."""
        if spec is None:
            return self
        if self._other is None or self._other[0] != spec:
            self._other = None
            other = copy.copy(self)
            other._recogniser = PackRecogniser(self._bundled, self._team, spec)  # noqa: SLF001
            self._other = spec, other
        return self._other[1]

    def page(self, picture: Image.Image, cancelled: Callable[[], bool], number: int = 1) -> Page:
        """What an RGB picture shows, whichever way it lies, in order. Raises WorkCancelledError."""
        scan = self.scan(picture, cancelled)
        turning = scan.turning
        added = turning.size[1] - replace(turning, skew=0.0).size[1]
        page = structured(scan.lines, *turning.size, scan.image, number, added)
        return replace(turning.back(page), unread=scan.unread)

    def read(self, picture: Image.Image, cancelled: Callable[[], bool]) -> list[Line]:
        """The lines of an RGB picture, in no order. Raises WorkCancelledError."""
        scan = self.scan(picture, cancelled)
        return scan.turning.lines_back(scan.lines)

    def scan(self, picture: Image.Image, cancelled: Callable[[], bool]) -> Scan:
        """The lines of an RGB picture, turned upright first. Raises WorkCancelledError."""
        # The networks were taught with blue first.
        image = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
        ground = background(image)
        quads = self._detector.find(image, ground, cancelled)
        sight = Sight(image, ground, self._detector, self._recogniser, cancelled)
        quarters, known = sight.quarters(quads)
        upright = Turning(picture.width, picture.height, quarters)
        if quarters:
            image = upright.image(image, ground)
            quads = self._detector.find(image, ground, cancelled)
        turning = replace(upright, skew=skew_of(quads))
        places = quads
        if turning.skew:
            askew = Turning(*upright.size, 0, turning.skew)
            places = merged(levelled(quads, askew))
            quads = slanted(places, askew)
        rest = [quad for quad in quads if quad not in known]
        known |= zip(rest, self._recogniser.read(image, rest, ground, cancelled), strict=True)
        if not turning.skew:
            places = quads = self._with_marks(image, quads, known, ground, cancelled)
        answers = without_false_accents([known[quad] for quad in quads])
        lines = [
            _line(place, answer, turning.size)
            for place, answer in zip(places, answers, strict=True)
            if _is_text(answer.text, answer.confidence)
        ]
        if turning.skew:
            image = Turning(*upright.size, 0, turning.skew).image(image, ground)
        lines = [] if _are_shapes(lines, len(quads)) else without_false_signs(lines)
        return Scan(lines, image, turning, unread(quads, answers))

    def rest(self) -> None:
        """Give working memory back, between two pages of many."""
        last = self if self._other is None else self._other[1]
        last._recogniser.rest()  # noqa: SLF001 - its own copy; it has the bundled one rest too
        trim()

    def _with_marks(
        self,
        image: Array,
        quads: list[Quad],
        known: dict[Quad, RecognisedLine],
        ground: Colour,
        cancelled: Callable[[], bool],
    ) -> list[Quad]:
        """Boxes, those of one row as one where marks are between them; `known` has their text."""
        legible = [quad for quad in quads if _is_text(known[quad].text, known[quad].confidence)]
        rows = rows_with_marks(image, quads, legible)
        wholes = [joined(row) for row in rows]
        answers = self._recogniser.read(image, wholes, ground, cancelled)
        for row, whole, answer in zip(rows, wholes, answers, strict=True):
            pieces = [known[quad].text for quad in row if quad in legible]
            if answer.confidence >= _CERTAIN and has_more(answer.text, pieces):
                known[whole] = answer
                quads = [*(quad for quad in quads if quad not in row), whole]
        return quads

    def close(self) -> None:
        """End the threads."""
        self._team.close()


def background(image: Array) -> Colour:
    """The most common colour of the picture's border, as its bytes come."""
    border = np.concatenate((image[0], image[-1], image[:, 0], image[:, -1]))
    colours, counts = np.unique(border, axis=0, return_counts=True)
    first, second, third = (int(value) for value in colours[counts.argmax()])
    return first, second, third


def _are_shapes(lines: Sequence[Line], boxes: int) -> bool:
    """Whether the few letters seen are more likely strokes and blots: most boxes held none."""
    short = all(len(line.text) <= _SHORT for line in lines)
    return short and len(lines) <= _LEGIBLE * boxes


def _is_text(text: str, confidence: float) -> bool:
    if len(text) <= 1:
        return bool(text) and confidence >= _MIN_SINGLE_CONFIDENCE
    return confidence >= (_MIN_SHORT_CONFIDENCE if len(text) <= _SHORT else _MIN_CONFIDENCE)


def _line(quad: Quad, answer: RecognisedLine, size: tuple[int, int]) -> Line:
    """A box and what it says as one line, in the picture's pixels."""
    words = tuple(
        Word(word.text, _box(_part(quad, answer.turn, word), size), word.confidence)
        for word in answer.words
    )
    return Line(answer.text, _box(quad.corners, size), min(1.0, answer.confidence), words)


def _part(quad: Quad, turn: int, word: WordSpan) -> Array:
    """The corners of a word in a box that was turned by `turn` quarters; shape (4, 2)."""
    # Where the text begins, the corner at its end, and the one below its beginning.
    begin, end, _, below = np.roll(quad.corners, -turn, axis=0)
    along, across = end - begin, below - begin
    return np.array(
        [
            begin + x * along + y * across
            for x in (word.start, word.stop)
            for y in (word.top, word.bottom)
        ]
    )


def _box(corners: Array, size: tuple[int, int]) -> Box:
    """The upright box around corners, inside a picture of this size."""
    left, top = (float(value) for value in corners.min(axis=0))
    right, bottom = (float(value) for value in corners.max(axis=0))
    return Box(
        max(0.0, left), max(0.0, top), min(float(size[0]), right), min(float(size[1]), bottom)
    )

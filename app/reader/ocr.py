"""The text of a clean picture: boxes, then what stands in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from app.core.reading import Box, Line, Word
from app.reader.detect import Colour, Detector, Quad
from app.reader.onnx import Array, Team
from app.reader.recognise import Answer, Recogniser
from app.reader.words import Span

# Below this, lines are mostly shapes and specks that are no text; short ones
# need more, because a circle reads as a fine "O".
_MIN_CONFIDENCE = 0.6
_SHORT, _MIN_SHORT_CONFIDENCE = 3, 0.7
_MIN_SINGLE_CONFIDENCE = 0.8


class Ocr:
    """RapidOCR's two networks, kept in memory between pictures."""

    def __init__(self) -> None:
        self._team = Team()
        self._detector = Detector(self._team)
        self._recogniser = Recogniser(self._team)

    def read(self, picture: Image.Image, cancelled: Callable[[], bool]) -> list[Line]:
        """The lines of an RGB picture, in no order. Raises Stopped."""
        # The networks were taught with blue first.
        image = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
        ground = background(image)
        quads = self._detector.find(image, ground, cancelled)
        answers = self._recogniser.read(image, quads, ground, cancelled)
        return [
            _line(quad, answer, picture.size)
            for quad, answer in zip(quads, answers, strict=True)
            if _is_text(answer.text, answer.confidence)
        ]

    def close(self) -> None:
        """End the threads."""
        self._team.close()


def background(image: Array) -> Colour:
    """The most common colour of the picture's border, as its bytes come."""
    border = np.concatenate((image[0], image[-1], image[:, 0], image[:, -1]))
    colours, counts = np.unique(border, axis=0, return_counts=True)
    first, second, third = (int(value) for value in colours[counts.argmax()])
    return first, second, third


def _is_text(text: str, confidence: float) -> bool:
    if len(text) <= 1:
        return bool(text) and confidence >= _MIN_SINGLE_CONFIDENCE
    return confidence >= (_MIN_SHORT_CONFIDENCE if len(text) <= _SHORT else _MIN_CONFIDENCE)


def _line(quad: Quad, answer: Answer, size: tuple[int, int]) -> Line:
    """A box and what it says as one line, in the picture's pixels."""
    words = tuple(
        Word(word.text, _box(_part(quad, answer.turn, word), size), word.confidence)
        for word in answer.words
    )
    return Line(answer.text, _box(quad.corners, size), min(1.0, answer.confidence), words)


def _part(quad: Quad, turn: int, word: Span) -> Array:
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

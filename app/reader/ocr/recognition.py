"""What a line of text says: the recognition network over pieces of a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.reader.ocr.detection import Colour
from app.reader.ocr.glyph_fixes import narrowed, with_case, with_litres, with_zeros
from app.reader.ocr.letters.word_case import with_word_case
from app.reader.ocr.onnx import RECOGNITION, Array, Session, Team
from app.reader.ocr.quads import Quad
from app.reader.ocr.spacing import (
    with_missed_spaces,
    with_unit_spaces,
    without_false_spaces,
)
from app.reader.ocr.words import Character, WordSpan, spans

_HEIGHT = 48
_STEP = 8  # The bundled network gives one column of output for eight of input.
_MIN_WIDTH = 48
# Wider pieces are cut at the quietest column near the limit.
_MAX_WIDTH = 3200
_SEARCH = 400

# From this height over width on, a piece may be text that runs downwards.
_UPRIGHT = 1.5

# Less than this between lightest and darkest is noise of a plain ground.
_SOME_CONTRAST = 24

# Text that runs upwards is tried where the other ways gave less than this.
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """What one box says: its words from its start, and confidence (0 to 1) over all characters.

    `turn` is by how many quarters, counterclockwise, the box was turned to be
    read: 1 for text that runs downwards, 3 for text that runs upwards.
    """

    words: tuple[WordSpan, ...] = ()
    confidence: float = 0.0
    turn: int = 0

    @property
    def text(self) -> str:
        """The words, parted by spaces."""
        return " ".join(word.text for word in self.words)


class Recogniser:
    """Reads lines of text, with the bundled network or another `session`."""

    def __init__(self, team: Team, session: Session | None = None) -> None:
        self._session = session or Session(RECOGNITION)
        self._team = team
        # Class 0 is "no character"; the last is the space that the list lacks.
        self._characters = ["", *self._session.metadata("character").splitlines(), " "]

    def read(
        self,
        image: Array,
        quads: Sequence[Quad],
        ground: Colour,
        cancelled: Callable[[], bool],
        turn: int | None = None,
    ) -> list[RecognisedLine]:
        """What each box says, in their order. Raises WorkCancelledError.

        With `turn`, counterclockwise quarters, as it says turned by that alone.
        """
        # The longest first, so that no thread is left alone with one at the end.
        order = sorted(
            range(len(quads)), key=lambda index: -quads[index].width / quads[index].height
        )
        answers = self._team.map(
            lambda index: self._read_one(cut(image, quads[index], ground), turn), order, cancelled
        )
        read = dict(zip(order, answers, strict=True))
        return [read[index] for index in range(len(quads))]

    def rest(self) -> None:
        """Give working memory back until the next page."""
        self._session.rest(np.zeros((1, 3, _HEIGHT, _MIN_WIDTH), np.float32))

    def _read_one(self, piece: Array, only: int | None) -> RecognisedLine:
        if only is not None:
            return self._read_line(piece, only)
        height, width = piece.shape[:2]
        answer = self._read_line(piece, 0)
        # A lone "1" is as tall and narrow as a short line that runs downwards.
        for turn in (1, 3) if height >= _UPRIGHT * width else ():
            if turn == 1 or answer.confidence < _SURE:
                other = self._read_line(piece, turn)
                answer = max(answer, other, key=lambda one: one.confidence)
        return answer

    def _read_line(self, piece: Array, turn: int) -> RecognisedLine:
        line = _scaled(np.ascontiguousarray(np.rot90(piece, turn)))
        words: list[WordSpan] = []
        scores: list[float] = []
        start, width = 0, line.shape[1]
        for part in _parts(line):
            characters = mended(part, self._run(part))
            scores += [character.confidence for character in characters]
            share, offset = part.shape[1] / width, start / width
            words += [
                replace(word, start=offset + share * word.start, stop=offset + share * word.stop)
                for word in spans(part, characters)
            ]
            start += part.shape[1]
        return RecognisedLine(tuple(words), float(np.mean(scores)) if scores else 0.0, turn)

    def _run(self, line: Array) -> list[Character]:
        width = max(_MIN_WIDTH, -(-line.shape[1] // _STEP) * _STEP)
        values = np.zeros((1, 3, _HEIGHT, width), np.float32)
        values[0, :, :, : line.shape[1]] = (
            line.astype(np.float32).transpose(2, 0, 1) * (2 / 255) - 1
        )
        output = self._session.run(values)[0]
        best = output.argmax(axis=1)
        step = width / len(output)
        # The same character in neighbouring columns is one character.
        kept = np.flatnonzero((best != 0) & np.concatenate(([True], best[1:] != best[:-1])))
        return [
            Character(self._characters[found], (at + 0.5) * step, float(output[at, found]))
            for at in kept
            if self._characters[found := int(best[at])]
        ]


def mended(line: Array, characters: list[Character]) -> list[Character]:
    """What the network saw in a line's picture, set right where the picture tells better."""
    characters = with_case(line, with_zeros(narrowed(characters)))
    characters = with_litres(line, without_false_spaces(line, characters))
    return with_word_case(with_missed_spaces(line, with_unit_spaces(line, characters)))


def cut(image: Array, quad: Quad, ground: Colour) -> Array:
    """The part of the picture inside a box, turned level; `ground` where it reaches out."""
    width, height = max(1, round(quad.width)), max(1, round(quad.height))
    if quad.angle == 0:
        left, top = round(quad.x - quad.width / 2), round(quad.y - quad.height / 2)
        if left >= 0 and top >= 0:
            piece = image[top : top + height, left : left + width]
            if piece.shape[:2] == (height, width):
                return piece
    target = np.array(((0, 0), (width, 0), (width, height)), np.float32)
    turn = cv2.getAffineTransform(quad.corners[:3], target)
    return cv2.warpAffine(
        image,
        turn,
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=ground,
    )


def _scaled(piece: Array) -> Array:
    """A piece at the network's height and in full contrast.

    Pale letters were misread half as often again without the latter.
    """
    height, width = piece.shape[:2]
    if int(piece.max()) - int(piece.min()) >= _SOME_CONTRAST:
        room = np.empty_like(piece)
        piece = cv2.normalize(piece, room, 0, 255, cv2.NORM_MINMAX)
    return cv2.resize(piece, (max(1, math.ceil(_HEIGHT * width / height)), _HEIGHT))


def _parts(line: Array) -> list[Array]:
    """A very long line in pieces, cut where no letter is."""
    parts: list[Array] = []
    while line.shape[1] > _MAX_WIDTH:
        busy = line[:, _MAX_WIDTH - _SEARCH : _MAX_WIDTH].std(axis=0).sum(axis=1)
        # The middle of the widest gap: the quietest column of a smoothed profile.
        calm = np.convolve(busy, np.ones(25), "same")[12:-12].argmin() + 12
        at = _MAX_WIDTH - _SEARCH + int(calm)
        parts.append(line[:, :at])
        line = line[:, at:]
    return [*parts, line]

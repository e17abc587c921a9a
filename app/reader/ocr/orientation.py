"""Which way the text of a picture runs: by quarters of a turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.reader.ocr.detection import Colour, Detector
from app.reader.ocr.onnx import Array
from app.reader.ocr.quads import Quad
from app.reader.ocr.recognition import RecognisedLine
from app.reader.ocr.turning import is_sideways

# So many of the longest lines tell whether a picture stands on its head: text that
# does is read with confidence around 0.65 (measured), and above 0.9 the right way round.
_PROBES = 6
_DOUBTFUL, _BETTER = 0.85, 0.1
# Below this nothing was legible.
_LEGIBLE = 0.6


class _Reads(Protocol):
    """What reads lines: the bundled network, or that and a language pack's."""

    def read(
        self,
        image: Array,
        quads: list[Quad],
        ground: Colour,
        cancelled: Callable[[], bool],
        turn: int | None = None,
    ) -> list[RecognisedLine]:
        """As `Recogniser.read`. Raises WorkCancelledError."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture, uint8 with blue first, and what looks at it."""

    image: Array
    ground: Colour
    detector: Detector
    recogniser: _Reads
    cancelled: Callable[[], bool]

    def quarters(self, quads: list[Quad]) -> tuple[int, dict[Quad, RecognisedLine]]:
        """By how many quarters, counterclockwise, to turn it; and what was read without a turn.

        `quads` are its boxes. Raises WorkCancelledError.
        """
        if is_sideways(quads):
            slim = sorted(quads, key=lambda quad: quad.width / quad.height)[:_PROBES]
            found = {turn: _mean(self._read(slim, turn)) for turn in (0, 1, 3)}
            turn = max(found, key=found.__getitem__)
            if turn and found[turn] >= _LEGIBLE:
                return turn, {}
        probes = _longest(quads)
        known = dict(zip(probes, self._read(probes), strict=True))
        now = _mean(known.values())
        if not known or now >= _DOUBTFUL:
            return 0, known
        if _mean(self._read(probes, 2)) > now + _BETTER:
            return 2, {}
        if now < _LEGIBLE and (turn := self._sideways()):
            return turn, {}
        return 0, known

    def _sideways(self) -> int:
        """The turn after which text is found that was none before, or 0.

        The network ties small lines that run up or down the picture together as one patch.
        """
        image = np.ascontiguousarray(np.rot90(self.image))
        probes = _longest(self.detector.find(image, self.ground, self.cancelled))
        found = {
            turn: _mean(self.recogniser.read(image, probes, self.ground, self.cancelled, turn - 1))
            for turn in (1, 3)
        }
        turn = max(found, key=found.__getitem__)
        return turn if found[turn] >= _DOUBTFUL else 0

    def _read(self, quads: list[Quad], turn: int | None = None) -> list[RecognisedLine]:
        return self.recogniser.read(self.image, quads, self.ground, self.cancelled, turn)


def _longest(quads: list[Quad]) -> list[Quad]:
    return sorted(quads, key=lambda quad: -quad.width)[:_PROBES]


def _mean(answers: Iterable[RecognisedLine]) -> float:
    """Confidence of answers, each counted by its length."""
    counted = [(answer.confidence, 1 + len(answer.text)) for answer in answers]
    total = sum(length for _, length in counted)
    return sum(confidence * length for confidence, length in counted) / max(1, total)

"""What the reader's confidence is worth: the share of words of that confidence that are right."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from app.text.confidence_knots import KNOTS


def chance_of_right(confidence: float) -> float:
    """How often a word with this raw confidence is right, from 0 to 1.

    Measured on made pictures in Latin letters, which the bundled networks read.
    """
    return interpolated(KNOTS, confidence)


def interpolated(knots: Sequence[tuple[float, float]], raw: float) -> float:
    """Between two knots on the line from one to the other; beyond the last as at the last."""
    at = bisect_left(knots, (raw,))
    if at == 0:
        return knots[0][1]
    if at == len(knots):
        return knots[-1][1]
    (left, low), (right, high) = knots[at - 1], knots[at]
    return low + (high - low) * (raw - left) / (right - left)

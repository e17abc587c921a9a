"""Text that is seen and cannot be read: it is in a script that the networks were not taught."""

from __future__ import annotations

from collections.abc import Sequence

from app.reader.ocr.quads import Quad
from app.reader.ocr.recognition import RecognisedLine

# Boxes this much longer than high hold several letters, not a sign or a blot.
_LONG = 2.0
# Letters of another script give less certainty than this; those of a known one hardly ever do.
_CERTAIN = 0.8
# So many boxes, and this share of the text's length.
_LEAST, _SHARE = 3, 0.15


def unread(quads: Sequence[Quad], answers: Sequence[RecognisedLine]) -> int:
    """How many boxes hold text of another script; 0 where a few were just hard to read.

    `answers` says what each of `quads` was read as.
    """
    long = [
        (quad, answer)
        for quad, answer in zip(quads, answers, strict=True)
        if quad.width >= _LONG * quad.height
    ]
    lost = [quad for quad, answer in long if not answer.text or answer.confidence < _CERTAIN]
    share = sum(quad.width for quad in lost) / max(1.0, sum(quad.width for quad, _ in long))
    return len(lost) if len(lost) >= _LEAST and share >= _SHARE else 0

"""Long, thin strokes of a picture: what rules are drawn with."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.reader.ocr.onnx import Array

# Rules are thinner than this, in pixels, and differ from their ground by this much.
_THICK, _CONTRAST = 9, 12
_CROSSING = 5
# Dashes are this thin, in pixels, and so many times as long; of the shortest stroke's length this
# share may be white between two, where another rule crosses too.
_DASH, _LONGER, _DASH_GAP = 4, 1.5, 0.5
# A stroke that touches a thinner one along this share of it is the ground beside that.
_TOUCHED = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """A level rule from `left` to `right` at the height `y`, in pixels."""

    left: float
    right: float
    y: float


def level_rules(across: Array) -> list[Rule]:
    """The rules of a picture of level strokes, from top to bottom."""
    _, _, stats, centres = cv2.connectedComponentsWithStats(across)
    found = [
        Rule(float(left), float(left + width), float(y))
        for (left, _, width, tall, _), (_, y) in zip(
            stats[1:].tolist(), centres[1:].tolist(), strict=True
        )
        if tall <= _THICK
    ]
    return sorted(found, key=lambda rule: rule.y)


def strokes(grey: Array, least: int, *, level: bool) -> Array:
    """Level or upright strokes of at least `least` pixels, darker or lighter than their sides.

    `grey` is uint8 (height, width); so is the answer, 1 where there is a stroke.
    """
    along = np.ones((1, least) if level else (least, 1), np.uint8)
    beside = np.ones((_THICK, 1) if level else (1, _THICK), np.uint8)
    around = np.ones((_THICK, _THICK), np.uint8)
    crossing = np.ones((1, _CROSSING) if level else (_CROSSING, 1), np.uint8)
    both: list[Array] = []
    for way in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
        mask = _seen(grey, way, beside)
        # Where another rule crosses, nothing is thin, but all is drawn: between the
        # letters of a word, which are not to become one stroke, it is not.
        bridged = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, crossing)
        drawn = _seen(grey, way, around)
        mask |= (bridged & drawn) | _dashed(drawn, least, level=level)
        both.append(cv2.morphologyEx(mask, cv2.MORPH_OPEN, along))
    return _thinner(*both, level=level)


def _dashed(drawn: Array, least: int, *, level: bool) -> Array:
    """Rows of dashes as strokes: marks by themselves that are longer than thick, in a line.

    Leaders are dots, and letters are higher.
    """
    labels, length, _ = _measured(drawn, level=level)
    across = _measured(drawn, level=not level)[1]
    is_dash = ((across <= _DASH) & (length >= _LONGER * across) & (length < least)).astype(np.uint8)
    dashes = is_dash[labels]
    near, whole = max(1, round(_DASH_GAP * least)), 2 * least
    joined = cv2.morphologyEx(
        dashes, cv2.MORPH_CLOSE, np.ones((1, near) if level else (near, 1), np.uint8)
    )
    return cv2.morphologyEx(
        joined, cv2.MORPH_OPEN, np.ones((1, whole) if level else (whole, 1), np.uint8)
    )


def _thinner(dark: Array, light: Array, *, level: bool) -> Array:
    """Strokes of both kinds but for the ground between a rule and text: beside a thinner one."""
    labels, lengths, thickness = _measured(dark, level=level)
    other_labels, other_lengths, other_thickness = _measured(light, level=level)
    return _beside_none(
        labels, lengths, thickness, other_thickness[other_labels], level=level
    ) | _beside_none(other_labels, other_lengths, other_thickness, thickness[labels], level=level)


def _measured(strokes: Array, *, level: bool) -> tuple[Array, Array, Array]:
    """Each pixel's stroke, how long and how thick strokes are; number 0 is none, infinite."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strokes)
    lengths = np.maximum(1, stats[:, cv2.CC_STAT_WIDTH if level else cv2.CC_STAT_HEIGHT])
    thickness = (stats[:, cv2.CC_STAT_AREA] / lengths).astype(np.float32)
    thickness[0] = np.inf
    return labels, lengths, thickness


def _beside_none(
    labels: Array, lengths: Array, thickness: Array, others: Array, *, level: bool
) -> Array:
    """1 where a stroke is that touches none that is thinner than itself along most of it."""
    near = cv2.erode(others, np.ones((3, 1) if level else (1, 3), np.uint8))
    touched = np.bincount(labels[near < thickness[labels]], minlength=len(lengths))
    kept = (touched <= _TOUCHED * lengths).astype(np.uint8)
    kept[0] = 0
    return kept[labels]


def _seen(grey: Array, way: int, kernel: Array) -> Array:
    """What fits into the kernel and differs from its ground; 1 where there is something."""
    return (cv2.morphologyEx(grey, way, kernel) >= _CONTRAST).astype(np.uint8)

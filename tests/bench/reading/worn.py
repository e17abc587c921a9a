"""What a hand-held camera does to a page."""

import dataclasses
import random

import cv2
import numpy as np
from PIL import Image

from tests.bench.reading.canvas import Sample


def worn(chance: random.Random, sample: Sample) -> Sample:
    """The sample on a desk: seen askew, unevenly lit, blurred, with noise, as JPEG."""
    page = np.asarray(sample.picture)
    height, width = page.shape[:2]
    pad = round(0.08 * max(height, width))
    desk = tuple(chance.randint(60, 120) for _ in range(3))
    page = cv2.copyMakeBorder(page, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=desk)
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), chance.uniform(-3.5, 3.5), 1.0)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    far = 0.012 * min(width, height)
    moved = corners @ turn[:, :2].T + turn[:, 2]
    moved += [(chance.uniform(-far, far), chance.uniform(-far, far)) for _ in range(4)]
    view = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    seen = cv2.warpPerspective(
        page, view, (width, height), flags=cv2.INTER_CUBIC, borderValue=desk
    ).astype(np.float32)
    light = np.linspace(chance.uniform(0.65, 0.85), 1.0, width, dtype=np.float32)
    seen *= light[None, :, None] if chance.random() < 0.5 else light[None, ::-1, None]
    seen = cv2.GaussianBlur(seen, (0, 0), chance.uniform(0.5, 1.1))
    noise = np.random.default_rng(chance.getrandbits(32))
    seen += noise.normal(0, chance.uniform(3, 9), seen.shape).astype(np.float32)
    pixels = seen.clip(0, 255).astype(np.uint8)
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, chance.randint(60, 85)])
    if not done:
        raise RuntimeError("The picture could not be written as JPEG.")
    picture = Image.fromarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)))
    return dataclasses.replace(sample, picture=picture)

"""Parts of a picture by themselves, the right way up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PIL import Image

from app.core.cancelled import check
from app.core.geometry import Box

# What differs less than this in brightness, of 255, is paper and not text.
_LEAST_CONTRAST = 12


def crops(
    image: Image.Image, boxes: Sequence[Box], turned: float, cancelled: Callable[[], bool]
) -> Iterator[Image.Image | None]:
    """An RGB picture for each box of `image`, turned by `turned` degrees clockwise.

    None stands for what has nothing in it. Boxes are cut at the picture's edges.
    Raises WorkCancelledError.
    """
    for box in boxes:
        check(cancelled)
        left, top = max(0, int(box.left)), max(0, int(box.top))
        right, bottom = min(image.width, round(box.right)), min(image.height, round(box.bottom))
        if right - left < 2 or bottom - top < 2:
            yield None
            continue
        part = image.crop((left, top, right, bottom))
        darkest, lightest = _extremes(part)
        if lightest - darkest < _LEAST_CONTRAST:
            yield None
            continue
        if turned:
            # What comes into the corners looks like the paper.
            paper = part.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
            part = part.rotate(
                -turned, Image.Resampling.BICUBIC, expand=True, fillcolor=_color(paper)
            )
        yield part


def _extremes(part: Image.Image) -> tuple[int, int]:
    low, high = part.convert("L").getextrema()
    assert isinstance(low, int | float)  # noqa: S101 - one band has two numbers
    assert isinstance(high, int | float)  # noqa: S101
    return int(low), int(high)


def _color(pixel: object) -> tuple[int, int, int]:
    assert isinstance(pixel, tuple)  # noqa: S101 - an RGB picture's pixel
    red, green, blue = pixel[:3]
    return int(red), int(green), int(blue)

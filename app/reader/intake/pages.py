"""What is known of one page before its picture is read, whatever file it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image

from app.core.reading import Line

Cancelled = Callable[[], bool]
Part = tuple[int, int, int, int]


@dataclass(slots=True)
class Prepared:
    """A page with the text that it carries itself, and what is left to be read.

    `width` and `height` are in pixels of the page's picture. `quarters` says of each
    of the lines which way it runs, in quarters clockwise; empty, all run to the
    right. `picture` (RGB, of that size) shows the page without the letters of
    `lines`; its `parts` (left, top, right, bottom) may hold more text. Without a
    picture there is nothing on it but `lines`; without parts, nothing left to read.
    `doubtful` has pictures of lines some of whose letters nobody knows, by their
    place in `lines`.
    """

    width: int
    height: int
    lines: list[Line] = field(default_factory=list[Line])
    quarters: list[int] = field(default_factory=list[int])
    picture: Image.Image | None = None
    parts: list[Part] = field(default_factory=list[Part])
    doubtful: dict[int, Image.Image] = field(default_factory=dict[int, Image.Image])

    @property
    def needs_reading(self) -> bool:
        """Whether text is to be read from pictures."""
        return bool(self.parts or self.doubtful)


class PageFile(Protocol):
    """An open file of pages, numbered from 1. For one thread only."""

    @property
    def count(self) -> int:
        """How many pages there are."""
        ...

    def prepare(self, number: int, cancelled: Cancelled) -> Prepared:
        """What it says by itself, what is left. Raises OcellusError, WorkCancelledError."""
        ...

    def picture(self, number: int, cancelled: Cancelled) -> Image.Image:
        """The whole page as an RGB picture. Raises OcellusError and WorkCancelledError."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


def whole(picture: Image.Image) -> Prepared:
    """A page of which nothing is known but its picture."""
    width, height = picture.size
    return Prepared(width, height, picture=picture, parts=[(0, 0, width, height)])


class PicturePages:
    """A picture of the store as a document of one page."""

    count = 1

    def __init__(self, open_picture: Callable[[], Image.Image]) -> None:
        self._open_picture = open_picture

    def prepare(self, number: int, cancelled: Cancelled) -> Prepared:
        """The picture, to be read as a whole. Raises OcellusError."""
        return whole(self.picture(number, cancelled))

    def picture(self, number: int, cancelled: Cancelled) -> Image.Image:  # noqa: ARG002 - as others
        """The picture. Raises OcellusError."""
        return self._open_picture()

    def close(self) -> None:
        """Nothing is open."""

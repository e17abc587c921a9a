"""What every form of file is written by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from PIL import Image

from app.core.reading import Page

Pictures = Callable[[Page], Image.Image]


class Output(Protocol):
    """Where bytes go: a file, a pipe, standard output. It is only ever appended to."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


class Form(Protocol):
    """Writes a document page by page; holds one page at a time.

    `pictures` gives a page's picture, of its width and height, to the forms
    that show it. Raises what taking a page or a picture raises, and OcellusError
    where the document has nothing for this form.
    """

    def __call__(self, pages: Iterable[Page], target: Output, pictures: Pictures | None, /) -> None:
        """Write the whole file."""
        ...

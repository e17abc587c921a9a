"""The forms in which `read` writes what it read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import BinaryIO

from app.core.reading import Page, Reading

Writer = Callable[[Iterable[Page], BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A form's file name ending, and what writes pages to a file as they come.

    Half of a result is of use to a person where it `streams`.
    """

    suffix: str
    write: Writer
    streams: bool = False


def _text(pages: Iterable[Page], target: BinaryIO) -> None:
    """UTF-8, a blank line between pages; nothing at all without text."""
    gap = ""
    for page in pages:
        if text := Reading((page,)).text:
            target.write(f"{gap}{text}\n".encode("utf-8", "replace"))
            target.flush()
            gap = "\n"


def _json(pages: Iterable[Page], target: BinaryIO) -> None:
    """One object on one line: pages, blocks, lines and words by their names in `Reading`."""
    target.write(b'{"pages": [')
    gap = ""
    for page in pages:
        data = json.dumps(asdict(page), ensure_ascii=False)
        target.write(f"{gap}{data}".encode("utf-8", "replace"))
        gap = ", "
    target.write(b"]}\n")


FORMATS: dict[str, Format] = {
    "text": Format(".txt", _text, streams=True),
    "json": Format(".json", _json),
}

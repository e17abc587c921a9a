"""What `read` is asked to read, and where each file's result goes."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.files.file_kinds import HEAD_BYTES, document_kind

# Files of these names are meant to be read, so that a damaged one is told of.
_ENDINGS = frozenset(
    (".pdf", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
)
_RANGE = re.compile(r"(\d{1,7})?(-)?(\d{1,7})?")


@dataclass(frozen=True, slots=True)
class Item:
    """One file to read. `output` is None where the text goes to stdout."""

    source: Path
    output: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A file, and the folder below which it was found (or its own)."""

    source: Path
    base: Path


def find(paths: Sequence[Path], without: Path | None) -> Iterator[Found]:
    """The files named by `paths`, folders searched through in order of name.

    In folders, only what is or claims to be a picture or document counts, and
    nothing hidden; `without` is a folder that is passed over.
    """
    for path in paths:
        if not path.is_dir():
            yield Found(path, path.parent)
            continue
        for folder, folders, files in os.walk(path):
            here = Path(folder)
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith(".") and not (without and _same(here / name, without))
            )
            for name in sorted(files):
                if not name.startswith(".") and _is_readable(here / name):
                    yield Found(here / name, path)


def placed(found: Sequence[Found], folder: Path, suffix: str) -> list[Item]:
    """Where in `folder` each file's result goes: its own name with `suffix`.

    Files that differ by their ending alone keep it: `a.pdf.txt`, `a.png.txt`.
    """
    plain = [folder / one.source.relative_to(one.base).with_suffix(suffix) for one in found]
    often = Counter(os.path.normcase(output) for output in plain)
    items: list[Item] = []
    taken: set[str] = set()
    for one, output in zip(found, plain, strict=True):
        place = output
        if often[os.path.normcase(output)] > 1:
            place = output.with_name(one.source.name + suffix)
        count = 2
        while os.path.normcase(place) in taken:
            place = output.with_name(f"{one.source.name}.{count}{suffix}")
            count += 1
        taken.add(os.path.normcase(place))
        items.append(Item(one.source, place))
    return items


def pages_of(text: str) -> Callable[[int], tuple[int, ...]]:
    """What "2-5", "1,3" or "7-" says, as the page numbers of a document of so many pages.

    Raises ValueError for anything else.
    """
    ranges: list[tuple[int, int | None]] = []
    for piece in text.replace(" ", "").split(","):
        match = _RANGE.fullmatch(piece)
        if match is None or not (match[1] or match[3]):
            raise ValueError(piece)
        first = int(match[1] or 1)
        last = int(match[3]) if match[3] else None if match[2] else first
        if first < 1 or (last is not None and last < first):
            raise ValueError(piece)
        ranges.append((first, last))

    def chosen(count: int) -> tuple[int, ...]:
        numbers = {
            number
            for first, last in ranges
            for number in range(first, min(count, last or count) + 1)
        }
        return tuple(sorted(numbers))

    return chosen


def _is_readable(path: Path) -> bool:
    if path.suffix.lower() in _ENDINGS:
        return True
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return document_kind(file.read(HEAD_BYTES)) is not None
    except OSError:
        return False


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False

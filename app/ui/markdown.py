"""Cutting Markdown into pieces that can be shown, and shown again, one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A piece of text is cut at the next safe blank line once it is this long, so that
# rendering the last piece of a streaming answer costs the same at any length.
TEXT_CHARACTERS = 3000
# Text without such a line is cut all the same, later: a window that stands still is worse
# than a list that is numbered anew.
_AT_MOST = 2 * TEXT_CHARACTERS
_LONGEST_LINE = 2000

_OPENING = re.compile(r"( {0,3})(`{3,}|~{3,})[ \t]*([^`\n]*)\Z")
_CONTINUES = re.compile(r"\s|[-*+]\s|[>|]|\d{1,9}[.)]|\[[^\]]+\]:")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text to render, or the inside of a fenced code block with its language.

    `start` is where the piece begins in the source; `closed` is False for code
    whose closing fence has not arrived.
    """

    is_code: bool
    source: str
    start: int
    language: str = ""
    closed: bool = True


def split(text: str) -> list[Piece]:
    """The pieces of `text` in order. Appending to `text` changes only the last one.

    Fences inside of quotes and deep lists stay part of their text.
    """
    splitter = _Splitter()
    for line in text.splitlines(keepends=True):
        for part in _parts(line):
            splitter.take(part)
    return splitter.finish()


class _Splitter:
    """One pass over the lines; `fence` is the opening fence while inside of code."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._lines: list[str] = []
        self._start = self._position = self._length = 0
        self._fence = self._language = self._indent = ""
        self._blank_before = False

    def take(self, line: str) -> None:
        bare = line.rstrip("\n")
        after = self._position + len(line)
        if self._fence:
            if _closes(bare, self._fence) and line.endswith("\n"):
                self._end_piece(after)
            else:
                self._lines.append(_without(self._indent, line))
        elif line.endswith("\n") and (opening := _OPENING.match(bare)):
            self._end_piece(self._position)
            self._indent, self._fence = opening[1], opening[2]
            self._language = opening[3].strip()
        else:
            long = self._length > TEXT_CHARACTERS
            safe = self._blank_before and not _CONTINUES.match(line)
            if (long and safe) or self._length > _AT_MOST:
                self._end_piece(self._position)
            self._lines.append(line)
            self._length += len(line)
        self._blank_before = not bare.strip()
        self._position = after

    def finish(self) -> list[Piece]:
        if self._fence and self._lines and _closes(self._lines[-1].rstrip("\n"), self._fence):
            self._lines.pop()
            self._end_piece(self._position)
        elif self._fence or self._lines:
            self._end_piece(self._position, closed=False)
        return self._pieces

    def _end_piece(self, end: int, *, closed: bool = True) -> None:
        source = "".join(self._lines)
        if self._fence:
            code = source.removesuffix("\n")
            self._pieces.append(
                Piece(
                    is_code=True,
                    source=code,
                    start=self._start,
                    language=self._language,
                    closed=closed,
                )
            )
        elif source.strip():
            self._pieces.append(Piece(is_code=False, source=source, start=self._start))
        self._lines = []
        self._start, self._length, self._fence = end, 0, ""


def _parts(line: str) -> Iterator[str]:
    """`line` in parts of a bounded length that end at a space where there is one."""
    while len(line) > _LONGEST_LINE:
        cut = line.rfind(" ", 0, _LONGEST_LINE) + 1 or _LONGEST_LINE
        yield line[:cut]
        line = line[cut:]
    yield line


def _without(indent: str, line: str) -> str:
    """`line` without the spaces that its fence was indented by, as far as it has them."""
    return line[min(len(indent), len(line) - len(line.lstrip(" "))) :]


def _closes(line: str, fence: str) -> bool:
    mark = line.strip()
    return (
        len(mark) >= len(fence)
        and set(mark) == {fence[0]}
        and len(line) - len(line.lstrip(" ")) <= 3
    )

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
# Nor do characters alone tell what a piece costs: so do its lines, the places where its type
# or its direction may change, and the cells of its tables. Each of these takes some 10 to 25 ms.
MOST_LINES = 300
MOST_MARKS = 400
MOST_CELLS = 200
# A wider table is shown as the text that it is: one row of it could be too much.
_MOST_COLUMNS = 100
_LONGEST_LINE = 2000

# Possessive, so that no line makes them try again and again.
_OPENING = re.compile(r"( {0,3})(`{3,}+|~{3,}+)([^`\n]*+)\Z")
_CONTINUES = re.compile(r"\s|[-*+]\s|[>|]|\d{1,9}[.)]|\[[^\]]+\]:")
_MARKS = re.compile("[`*_~\\[<&\\\\]|[\u0590-\u08ff][!-~]|[!-~][\u0590-\u08ff]|[\u0300-\u036f]{4}")
# The line below a table's head, perhaps in a quote.
_DELIMITER = re.compile(r"[|:\-\s>]*+")


@dataclass(frozen=True, slots=True)
class Start:
    """Where a piece begins, and inside of what: an open fence, or a table with this head."""

    position: int = 0
    fence: str = ""
    language: str = ""
    indent: str = ""
    part: int = 0
    head: str = ""


@dataclass(frozen=True, slots=True)
class MarkdownPiece:
    """Text to render, or the inside of a fenced code block with its language.

    `start` is where the piece begins in the source; `closed` is False for what
    may still change as text is appended. `part` counts the pieces of one code
    block; where a table goes on in the next piece, its head is there again.
    """

    is_code: bool
    source: str
    at: Start
    language: str = ""
    closed: bool = True

    @property
    def start(self) -> int:
        """Its place in the source."""
        return self.at.position

    @property
    def part(self) -> int:
        """Which part of its code block this is."""
        return self.at.part

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to show."""
        return not self.is_code and not self.source.strip()


def split(text: str) -> list[MarkdownPiece]:
    """The pieces of `text` in order. Appending to `text` changes only the last one.

    Fences inside of quotes and deep lists stay part of their text.
    """
    return [piece for piece in pieces(text) if not piece.is_blank]


def pieces(text: str, start: Start | None = None) -> Iterator[MarkdownPiece]:
    """The same from where an earlier piece began, one by one, blank ones too.

    The last one is not `closed`; from its start on it can be split again.
    """
    return _Splitter(start or Start()).pieces(text)


class _Splitter:
    """One pass over the lines; `fence` is the opening fence while inside of code."""

    def __init__(self, start: Start) -> None:
        self._begin(start)
        self._position = start.position
        self._blank_before = False

    def _begin(self, start: Start) -> None:
        self._start = start
        self._fence, self._language, self._indent = start.fence, start.language, start.indent
        self._part, self._head = start.part, start.head
        self._lines = [start.head] if start.head else []
        self._fresh = True
        self._length = self._count = self._marks = self._cells = 0
        self._before = ""

    def pieces(self, text: str) -> Iterator[MarkdownPiece]:
        for line in _lines(text, self._position):
            if (piece := self._take(line)) is not None:
                yield piece
        if self._fence and self._before and _closes(self._before.rstrip("\n"), self._fence):
            self._lines.pop()
            self._fresh = not self._lines
        yield self._piece(closed=False)

    def _take(self, line: str) -> MarkdownPiece | None:
        """Add a line, or a part of one; the piece that ends before or with it."""
        bare = line.rstrip("\n")
        after = self._position + len(line)
        ended = None
        if self._fence:
            ended = self._take_code(line, bare, after)
        elif line.endswith("\n") and (opening := _OPENING.match(bare)):
            ended = self._piece()
            self._begin(Start(after, opening[2], opening[3].strip(), opening[1]))
        else:
            self._follow_table(line)
            if self._is_full(line):
                ended = self._piece()
                self._begin(Start(self._position, head=self._head))
            self._add(line)
        self._blank_before = not bare.strip()
        self._position = after
        return ended

    def _take_code(self, line: str, bare: str, after: int) -> MarkdownPiece | None:
        if _closes(bare, self._fence) and line.endswith("\n") and not self._is_inside_line:
            ended = self._piece()
            self._begin(Start(after))
            return ended
        ended = None
        # What looks like the beginning of a closing fence is no place to cut.
        most = 2 if set(bare.strip()) == {self._fence[0]} else 1
        if self._length > most * _AT_MOST or self._count >= most * MOST_LINES:
            ended = self._piece(goes_on=True)
            inside = self._fence, self._language, self._indent, self._part + 1
            self._begin(Start(self._position, *inside))
        self._add(_without(self._indent, line))
        return ended

    @property
    def _is_inside_line(self) -> bool:
        return bool(self._before) and not self._before.endswith("\n")

    def _add(self, line: str) -> None:
        self._lines.append(line)
        self._fresh = False
        self._before = line
        self._length += len(line)
        self._count += max(line.count("\n"), line.count("\r"))
        if not self._fence:
            self._marks += len(_MARKS.findall(line))
            self._cells += line.count("|") if self._head else 0

    def _is_full(self, line: str) -> bool:
        if self._fresh:
            return False
        safe = self._blank_before and not _CONTINUES.match(line)
        return (
            (self._length > TEXT_CHARACTERS and safe)
            or self._length > _AT_MOST
            or self._count >= MOST_LINES
            or self._marks > MOST_MARKS
            or self._cells > MOST_CELLS
            or self._is_too_wide(line)
        )

    def _is_too_wide(self, line: str) -> bool:
        """Whether this line would make what stands above it the head of too wide a table."""
        return not self._head and line.count("|") > _MOST_COLUMNS and self._is_below_head(line)

    def _follow_table(self, line: str) -> None:
        """Know the head of the table that this line is in."""
        if self._head and "|" not in line:
            self._head = ""
        elif (
            not self._head
            and line.endswith("\n")
            and 0 < line.count("|") <= _MOST_COLUMNS
            and self._is_below_head(line)
        ):
            self._head = self._before + line

    def _is_below_head(self, line: str) -> bool:
        return "-" in line and "|" in self._before and _DELIMITER.fullmatch(line) is not None

    def _piece(self, *, closed: bool = True, goes_on: bool = False) -> MarkdownPiece:
        source = "" if self._fresh else "".join(self._lines)
        if self._fence and not goes_on:
            source = source.removesuffix("\n")
        return MarkdownPiece(
            is_code=bool(self._fence),
            source=source,
            at=self._start,
            language=self._language,
            closed=closed,
        )


def _lines(text: str, position: int) -> Iterator[str]:
    """The lines from `position` on, long ones in parts that end at a space where there is one."""
    while position < len(text):
        end = text.find("\n", position) + 1 or len(text)
        if end - position <= _LONGEST_LINE:
            yield text[position:end]
            position = end
            continue
        cut = text.rfind(" ", position, position + _LONGEST_LINE) + 1
        cut = cut or position + _LONGEST_LINE
        yield text[position:cut]
        position = cut


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

"""The text that was found in a picture, and where it stands."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.geometry import Box, upright


class BlockKind(StrEnum):
    """What a block is on its page."""

    TEXT = "text"
    HEADING = "heading"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    CAPTION = "caption"
    HEADER = "header"
    FOOTER = "footer"
    BARCODE = "barcode"


class PageSource(StrEnum):
    """Where a page's text comes from: its picture, its own text layer, or both."""

    PICTURE = "picture"
    TEXT_LAYER = "text-layer"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line; confidence from 0 to 1."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of text as the engine found it; confidence from 0 to 1.

    `words` may be empty where nobody asked for them; joined by their spaces
    they are `text`.
    """

    text: str
    box: Box
    confidence: float
    words: tuple[Word, ...] = ()

    def with_boxes(self, move: Callable[[Box], Box]) -> Line:
        """The line with its own box and those of its words moved."""
        words = tuple(replace(word, box=move(word.box)) for word in self.words)
        return replace(self, box=move(self.box), words=words)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its place, counted from 0, how far it spans, and its lines."""

    row: int
    column: int
    lines: tuple[Line, ...]
    rows: int = 1
    columns: int = 1

    @property
    def text(self) -> str:
        """The cell's lines as one."""
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, in reading order.

    `level` counts from 1 for headings and list items' depth; `cells` are a
    table's, in rows, and hold the very lines of `lines`. A line of a code block
    keeps its leading spaces in its text. A bar code's text is its content.
    """

    lines: tuple[Line, ...]
    kind: BlockKind = BlockKind.TEXT
    level: int = 0
    cells: tuple[Cell, ...] = ()

    def with_lines(self, lines: tuple[Line, ...]) -> Block:
        """The block with these lines in place of its own, in its cells too."""
        if lines == self.lines:
            return self
        # By what they are: on their way through a file the two became lines of their own.
        after: dict[Line, deque[Line]] = defaultdict(deque)
        for old, new in zip(self.lines, lines, strict=True):
            after[old].append(new)
        cells = tuple(
            replace(
                cell,
                lines=tuple(
                    after[line].popleft() if after.get(line) else line for line in cell.lines
                ),
            )
            for cell in self.cells
        )
        return replace(self, lines=lines, cells=cells)


@dataclass(frozen=True, slots=True)
class Page:
    """One picture's or page's blocks in reading order.

    `width` and `height` are in pixels of the picture that the boxes belong to,
    `number` counts from 1. `turned` is by how many degrees, clockwise, that
    picture was turned for reading; the boxes are in the unturned one. `pack` is
    the id of the language pack that took part in reading it. `unread` counts the stretches of
    text in letters that neither the bundled networks nor that pack know.
    """

    width: int
    height: int
    blocks: tuple[Block, ...]
    number: int = 1
    source: PageSource = PageSource.PICTURE
    turned: float = 0.0
    pack: str = ""
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader made of a picture or document."""

    pages: tuple[Page, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line in reading order."""
        return tuple(line for page in self.pages for block in page.blocks for line in block.lines)

    def rows(self) -> tuple[str, ...]:
        """The text as visual rows: pieces that share a height joined by two spaces.

        A label and its value often arrive as two lines of one row; together
        they are what a person would read out, and what the prompt carries.
        """
        rows: list[str] = []
        for page in self.pages:
            for block in page.blocks:
                current: list[Line] = []
                for line in block.lines:
                    if current and not same_row(current[-1], line, page.turned):
                        rows.append("  ".join(piece.text for piece in current))
                        current = []
                    current.append(line)
                if current:
                    rows.append("  ".join(piece.text for piece in current))
        return tuple(rows)

    @property
    def text(self) -> str:
        """All rows, a blank line between blocks of one page and between pages."""
        blocks = [
            "\n".join(Reading((replace(page, blocks=(block,)),)).rows())
            for page in self.pages
            for block in page.blocks
        ]
        return "\n\n".join(block for block in blocks if block)


def same_row(before: Line, after: Line, turned: float = 0.0) -> bool:
    """Whether `after` continues the visual row of `before`, to its right.

    `turned` is their page's: the row is one of the picture as it was read.
    """
    one, other = upright(before.box, turned), upright(after.box, turned)
    return other.left >= one.left and one.overlap_y(other) > 0.5 * min(one.height, other.height)

"""Plain text: paragraphs, tables as aligned columns, a form feed between pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from app.core.reading import Block, BlockKind, Page
from app.reader.exports.form import Output, Pictures
from app.text.markup import plain
from app.text.prose import paragraph_text
from app.text.tables import Grid, table_grid

_GAP = 2


def write(pages: Iterable[Page], target: Output, _pictures: Pictures | None) -> None:
    """Write UTF-8 with a line break at the end of each page."""
    for index, page in enumerate(pages):
        text = page_text(page)
        feed = "\f" if index else ""
        target.write(f"{feed}{text}\n".encode() if text else feed.encode())


def page_text(page: Page) -> str:
    """The page's blocks with an empty line between them, none between items of a list."""
    text, before = "", None
    for block in page.blocks:
        piece = aligned(table_grid(block)) if block.kind is BlockKind.TABLE else _prose(block)
        if not piece:
            continue
        tight = before is BlockKind.LIST and block.kind is BlockKind.LIST
        text += ("\n" if tight else "\n\n") * bool(text) + piece
        before = block.kind
    return text


def aligned(grid: Grid) -> str:
    """The table's rows, every column as wide as its widest cell that spans no other."""
    widths = [
        max((shown_width(slot.text) for slot in column if slot and slot.columns == 1), default=0)
        for column in zip(*grid, strict=True)
    ]
    rows: list[str] = []
    for row in grid:
        line, start = "", 0
        for slot, width in zip(row, widths, strict=True):
            if slot and slot.text:
                # What spans several columns may need more room than they have.
                room = start - shown_width(line)
                line += " " * max(room, _GAP if line else 0) + slot.text
            start += width + _GAP
        rows.append(line)
    return "\n".join(rows)


def shown_width(text: str) -> int:
    """Columns that a fixed-width font takes for `text`: two for wide letters, none for marks."""
    return sum(
        0
        if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Cf")
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def _prose(block: Block) -> str:
    text = plain(paragraph_text(block))
    if block.kind is BlockKind.LIST:
        indent = "  " * min(8, max(0, block.level - 1))
        return "\n".join(indent + line for line in text.split("\n")) if text.strip() else ""
    return text if text.strip() else ""

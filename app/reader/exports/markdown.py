"""Markdown (CommonMark and GitHub's tables) in which text never becomes markup.

A page's running head and foot are left out: whoever writes on with the text would delete them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.reading import Block, BlockKind, Page
from app.reader.exports.form import Output, Pictures
from app.text.markup import markdown_paragraph, markdown_text, plain
from app.text.prose import paragraph_text
from app.text.tables import table_markdown

_BULLET = re.compile(
    r"[\u2022\u25e6\u25aa\u25ab\u25cf\u25cb\u25a0\u25a1\u2023\u2043\u2219\u00b7\u2013*+-]\s+(?=\S)"
)
_NUMBER = re.compile(r"([0-9]{1,9})([.)])\s+(?=\S)")
_FENCES = re.compile(r"`{3,}")
# A final # would be taken for the end of a heading.
_CLOSING = re.compile(r"(?<!\\)#$")
_DEEPEST = 6


def write(pages: Iterable[Page], target: Output, _pictures: Pictures | None) -> None:
    """Write UTF-8, a rule between pages."""
    for index, page in enumerate(pages):
        rule = "\n---\n\n" if index else ""
        text = page_markdown(page)
        target.write(f"{rule}{text}\n".encode() if text else rule.encode())


def page_markdown(page: Page) -> str:
    """The page's blocks, without a final line break."""
    pieces: list[str] = []
    items = _List()
    for block in page.blocks:
        if block.kind in (BlockKind.HEADER, BlockKind.FOOTER):
            continue
        if block.kind is BlockKind.LIST:
            piece, is_tight = items.item(block)
        else:
            items = _List()
            piece, is_tight = _piece(block), False
        if piece:
            pieces += ["\n" if is_tight else "\n\n"] * bool(pieces) + [piece]
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class _Level:
    """An open level of a list: how far its text is indented, and its last item's number."""

    inside: int
    number: int = -1
    mark: str = ""


class _List:
    """Items that follow each other, indented as far as the text of those they belong to."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []

    def item(self, block: Block) -> tuple[str, bool]:
        """The block as one item, and whether it may stand close below the one before."""
        text = plain(paragraph_text(block)).strip()
        if not text:
            return "", False
        depth = min(max(0, block.level - 1), len(self._levels), _DEEPEST)
        before = self._levels[depth] if depth < len(self._levels) else None
        is_tight = bool(self._levels)
        marker, number, mark = "- ", -1, ""
        if bullet := _BULLET.match(text):
            text = text[bullet.end() :]
        elif (found := _NUMBER.match(text)) and _may_count(before, found):
            marker, number, mark = f"{found[1]}{found[2]} ", int(found[1]), found[2]
            text = text[found.end() :]
            # A list that begins with another number than 1 needs an empty line before it.
            is_tight = before is not None and bool(before.mark)
        indent = self._levels[depth - 1].inside if depth else 0
        inside = indent + len(marker)
        self._levels[depth:] = [_Level(inside, number, mark)]
        return " " * indent + marker + markdown_paragraph(text, " " * inside), is_tight


def _may_count(before: _Level | None, found: re.Match[str]) -> bool:
    """Whether Markdown, which counts by itself, arrives at the number that was found."""
    if found[1] != str(int(found[1])):
        return False
    # Items without numbers end where one with a number comes.
    return (
        before is None
        or not before.mark
        or (before.number + 1, before.mark) == (int(found[1]), found[2])
    )


def _piece(block: Block) -> str:
    if block.kind is BlockKind.TABLE:
        return table_markdown(block)
    text = plain(paragraph_text(block))
    if not text.strip():
        return ""
    match block.kind:
        case BlockKind.HEADING:
            escaped = _CLOSING.sub(r"\\#", markdown_text(text))
            return f"{'#' * min(_DEEPEST, max(1, block.level))} {escaped}"
        case BlockKind.CODE | BlockKind.BARCODE:
            fence = "`" * max(3, 1 + max(map(len, _FENCES.findall(text)), default=0))
            return f"{fence}\n{text}\n{fence}"
        case BlockKind.CAPTION:
            return f"*{markdown_paragraph(text)}*"
        case _:
            return markdown_paragraph(text)

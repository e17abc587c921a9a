"""A page as it was turned for reading: what stands in a row there is a row of its text."""

from __future__ import annotations

from dataclasses import replace

from app.core.geometry import upright
from app.core.reading import Block, Page


def levelled(page: Page) -> Page:
    """The page with its boxes in the turned picture, for forms that do not show where they are."""
    if not page.turned:
        return page
    blocks = tuple(_block(block, page.turned) for block in page.blocks)
    return replace(page, blocks=blocks, turned=0.0)


def _block(block: Block, turned: float) -> Block:
    # A table's cells hold the very lines of the block.
    lines = {id(line): replace(line, box=upright(line.box, turned)) for line in block.lines}
    cells = tuple(
        replace(cell, lines=tuple(lines.get(id(line), line) for line in cell.lines))
        for cell in block.cells
    )
    return replace(block, lines=tuple(lines[id(line)] for line in block.lines), cells=cells)

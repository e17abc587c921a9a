"""A page as it was turned for reading: what stands in a row there is a row of its text."""

from __future__ import annotations

from dataclasses import replace

from app.core.geometry import upright
from app.core.reading import Page


def levelled(page: Page) -> Page:
    """The page with its boxes in the turned picture, for forms that do not show where they are."""
    if not page.turned:
        return page
    blocks = tuple(
        block.with_lines(
            tuple(replace(line, box=upright(line.box, page.turned)) for line in block.lines)
        )
        for block in page.blocks
    )
    return replace(page, blocks=blocks, turned=0.0)

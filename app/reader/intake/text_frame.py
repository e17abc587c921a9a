"""A page turned so that its text runs to the right, as it is put in order, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.core.geometry import Box
from app.core.reading import Line, Page


@dataclass(frozen=True, slots=True)
class TextFrame:
    """How a page of `width` × `height` pixels lies whose text ran `quarter` quarters clockwise."""

    width: int
    height: int
    quarter: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as it lies there."""
        turned = self.quarter % 2
        return (self.height, self.width) if turned else (self.width, self.height)

    @property
    def degrees(self) -> float:
        """By how much the page is turned, clockwise, above -180 and up to 180."""
        return (0.0, -90.0, 180.0, 90.0)[self.quarter]

    def line(self, line: Line) -> Line:
        """A line of the page as it is in the frame."""
        return line.with_boxes(self._there)

    def back(self, page: Page) -> Page:
        """A page of the frame, with boxes as they are on the unturned page."""
        if not self.quarter:
            return page
        blocks = tuple(
            block.with_lines(tuple(line.with_boxes(self._back) for line in block.lines))
            for block in page.blocks
        )
        return replace(
            page, width=self.width, height=self.height, blocks=blocks, turned=self.degrees
        )

    def _there(self, box: Box) -> Box:
        return _turned(box, -self.quarter % 4, self.width, self.height)

    def _back(self, box: Box) -> Box:
        return _turned(box, self.quarter, *self.size)


def _turned(box: Box, quarters: int, width: int, height: int) -> Box:
    """A box of a picture of this size in the picture turned by `quarters` clockwise."""
    if quarters == 1:
        return Box(height - box.bottom, box.left, height - box.top, box.right)
    if quarters == 2:
        return Box(width - box.right, height - box.bottom, width - box.left, height - box.top)
    if quarters == 3:
        return Box(box.top, width - box.right, box.bottom, width - box.left)
    return box

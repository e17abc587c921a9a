"""The text that a PDF page carries itself: its characters as words and lines in pixels."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2 as pdfium

from app.core.geometry import Box
from app.core.reading import Line, Word
from app.reader.intake.affine import Affine
from app.reader.intake.garbled import garbled
from app.reader.intake.glyphs import Glyph, glyphs
from app.reader.intake.mending import in_order, once, with_accents
from app.reader.intake.pages import Cancelled
from app.reader.intake.text_rows import Placed, gathered
from app.reader.intake.twins import twins

# Of a page most of whose characters are not to be believed, nothing is.
_MOSTLY = 0.5


class Layer:
    """A page's own words in PDFium's order, and the page objects (PDFium's) that draw them."""

    def __init__(self, rows: list[list[Placed]], objects: list[object]) -> None:
        self._rows = rows
        self.objects = objects

    def lines(self, is_seen: Callable[[Box], bool]) -> list[tuple[Line, int]]:
        """The lines, without words that `is_seen` says are hidden, and which way each runs.

        That is in quarters, clockwise.
        """
        lines: list[tuple[Line, int]] = []
        for row in self._rows:
            words = tuple(Word(one.text, one.box, 1.0) for one in row if is_seen(one.box))
            if words:
                text = " ".join(word.text for word in words)
                box = Box.union([word.box for word in words])
                lines.append((Line(text, box, 1.0, words), row[0].quarter))
        return lines


def read_layer(
    page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, way: Affine, cancelled: Cancelled
) -> Layer:
    """The words whose characters mean something. Raises WorkCancelledError."""
    owners: dict[int, object] = {}
    items = list(glyphs(textpage, way, owners, cancelled))
    wrong = garbled(items, owners)
    drawn = [item.owner for item in items if isinstance(item, Glyph)]
    if sum(owner in wrong for owner in drawn) > _MOSTLY * len(drawn):
        return Layer([], [])
    rows = gathered(with_accents(in_order(once(items))), wrong)
    good = [key for key in set(drawn) if key and key not in wrong]
    return Layer(rows, [*(owners[key] for key in good), *twins(page, owners, good)])

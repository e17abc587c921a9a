"""A picture that a document is drawn on, row by row, and the colours for it."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.training.synthetic import fonts
from app.training.synthetic.documents import SampleRow
from app.training.synthetic.words import Split

Colour = tuple[int, int, int]
PALE: tuple[Colour, ...] = (
    (255, 255, 255),
    (250, 250, 247),
    (244, 246, 249),
    (255, 252, 240),
    (238, 238, 238),
)
ACCENTS: tuple[Colour, ...] = (
    (0, 95, 184),
    (30, 110, 70),
    (120, 60, 150),
    (60, 60, 70),
    (190, 80, 20),
)


class Sheet:
    """A picture that grows downwards, row by row."""

    def __init__(
        self, chance: random.Random, split: Split, width: int, ground: Colour, *, mono: bool = False
    ) -> None:
        self.chance = chance
        self.split = split
        self.font: Path = fonts.pick(chance, split, mono=mono)
        self.size = chance.randint(15, 22)
        self.gap = (
            chance.uniform(1.45, 2.1) if split is Split.HELD_OUT else chance.uniform(1.4, 1.9)
        )
        self.margin = chance.randint(14, 40)
        self.width = width
        self.ground = ground
        self.ink: Colour = (25, 25, 28) if sum(ground) > 380 else (235, 235, 238)
        self.picture = Image.new("RGB", (width, 4000), ground)
        self.draw = ImageDraw.Draw(self.picture)
        self.y = float(self.margin)

    def letters(self, factor: float = 1.0) -> ImageFont.FreeTypeFont:
        """The sheet's font, `factor` times as large; never below 11 pixels."""
        return fonts.sized(self.font, max(11, round(self.size * factor)))

    def text(
        self,
        x: float,
        words: str,
        factor: float = 1.0,
        ink: Colour | None = None,
        *,
        anchor: str = "la",
    ) -> None:
        """Write `words` at `x` pixels, smaller where they would not fit."""
        font = self.letters(factor)
        room = self.width - 2 * self.margin
        while font.getlength(words) > room and font.size > 10:
            font = fonts.sized(self.font, int(font.size) - 1)
        self.draw.text((x, self.y), words, font=font, fill=ink or self.ink, anchor=anchor)

    def step(self, factor: float = 1.0) -> None:
        """Go down by so many rows."""
        self.y += self.size * self.gap * factor

    def finish(self, below: float = 0.5) -> Image.Image:
        """The picture down to the last row, with `below` of a margin under it."""
        height = int(self.y + self.margin * below)
        return self.picture.crop((0, 0, self.width, min(4000, max(height, 60))))

    def row(self, row: SampleRow, split_at: float) -> None:
        """One row in the common way: titles larger, pairs on both sides."""
        if row.style in {"title", "sign"}:
            self.text(self.margin, row.cells[0], 1.35)
            self.step(1.35)
            return
        if row.style == "center":
            self.text(self.width / 2, row.cells[0], anchor="ma")
        elif row.style == "pair" and len(row.cells) == 2:
            room = self.width * split_at - self.margin - 12
            left, right = (
                self.letters().getlength(row.cells[0]),
                self.letters().getlength(row.cells[1]),
            )
            if left <= room and right <= self.width * (1 - split_at) - self.margin:
                self.text(self.margin, row.cells[0])
                self.text(self.width * split_at, row.cells[1])
            else:
                self._packed(row.cells)
        else:
            self._packed(row.cells)
        self.step()

    def _packed(self, cells: tuple[str, ...]) -> None:
        size = self.size
        while (
            sum(fonts.sized(self.font, size).getlength(c) + 1.6 * size for c in cells)
            > self.width - 2 * self.margin
            and size > 10
        ):
            size -= 1
        x = float(self.margin)
        for cell in cells:
            self.draw.text((x, self.y), cell, font=fonts.sized(self.font, size), fill=self.ink)
            x += fonts.sized(self.font, size).getlength(cell) + 1.6 * size

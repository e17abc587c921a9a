"""A picture that is drawn together with the text that stands in it."""

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from app.training.synthetic import values
from app.training.synthetic.fonts import pick, sized
from app.training.synthetic.words import Split, Words

Rows = list[list[str]]
Colour = tuple[int, int, int]
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@dataclass(frozen=True)
class Sample:
    """A picture of one layout class, its text in reading order, and its tables' cells."""

    name: str
    layout: str
    picture: Image.Image
    text: str
    tables: tuple[Rows, ...] = ()


class Canvas:
    """Draws text at `scale` device pixels per pixel and keeps what was drawn, in order."""

    def __init__(
        self, chance: random.Random, size: tuple[int, int], scale: int, ground: Colour = WHITE
    ) -> None:
        self.chance = chance
        self.words = Words(chance, Split.HELD_OUT)
        self.width, self.height, self.scale = *size, scale
        self.picture = Image.new("RGB", (size[0] * scale, size[1] * scale), ground)
        self.face = pick(chance, chance.choice((Split.TRAINED, Split.HELD_OUT)))
        self._draw = ImageDraw.Draw(self.picture)
        self._said: list[str] = []
        self.tables: list[Rows] = []

    def font(self, size: float, face=None):
        return sized(face or self.face, round(size * self.scale))

    def length(self, text: str, size: float, face=None) -> float:
        """Width of the text in pixels at 1×."""
        return self.font(size, face).getlength(text) / self.scale

    def say(
        self, x: float, y: float, text: str, size: float, fill: Colour = BLACK, face=None, end=False
    ) -> None:
        """Draw one piece of text and add it to the truth; `end` sets x at its right end."""
        place = (x * self.scale, y * self.scale)
        self._draw.text(place, text, fill, self.font(size, face), anchor="ra" if end else "la")
        self._said.append(text)

    def box(self, box: tuple[float, float, float, float], fill=None, outline=None) -> None:
        self._draw.rectangle([side * self.scale for side in box], fill, outline, self.scale)

    def rule(self, x: float, y: float, to_x: float, to_y: float, fill: Colour) -> None:
        line = [side * self.scale for side in (x, y, to_x, to_y)]
        self._draw.line(line, fill, self.scale)

    def paragraph(
        self, x: float, y: float, width: float, bottom: float, size: float, fill: Colour = BLACK
    ) -> float:
        """Sentences set in lines of at most `width` down to `bottom`; where they end."""
        line = ""
        height = size * 1.45
        sentences = self.chance.randint(2, 5)
        for word in " ".join(sentence(self.words) for _ in range(sentences)).split():
            longer = f"{line} {word}".strip()
            if self.length(longer, size) <= width:
                line = longer
                continue
            if line and y + height <= bottom:
                self.say(x, y, line, size, fill)
                y += height
            line = word
        if y + height <= bottom and self.length(line, size) <= width:
            self.say(x, y, line, size, fill)
            y += height
        return y

    def sample(self, name: str, layout: str) -> Sample:
        return Sample(name, layout, self.picture, "\n".join(self._said), tuple(self.tables))


def sentence(words: Words) -> str:
    """A sentence with names, amounts, dates, addresses and codes in it."""
    chance = words.chance
    parts = [words.phrase(3, 8)]
    for _ in range(chance.randint(0, 2)):
        kind = chance.choice(("person", "money", "date", "email", "code", "quantity", "time"))
        parts += [values.KINDS[kind](words), words.phrase(2, 5)]
    text = " ".join(parts)
    if chance.random() < 0.4:
        text = f"{text}, {words.phrase(2, 6)}"
    return text[0].upper() + text[1:] + chance.choice("....?!")


def title(words: Words) -> str:
    """A few words, the first with a capital."""
    text = words.phrase(2, 4)
    return text[0].upper() + text[1:]

"""Pictures of coloured shapes, and what can be asked about them."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass

from PIL import Image, ImageDraw

from app.training.synthetic.documents import ABSENT, GREETING, SampleQuestion
from app.training.synthetic.phrases import say
from app.training.synthetic.words import Split

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (215, 35, 40),
    "green": (40, 160, 60),
    "blue": (35, 85, 215),
    "yellow": (245, 215, 40),
    "orange": (245, 140, 25),
    "purple": (130, 50, 170),
    "pink": (245, 130, 185),
    "black": (25, 25, 28),
}
SHAPES = ("circle", "square", "triangle", "star", "cross", "diamond")
MOST = 6
WHAT = "coloured shapes"


def plural(shape: str) -> str:
    """Several of a shape."""
    return f"{shape}es" if shape == "cross" else f"{shape}s"


@dataclass(frozen=True, slots=True)
class Placed:
    """One shape: centre and radius in pixels."""

    shape: str
    colour: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture of shapes and what is in it."""

    picture: Image.Image
    placed: tuple[Placed, ...]


def _corners(
    shape: str, x: float, y: float, radius: float, turn: float
) -> list[tuple[float, float]]:
    def around(angles: list[float], radii: list[float]) -> list[tuple[float, float]]:
        return [
            (x + r * math.cos(math.radians(a + turn)), y + r * math.sin(math.radians(a + turn)))
            for a, r in zip(angles, radii, strict=True)
        ]

    if shape == "square":
        return around([45, 135, 225, 315], [radius] * 4)
    if shape == "diamond":
        return around([0, 90, 180, 270], [radius * 0.68, radius, radius * 0.68, radius])
    if shape == "triangle":
        return around([-90, 30, 150], [radius] * 3)
    if shape == "star":
        return around([-90 + 36 * i for i in range(10)], [radius, radius * 0.42] * 5)
    arm = radius * 0.3
    plus = [(-arm, -radius), (arm, -radius), (arm, -arm), (radius, -arm), (radius, arm), (arm, arm),
            (arm, radius), (-arm, radius), (-arm, arm), (-radius, arm), (-radius, -arm),
            (-arm, -arm)]  # fmt: skip
    return [(x + dx, y + dy) for dx, dy in plus]


def _shade(chance: random.Random, colour: str) -> tuple[int, int, int]:
    red, green, blue = (max(0, min(255, v + chance.randint(-16, 16))) for v in COLOURS[colour])
    return red, green, blue


def scene(chance: random.Random, split: Split, most: int = MOST) -> Scene:
    """Between one and `most` shapes that do not touch, on a plain ground."""
    if split is Split.HELD_OUT:
        width, height = chance.choice(((640, 480), (500, 500), (800, 400), (420, 560)))
    else:
        width, height = chance.randint(300, 560), chance.randint(300, 560)
    light = chance.randint(225, 255)
    ground = tuple(max(0, min(255, light + chance.randint(-10, 10))) for _ in range(3))
    picture = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(picture)
    shapes, colours = list(SHAPES), list(COLOURS)
    if chance.random() < 0.5:
        # Few kinds, so that several of one kind and counts above one are common.
        shapes = chance.sample(shapes, chance.randint(1, 3))
    if chance.random() < 0.3:
        colours = chance.sample(colours, chance.randint(1, 3))
    placed: list[Placed] = []
    wanted = chance.randint(1, most)
    small = min(width, height)
    for _ in range(200):
        if len(placed) == wanted:
            break
        radius = small * chance.uniform(0.085, 0.22 if wanted < 4 else 0.16)
        x, y = chance.uniform(radius, width - radius), chance.uniform(radius, height - radius)
        if all(math.hypot(x - o.x, y - o.y) > 1.05 * (radius + o.radius) for o in placed):
            placed.append(Placed(chance.choice(shapes), chance.choice(colours), x, y, radius))
    for one in placed:
        fill = _shade(chance, one.colour)
        outline = (20, 20, 20) if chance.random() < 0.15 else None
        if one.shape == "circle":
            box = (one.x - one.radius, one.y - one.radius, one.x + one.radius, one.y + one.radius)
            draw.ellipse(box, fill=fill, outline=outline, width=2)
        else:
            turn = chance.uniform(-12, 12) if chance.random() < 0.5 else 0
            corners = _corners(one.shape, one.x, one.y, one.radius, turn)
            draw.polygon(corners, fill=fill, outline=outline)
    return Scene(picture, tuple(placed))


def questions(chance: random.Random, placed: tuple[Placed, ...]) -> list[SampleQuestion]:
    """One question of each kind that this scene allows."""
    shapes = Counter(one.shape for one in placed)
    colours = Counter(one.colour for one in placed)
    asked: list[SampleQuestion] = []

    def ask(kind: str, answer: str, *forms: str) -> None:
        asked.append(SampleQuestion(chance.choice(forms), answer, kind))

    single = [one for one in placed if shapes[one.shape] == 1]
    if single:
        one = chance.choice(single)
        name = one.shape
        ask("colour", one.colour, f"What colour is the {name}?", f"What color is the {name}?",
            f"Which colour does the {name} have?", f"what color is the {name}",
                f"colour of the {name}?")  # fmt: skip
    alone = [one for one in placed if colours[one.colour] == 1]
    if alone:
        one = chance.choice(alone)
        ask("shape", one.shape, f"Which shape is {one.colour}?", f"What shape is {one.colour}?",
            f"What is the {one.colour} shape?", f"which shape is {one.colour}")  # fmt: skip
    name = chance.choice(list(shapes)) if chance.random() < 0.85 else chance.choice(SHAPES)
    many = plural(name)
    ask("number", str(shapes[name]), f"How many {many} are there?",
        f"How many {many} are in the picture?",
        f"how many {many}", f"How many {many} do you see?", f"Count the {many}.")  # fmt: skip
    ask("number", str(len(placed)), "How many shapes are there?",
        "How many shapes are in the picture?",
        "how many shapes", "How many shapes do you see?", "Count the shapes.")  # fmt: skip
    missing = [shape for shape in SHAPES if not shapes[shape]]
    if missing:
        name = chance.choice(missing)
        ask("absent", ABSENT, f"What colour is the {name}?", f"What color is the {name}?",
            f"Which colour does the {name} have?")  # fmt: skip
    gone = [colour for colour in COLOURS if not colours[colour]]
    if gone:
        colour = chance.choice(gone)
        ask(
            "absent",
            ABSENT,
            f"Which shape is {colour}?",
            f"What shape is {colour}?",
            f"What is the {colour} shape?",
        )
    ask("absent", ABSENT, "What is the total?", "What does the sign say?", "Who is the customer?",
        "What is the phone number?", "What is the title?", "When is it due?",
        "What is the date?")  # fmt: skip
    what = WHAT.capitalize()
    ask("kind", what, say(chance, "ask_kind"))
    ask("open", what + ".", "Describe the picture.", "What is this?", "What do you see?",
        "What is in the picture?",
        "describe this", "What is shown here?", "What does the picture show?")  # fmt: skip
    if chance.random() < 0.1:
        ask("open", GREETING, "hi", "Hello", "Hi!")
    return asked

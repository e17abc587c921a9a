"""The layout classes: what each draws, from nothing but a seed."""

import random
from collections.abc import Callable

from app.training.synthetic import values
from app.training.synthetic.fonts import pick
from app.training.synthetic.words import Split
from tests.bench.reading.canvas import Canvas, Sample, title
from tests.bench.reading.programs import program
from tests.bench.reading.tables import RULED, draw_table
from tests.bench.reading.worn import worn

GREY, PALE = (90, 90, 90), (150, 150, 150)


def _prose(chance: random.Random, scale: int, columns: int) -> Canvas:
    """A heading across the page and `columns` columns of paragraphs."""
    canvas = Canvas(chance, (780 if columns == 1 else 1000, 520), scale)
    size = chance.randint(13, 18) if columns < 3 else chance.randint(12, 15)
    canvas.say(40, 24, title(canvas.words), size * 1.6)
    gutter = 2.4 * size
    width = (canvas.width - 80 - gutter * (columns - 1)) / columns
    for column in range(columns):
        x, y = 40 + column * (width + gutter), 30 + size * 2.6
        bottom = canvas.height - 30 - chance.choice((0, 0, 60))
        while y + size * 3 < bottom:
            y = canvas.paragraph(x, y, width, bottom, size) + size * 0.8
    return canvas


def _receipt(chance: random.Random, scale: int) -> Canvas:
    canvas = Canvas(chance, (360, 560), scale)
    if chance.random() < 0.5:
        canvas.face = pick(chance, Split.TRAINED, mono=True)
    words, size = canvas.words, chance.randint(12, 15)
    canvas.say(30, 20, words.company(), size * 1.3)
    canvas.say(30, 24 + size * 2, words.street(), size)
    canvas.say(30, 24 + size * 3.5, f"{values.date(words)} {values.time(words)}", size)
    money, total, y = values.money_format(chance), 0.0, 34 + size * 5.5
    for _ in range(chance.randint(6, 11)):
        amount = values.amount(chance) % 300 + 0.5
        total += amount
        canvas.say(30, y, f"{chance.randint(1, 5)} x {words.phrase(1, 2)}", size)
        canvas.say(330, y, money(amount), size, end=True)
        y += size * 1.7
    canvas.rule(30, y + 3, 330, y + 3, (60, 60, 60))
    canvas.say(30, y + 10, "TOTAL", size * 1.2)
    canvas.say(330, y + 10, money(total), size * 1.2, end=True)
    canvas.say(30, y + 20 + size * 2, f"Receipt {values.code(words)}", size)
    canvas.say(30, y + 20 + size * 3.6, f"Thank you, {words.name()}", size)
    return canvas


_FIELDS = ("person", "email", "phone", "date", "money", "code", "town", "website", "percentage")


def _form(chance: random.Random, scale: int) -> Canvas:
    """Labels with their values in boxes, beside or above them."""
    canvas = Canvas(chance, (680, 560), scale)
    words, size, above = canvas.words, chance.randint(12, 16), chance.random() < 0.4
    canvas.say(30, 20, title(words), size * 1.5)
    y = 30 + size * 2.5
    for kind in chance.sample(_FIELDS, 6 if above else 9):
        label = title(words) + chance.choice(("", ":"))
        canvas.say(30, y, label, size, GREY)
        x, top = (30, y + size * 1.5) if above else (320, y)
        canvas.box((x, top - 5, 650, top + size * 1.5), outline=PALE)
        canvas.say(x + 8, top, values.KINDS[kind](words), size)
        y = top + size * 2.4
    return canvas


_WINDOW_FIELDS = ("choice", "path", "email", "version", "quantity", "company", "file", "money")


def window(chance: random.Random, scale: int, size: tuple[int, int] = (960, 600)) -> Canvas:
    """A dark window: title, menu, sidebar, then settings and a paragraph."""
    ground, text, dim = (30, 31, 34), (220, 222, 226), (160, 163, 170)
    canvas = Canvas(chance, size, scale, ground)
    words, letter = canvas.words, chance.randint(12, 15)
    width, height = size
    canvas.box((0, 0, width, 34), fill=(45, 46, 51))
    canvas.say(14, 8, title(words), letter, text)
    x = 14.0
    for entry in ("File", "Edit", "View", "Tools", "Help"):
        canvas.say(x, 44, entry, letter, dim)
        x += canvas.length(entry, letter) + 26
    canvas.box((0, 74, 200, height), fill=(38, 39, 43))
    y = 96.0
    while y < height - 60:
        canvas.say(16, y, title(words)[:20].strip(), letter, dim)
        y += letter * 2.3
    canvas.say(240, 88, title(words), letter * 1.6, text)
    y = 100 + letter * 2.4
    while y < height * 0.62:
        canvas.say(240, y, title(words), letter, dim)
        kind = chance.choice(_WINDOW_FIELDS)
        canvas.say(520, y, values.KINDS[kind](words), letter, text)
        y += letter * 2.1
    y += letter * 2
    while y + letter * 3 < height - 30:
        y = canvas.paragraph(240, y, width - 290, height - 30, letter, text) + letter
    return canvas


def _code(chance: random.Random, scale: int) -> Canvas:
    dark = chance.random() < 0.5
    canvas = Canvas(chance, (760, 480), scale, (30, 30, 30) if dark else (255, 255, 255))
    canvas.face = pick(chance, Split.TRAINED, mono=True)
    size = chance.randint(12, 16)
    step = canvas.length("0", size)
    plain = (212, 212, 212) if dark else (30, 30, 30)
    for number, line in enumerate(program(canvas.words)):
        y = 16 + number * size * 1.5
        if y + size * 1.5 > canvas.height:
            break
        if text := line.lstrip():
            canvas.say(24 + step * (len(line) - len(text)), y, text, size, plain)
    return canvas


def _low_contrast(chance: random.Random, scale: int) -> Canvas:
    """Paragraphs each in a shade that is close to the ground, light or dark."""
    base = chance.choice((245, 255, 40, 25))
    canvas = Canvas(chance, (760, 420), scale, (base, base, base))
    size, y = chance.randint(13, 17), 26.0
    while y + size * 3 < canvas.height:
        shade = base + chance.randint(35, 75) * (1 if base < 128 else -1)
        y = canvas.paragraph(36, y, 680, canvas.height - 20, size, (shade, shade, shade)) + size
    return canvas


def _sizes(chance: random.Random, scale: int) -> Canvas:
    """Lines of 8 to 40 pixels, each with words and one value; always at 1×."""
    del scale
    canvas = Canvas(chance, (900, 660), 1)
    sizes = [8, 9, 10, 11, 12, 14, 16, 20, 24, 28, 32, 36, 40]
    chance.shuffle(sizes)
    y = 20.0
    for size in sizes:
        kind = chance.choice(("email", "money", "date", "code", "person"))
        text = f"{canvas.words.phrase(3, 9)} {values.KINDS[kind](canvas.words)}"
        while canvas.length(text, size) > 840:
            text = text.split(" ", 1)[1]
        canvas.say(30, y, text, size)
        y += size * 1.5 + 14
    return canvas


LAYOUTS: dict[str, Callable[[random.Random, int], Canvas]] = {
    "one-column": lambda chance, scale: _prose(chance, scale, 1),
    "two-columns": lambda chance, scale: _prose(chance, scale, 2),
    "three-columns": lambda chance, scale: _prose(chance, scale, 3),
    "receipt": _receipt,
    "form": _form,
    RULED: lambda chance, scale: draw_table(chance, scale, ruled=True),
    "table-plain": lambda chance, scale: draw_table(chance, scale, ruled=False),
    "dark-window": window,
    "code": _code,
    "low-contrast": _low_contrast,
    "sizes": _sizes,
    "camera": lambda chance, scale: (
        _prose(chance, scale, 1) if chance.random() < 0.5 else _receipt(chance, scale)
    ),
}


def make(layout: str, number: int, seed: int) -> Sample:
    """Sample `number` of a layout; the same arguments and fonts give the same pixels.

    Odd numbers are screenshots at 2×, those of "sizes" all at 1×, and a camera
    sees every page at 2×.
    """
    chance = random.Random(f"{seed} {layout} {number}")  # noqa: S311 - pictures, not secrets
    scale = 2 if layout == "camera" else 1 + number % 2
    sample = LAYOUTS[layout](chance, scale).sample(f"{layout}-{number}", layout)
    return worn(chance, sample) if layout == "camera" else sample


def screenshot(seed: int) -> Sample:
    """A window that fills a screen of 1920×1080: what the time is measured on."""
    chance = random.Random(f"{seed} screenshot")  # noqa: S311
    return window(chance, 1, (1920, 1080)).sample("screenshot", "dark-window")

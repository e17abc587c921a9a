"""Tables with and without rules."""

import random

from app.training.synthetic import values
from tests.bench.reading.canvas import Canvas, title

RULED = "table-ruled"
_COLUMNS = ("person", "town", "date", "money", "code", "quantity", "percentage", "company", "time")
_NUMBERS = ("money", "quantity", "percentage")


def draw_table(chance: random.Random, scale: int, *, ruled: bool) -> Canvas:
    """A caption, and a table under it with a header row; numbers stand at the right."""
    canvas = Canvas(chance, (900, 460), scale)
    words, size = canvas.words, chance.randint(12, 16)
    canvas.say(30, 18, title(words), size * 1.3)
    kinds = chance.sample(_COLUMNS, chance.randint(3, 5))
    rows = [[title(words).split()[0] for _ in kinds]]
    count = chance.randint(5, 10)
    rows += [[values.KINDS[kind](words) for kind in kinds] for _ in range(count)]
    gap = 2.2 * size
    widths = [max(canvas.length(row[at], size) for row in rows) + gap for at in range(len(kinds))]
    if sum(widths) > canvas.width - 60:
        return draw_table(chance, scale, ruled=ruled)
    height, top, right = size * 2.1, 30 + size * 2, 30 + sum(widths)
    for number, row in enumerate(rows):
        x, y = 30.0, top + number * height
        for at, (kind, text) in enumerate(zip(kinds, row, strict=True)):
            end = kind in _NUMBERS
            place = x + widths[at] - gap / 2 if end else x + gap / 2
            canvas.say(place, y + size * 0.4, text, size, end=end)
            x += widths[at]
    if ruled:
        bottom = top + len(rows) * height
        for number in range(len(rows) + 1):
            y = top + number * height
            canvas.rule(30, y, right, y, (120, 120, 120))
        for at in range(len(kinds) + 1):
            x = 30 + sum(widths[:at])
            canvas.rule(x, top, x, bottom, (120, 120, 120))
    canvas.tables.append(rows)
    return canvas

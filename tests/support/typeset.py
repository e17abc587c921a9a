"""Lines and columns of prose with the boxes that a reader finds on printed pages."""

from app.core.geometry import Box
from app.core.reading import Line, Word

# Letters 20 pixels high, rows 26 apart, spaces of 7 pixels; the boxes of lines are padded.
HEIGHT, PITCH, LETTER, SPACE, PADDING = 20, 26, 10, 7, 5
SENTENCE = (
    "the harbour lies to the north of the old town and may be entered by small boats at any hour "
    "of the day and of the night whatever the tide is as long as the wind does not blow from the "
    "east and the lamps upon the outer wall are lit which the keeper does before the sun goes down "
    "and again when fog comes in from the sea as it often will in the weeks before the winter and "
    "in those after it when nobody but the fishermen and their boys is out upon the water"
)
TEXT = SENTENCE.split()


def line(text, left, top, height=HEIGHT, space=SPACE):
    """A line with its words' boxes as the ink is, its own box a little larger."""
    words, x = [], left
    for word in text.split():
        wide = LETTER * len(word) * height / HEIGHT
        words.append(Word(word, Box(x, top, x + wide, top + height), 0.9))
        x += wide + space
    right = words[-1].box.right
    box = Box(left - PADDING, top - PADDING, right + PADDING, top + height + PADDING)
    return Line(text, box, 0.9, tuple(words))


def filled(words, widths):
    """Rows of these words, each as full as its width allows; what is left over."""
    rows, words = [], list(words)
    for width in widths:
        row = []
        while words and LETTER * sum(map(len, [*row, words[0]])) + SPACE * len(row) <= width:
            row.append(words.pop(0))
        rows.append(" ".join(row))
    return [row for row in rows if row], words


def column(left, top, width, count, words=TEXT, places=None):
    """Lines of a column, and their text; `places` gives where a row begins and how wide it is."""
    places = places or [(left, width)] * count
    rows, _ = filled(words, [wide for _, wide in places])
    return [
        line(row, x, top + PITCH * index)
        for index, (row, (x, _)) in enumerate(zip(rows, places, strict=False))
    ], rows

"""Pages drawn for the reader's tests."""

from PIL import Image, ImageDraw, ImageFont

HARBOUR = (
    "The harbour lies to the north of the town and may be entered by small boats at any hour "
    "of day and night, whatever the tide. Larger ships wait for the pilot outside, who comes on "
    "board near the second buoy and stays until the lines are fast."
)
VISITORS = (
    "Visitors pay at the office beside the lighthouse, where maps of the coast are sold as well. "
    "It opens at eight and closes at six in the evening, on Sundays at noon. Water and "
    "electricity are included in the price."
)


def font(size):
    return ImageFont.load_default(size)


class Sheet:
    """A picture to write on."""

    def __init__(self, width, height, ground="white", ink="black"):
        self.ink = ink
        self.picture = Image.new("RGB", (width, height), ground)
        self.draw = ImageDraw.Draw(self.picture)

    def write(self, x, y, size, text, right=None):
        """One line at `x`, or ending at `right`."""
        if right is not None:
            x = right - font(size).getlength(text)
        self.draw.text((x, y), text, self.ink, font(size))

    def prose(self, x, y, width, size, text, indent=0, pitch=1.4):
        """A paragraph broken where its column ends; returns where the next line would stand.

        From one line to the next are `pitch` sizes of its letters.
        """
        line, inset = "", indent
        for word in text.split():
            longer = f"{line} {word}".strip()
            if font(size).getlength(longer) > width - inset:
                self.write(x + inset, y, size, line)
                y, line, inset = y + round(pitch * size), word, 0
            else:
                line = longer
        self.write(x + inset, y, size, line)
        return y + round(pitch * size)

    def typed(self, x, y, size, text):
        """Lines in letters of one width: each in the middle of its place."""
        for row, line in enumerate(text.split("\n")):
            for column, letter in enumerate(line):
                place = (x + 0.6 * size * (column + 0.5), y + 1.4 * size * row + size)
                self.draw.text(place, letter, self.ink, font(size), anchor="ms")

    def rule(self, *corners, ink="grey"):
        self.draw.line(corners, ink, 1)

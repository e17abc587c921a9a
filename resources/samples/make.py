# ruff: noqa: INP001 (a script beside the pictures, not a package)
"""Draws the sample pictures: `python resources/samples/make.py`.

Needs Pillow and the DejaVu fonts (Debian: fonts-dejavu-core, fonts-dejavu-extra).
Shops, people, networks and numbers are made up.
"""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FOLDER = Path(__file__).resolve().parent
FONTS = Path("/usr/share/fonts/truetype/dejavu")

Point = tuple[float, float]


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A DejaVu face such as "Sans-Bold" at `size` pixels."""
    return ImageFont.truetype(FONTS / f"DejaVu{name}.ttf", size)


def shadowed(canvas: Image.Image, shape: Image.Image, offset: int, blur: int, depth: int) -> None:
    """A soft shadow of `shape` (an "L" mask of the canvas's size) on `canvas`."""
    shadow = Image.new("L", canvas.size)
    shadow.paste(shape.point(lambda value: value * depth // 255), (0, offset))
    canvas.paste((20, 24, 36), mask=shadow.filter(ImageFilter.GaussianBlur(blur)))


RECEIPT_ITEMS = (
    ("2 x Sourdough bread", "7.80"),
    ("1 x Olive oil 500 ml", "8.95"),
    ("6 x Free range eggs", "3.20"),
    ("1 x Ground coffee", "6.49"),
    ("3 x Lemons", "1.47"),
    ("1 x Dark chocolate", "2.59"),
)


def receipt() -> Image.Image:
    """A paper receipt on a table: items, sums, card, thanks."""
    size = width, height = 640, 1000
    left, right, top, bottom = 60, width - 60, 40, height - 46
    canvas = Image.new("RGB", size, (92, 108, 124))
    teeth = 26
    step = (right - left) / teeth
    edge = [
        (left + step * index / 2, bottom - (0 if index % 2 else 9))
        for index in range(teeth * 2 + 1)
    ]
    outline: list[Point] = [(left, top), (right, top), *reversed(edge)]
    paper = Image.new("L", size)
    ImageDraw.Draw(paper).polygon(outline, fill=255)
    shadowed(canvas, paper, 10, 14, 120)
    canvas.paste((252, 251, 246), mask=paper)

    draw = ImageDraw.Draw(canvas)
    ink, grey = (36, 36, 40), (96, 96, 102)
    inner_left, inner_right, middle = left + 40, right - 40, width // 2
    body, small = font("SansMono", 20), font("SansMono", 17)

    def centred(
        y: int, text: str, face: ImageFont.FreeTypeFont, fill: tuple[int, int, int]
    ) -> None:
        draw.text((middle, y), text, fill, face, anchor="ma")

    def pair(y: int, label: str, value: str, face: ImageFont.FreeTypeFont) -> None:
        draw.text((inner_left, y), label, ink, face)
        draw.text((inner_right, y), value, ink, face, anchor="ra")

    def rule(y: int) -> None:
        for x in range(inner_left, inner_right, 12):
            draw.line((x, y, x + 6, y), grey, 2)

    centred(84, "HARBOUR GROCERY", font("Sans-Bold", 32), ink)
    centred(134, "14 Quay Street, Port Elm", small, grey)
    centred(162, "Tel. 555 0142", small, grey)
    rule(206)
    pair(226, "2026-03-14  17:42", "No. 004817", small)
    rule(266)
    for index, (item, price) in enumerate(RECEIPT_ITEMS):
        pair(290 + 36 * index, item, price, body)
    rule(522)
    pair(544, "Subtotal", "30.50", body)
    pair(580, "Tax 7%", "2.14", body)
    pair(628, "TOTAL", "32.64", font("SansMono-Bold", 30))
    rule(690)
    pair(712, "VISA **** 4021", "32.64", body)
    pair(748, "Approval", "719305", body)
    rule(796)
    centred(822, "Thank you for your visit!", font("Sans", 21), ink)
    centred(860, "Open daily from 8 to 20", small, grey)
    return canvas


SETTINGS_PAGES = ("General", "Network", "Display", "Sound", "Printers", "Privacy", "About")
SETTINGS_ROWS = (
    ("Network name", "Lighthouse 5G"),
    ("Signal strength", "Excellent"),
    ("Link speed", "866 Mbit/s"),
    ("IP address", "192.168.4.27"),
    ("Router", "192.168.4.1"),
    ("DNS server", "9.9.9.9"),
)


def settings() -> Image.Image:
    """A settings window, as a screenshot shows it."""
    size = 1000, 680
    canvas = Image.new("RGB", size)
    sky = ImageDraw.Draw(canvas)
    for y in range(size[1]):
        part = y / size[1]
        sky.line(
            (0, y, size[0], y), (int(70 + 60 * part), int(104 + 46 * part), int(158 + 22 * part))
        )
    window = (50, 40, 950, 630)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rounded_rectangle(window, 12, fill=255)
    shadowed(canvas, mask, 12, 16, 140)
    face = Image.new("RGB", size, (255, 255, 255))
    draw = ImageDraw.Draw(face)
    left, top, right, bottom = window
    ink, grey, accent = (32, 33, 36), (98, 102, 110), (26, 95, 180)
    draw.rectangle((left, top, right, top + 46), fill=(235, 236, 239))
    draw.rectangle((left, top + 46, left + 220, bottom), fill=(246, 247, 249))
    draw.line((left, top + 46, right, top + 46), (214, 216, 220))
    draw.text(((left + right) / 2, top + 23), "Settings", ink, font("Sans-Bold", 15), anchor="mm")
    for x in (right - 26, right - 58, right - 90):
        draw.ellipse((x - 9, top + 14, x + 9, top + 32), fill=(218, 220, 224))
    for index, page in enumerate(SETTINGS_PAGES):
        y = top + 66 + 44 * index
        chosen = page == "Network"
        if chosen:
            draw.rounded_rectangle((left + 12, y, left + 208, y + 36), 7, fill=accent)
        draw.text(
            (left + 30, y + 18),
            page,
            (255, 255, 255) if chosen else ink,
            font("Sans", 15),
            anchor="lm",
        )

    x, end = left + 256, right - 36
    draw.text((x, top + 72), "Wireless network", ink, font("Sans-Bold", 22))
    draw.text((x, top + 110), "Connected and protected by WPA3", grey, font("Sans", 14))
    draw.rounded_rectangle((end - 50, top + 78, end, top + 104), 13, fill=accent)
    draw.ellipse((end - 25, top + 80, end - 3, top + 102), fill=(255, 255, 255))
    card = top + 146
    draw.rounded_rectangle((x, card, end, card + 6 * 48), 10, outline=(218, 220, 224))
    for index, (label, value) in enumerate(SETTINGS_ROWS):
        y = card + 48 * index
        if index:
            draw.line((x, y, end, y), (232, 234, 237))
        draw.text((x + 18, y + 24), label, ink, font("Sans", 15), anchor="lm")
        draw.text((end - 18, y + 24), value, grey, font("Sans", 15), anchor="rm")
    draw.text((x, bottom - 122), "Changes take effect at once.", grey, font("Sans", 13))
    for label, box, fill, colour in (
        ("Forget", (end - 250, bottom - 66, end - 134, bottom - 28), (240, 241, 243), ink),
        ("Disconnect", (end - 122, bottom - 66, end, bottom - 28), accent, (255, 255, 255)),
    ):
        draw.rounded_rectangle(box, 7, fill=fill)
        centre = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        draw.text(centre, label, colour, font("Sans", 15), anchor="mm")
    canvas.paste(face, mask=mask)
    return canvas


SHAPES = (
    ("circle", (226, 74, 68), (150, 160), 88),
    ("square", (52, 112, 206), (402, 150), 78),
    ("triangle", (62, 156, 92), (648, 164), 98),
    ("star", (244, 186, 46), (166, 420), 104),
    ("circle", (52, 112, 206), (404, 418), 80),
    ("hexagon", (132, 86, 188), (644, 420), 92),
)


def corners(kind: str, centre: Point, radius: float) -> list[Point]:
    """The outline of one shape; a circle is a polygon of many corners."""
    counts = {"circle": 120, "square": 4, "triangle": 3, "star": 10, "hexagon": 6}
    count = counts[kind]
    turn = math.pi / 4 if kind == "square" else 0.0
    points: list[Point] = []
    for index in range(count):
        reach = radius * (0.45 if kind == "star" and index % 2 else 1.0)
        reach *= math.sqrt(2) if kind == "square" else 1.0
        angle = turn - math.pi / 2 + 2 * math.pi * index / count
        points.append((centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle)))
    return points


def shapes() -> Image.Image:
    """Coloured shapes on cream paper, drawn four times as large for smooth edges."""
    scale, size = 4, (800, 580)
    large = size[0] * scale, size[1] * scale
    canvas = Image.new("RGB", large, (250, 246, 238))
    for kind, colour, centre, radius in SHAPES:
        mask = Image.new("L", large)
        outline = corners(kind, (centre[0] * scale, centre[1] * scale), radius * scale)
        ImageDraw.Draw(mask).polygon(outline, fill=255)
        shadowed(canvas, mask, 6 * scale, 6 * scale, 70)
        canvas.paste(colour, mask=mask)
    return canvas.resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    """Write all samples beside this script."""
    for make in (receipt, settings, shapes):
        make().save(FOLDER / f"{make.__name__}.png", optimize=True)


if __name__ == "__main__":
    main()

"""Documents as pictures: receipts, pages, windows, grids, boxes, signs and charts."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from app.training.synthetic import fonts
from app.training.synthetic.documents import SampleDocument
from app.training.synthetic.phrases import phrases
from app.training.synthetic.sheet import ACCENTS, PALE, Colour, Sheet
from app.training.synthetic.words import Split, Words


def _receipt(document: SampleDocument, chance: random.Random, split: Split) -> Image.Image:
    sheet = Sheet(
        chance, split, chance.randint(380, 520), chance.choice(PALE), mono=chance.random() < 0.6
    )
    for row in document.rows:
        if row.style == "title":
            sheet.text(sheet.width / 2, row.cells[0], 1.3, anchor="ma")
            sheet.step(1.3)
        elif row.style == "pair" and len(row.cells) == 2:
            font = sheet.letters()
            if (
                sum(font.getlength(cell) for cell in row.cells)
                < sheet.width - 2 * sheet.margin - 20
            ):
                sheet.text(sheet.margin, row.cells[0])
                sheet.text(sheet.width - sheet.margin, row.cells[1], anchor="ra")
                sheet.step()
            else:
                sheet.row(row, 0.6)
        else:
            sheet.row(row, 0.6)
        if chance.random() < 0.08:
            sheet.draw.line(
                (sheet.margin, sheet.y - 4, sheet.width - sheet.margin, sheet.y - 4), fill=sheet.ink
            )
    return sheet.finish()


def _form(document: SampleDocument, chance: random.Random, split: Split) -> Image.Image:
    sheet = Sheet(chance, split, chance.randint(620, 900), chance.choice(PALE))
    at = chance.uniform(0.35, 0.5)
    boxed = chance.random() < 0.6
    for row in document.rows:
        top = sheet.y
        sheet.row(row, at)
        if row.style == "title":
            sheet.draw.line(
                (sheet.margin, sheet.y - 5, sheet.width - sheet.margin, sheet.y - 5),
                fill=chance.choice(ACCENTS),
                width=3,
            )
            sheet.y += 8
        elif boxed and row.style == "pair":
            box = (
                sheet.width * at - 8,
                top - 6,
                sheet.width - sheet.margin,
                top + sheet.size * 1.35,
            )
            sheet.draw.rectangle(box, outline=(150, 150, 155))
    return sheet.finish()


def _settings(document: SampleDocument, chance: random.Random, split: Split) -> Image.Image:
    ground: Colour = chance.choice(
        ((243, 243, 243), (250, 250, 250), (236, 240, 245), (32, 32, 36), (45, 45, 48))
    )
    sheet = Sheet(chance, split, chance.randint(620, 960), ground)
    accent = chance.choice(ACCENTS)
    at = chance.uniform(0.5, 0.65)
    bar = sheet.size * 2
    dark = tuple(max(0, v - 16) for v in ground)
    sheet.draw.rectangle((0, 0, sheet.width, bar), fill=dark)
    for place in range(3):
        x = sheet.width - 20 - place * 30
        sheet.draw.ellipse((x - 5, bar / 2 - 5, x + 5, bar / 2 + 5), outline=sheet.ink)
    first = True
    for row in document.rows:
        if first and row.style == "title":
            sheet.y = bar / 2 - sheet.size / 2
            sheet.text(sheet.margin, row.cells[0])
            sheet.y = bar + sheet.margin / 2
            first = False
            continue
        top = sheet.y
        sheet.row(row, at)
        if row.style == "pair" and row.cells[1].lower() in {
            "on",
            "off",
            "enabled",
            "disabled",
            "yes",
            "no",
        }:
            on = row.cells[1].lower() in {"on", "enabled", "yes"}
            x = sheet.width - sheet.margin - 44
            sheet.draw.rounded_rectangle(
                (x, top, x + 40, top + 20), 10, fill=accent if on else (150, 150, 150)
            )
            knob = x + 22 if on else x + 2
            sheet.draw.ellipse((knob, top + 2, knob + 16, top + 18), fill=(255, 255, 255))
    sheet.draw.rectangle((0, 0, sheet.width - 1, int(sheet.y)), outline=(120, 120, 125))
    return sheet.finish(0.2)


def _table(document: SampleDocument, chance: random.Random, split: Split) -> Image.Image:
    sheet = Sheet(chance, split, chance.randint(640, 960), chance.choice(PALE))
    accent = chance.choice(ACCENTS)
    lined = chance.random() < 0.6
    count = 0
    for row in document.rows:
        if row.style not in {"head", "cells"}:
            sheet.row(row, 0.5)
            continue
        columns = len(row.cells)
        wide = (sheet.width - 2 * sheet.margin) / columns
        high = sheet.size * sheet.gap
        fill = accent if row.style == "head" else ((230, 234, 240) if count % 2 else sheet.ground)
        if row.style == "head" or not lined:
            sheet.draw.rectangle(
                (sheet.margin, sheet.y, sheet.width - sheet.margin, sheet.y + high), fill=fill
            )
        count += 1
        for column, cell in enumerate(row.cells):
            x = sheet.margin + column * wide
            font, size = sheet.letters(), sheet.size
            while font.getlength(cell) > wide - 14 and size > 9:
                size -= 1
                font = fonts.sized(sheet.font, size)
            ink = (255, 255, 255) if row.style == "head" else sheet.ink
            sheet.draw.text((x + 7, sheet.y + high / 2), cell, font=font, fill=ink, anchor="lm")
            if lined:
                sheet.draw.rectangle(
                    (x, sheet.y, x + wide, sheet.y + high), outline=(140, 140, 145)
                )
        sheet.y += high
    return sheet.finish()


def _error(document: SampleDocument, chance: random.Random, split: Split) -> Image.Image:
    sheet = Sheet(
        chance,
        split,
        chance.randint(480, 720),
        chance.choice(((240, 240, 240), (255, 255, 255), (250, 250, 252), (40, 40, 44))),
    )
    title, *rows = document.rows
    bar = sheet.size * 2
    colour = chance.choice(((255, 255, 255), (225, 228, 234), (60, 90, 150), (190, 50, 50)))
    sheet.draw.rectangle((0, 0, sheet.width, bar), fill=colour)
    sheet.y = bar / 2 - sheet.size / 2
    sheet.text(
        sheet.margin,
        title.cells[0],
        ink=(20, 20, 20) if min(colour) > 200 else (255, 255, 255),
    )
    sheet.y = bar + sheet.margin
    margin, icon = sheet.margin, sheet.size * 2
    colour = chance.choice(((205, 40, 40), (205, 40, 40), (235, 175, 30)))
    sheet.draw.ellipse((margin, sheet.y, margin + icon, sheet.y + icon), fill=colour)
    sheet.draw.text(
        (margin + icon / 2, sheet.y + icon / 2),
        chance.choice("X!×"),
        font=sheet.letters(1.2),
        fill=(255, 255, 255),
        anchor="mm",
    )
    sheet.margin = margin + icon + 18
    for row in rows[:-1]:
        sheet.row(row, 0.5)
    sheet.margin = margin
    last = rows[-1]
    if all(cell in phrases("error_button") for cell in last.cells):
        sheet.y += sheet.size
        x = float(sheet.width - margin)
        for cell in reversed(last.cells):
            sheet.draw.rounded_rectangle(
                (x - 96, sheet.y - 7, x, sheet.y + sheet.size + 9),
                5,
                outline=(130, 130, 135),
                fill=(225, 225, 228),
            )
            sheet.draw.text(
                (x - 48, sheet.y + sheet.size / 2),
                cell,
                font=sheet.letters(),
                fill=(20, 20, 20),
                anchor="mm",
            )
            x -= 110
        sheet.step()
    else:
        sheet.margin = margin + icon + 18
        sheet.row(last, 0.5)
        sheet.margin = margin
    sheet.y = max(sheet.y, bar + margin + icon)
    return sheet.finish(0.8)


def _sign(document: SampleDocument, chance: random.Random, split: Split) -> Image.Image:
    ground: Colour = chance.choice(
        ((200, 30, 35), (20, 90, 170), (20, 120, 60), (245, 205, 40), (255, 255, 255), (30, 30, 30))
    )
    sheet = Sheet(chance, split, chance.randint(480, 800), ground)
    sheet.size, sheet.gap, sheet.margin = chance.randint(38, 60), 1.5, 50
    sheet.y = 60
    for row in document.rows:
        sheet.text(sheet.width / 2, row.cells[0], anchor="ma")
        sheet.step()
    picture = sheet.finish()
    width, height = picture.size
    ImageDraw.Draw(picture).rounded_rectangle(
        (10, 10, width - 11, height - 11), 16, outline=sheet.ink, width=6
    )
    return picture


def chart(chance: random.Random, split: Split) -> tuple[Image.Image, list[str], str]:
    """A bar chart, the rows of its text, and its title."""
    words = Words(chance, split)
    sheet = Sheet(chance, split, chance.randint(480, 760), chance.choice(PALE))
    title = words.phrase(1, 3).capitalize()
    sheet.text(sheet.width / 2, title, 1.3, anchor="ma")
    sheet.step(1.6)
    names = [words.word().capitalize() for _ in range(chance.randint(3, 6))]
    high = chance.randint(180, 330)
    left, right, base = 60, sheet.width - 30, sheet.y + high
    sheet.draw.line((left, sheet.y, left, base), fill=sheet.ink, width=2)
    sheet.draw.line((left, base, right, base), fill=sheet.ink, width=2)
    wide = (right - left) / len(names)
    colour = chance.choice(ACCENTS)
    for place, name in enumerate(names):
        x = left + wide * (place + 0.5)
        top = base - high * chance.uniform(0.1, 0.95)
        sheet.draw.rectangle((x - wide * 0.32, top, x + wide * 0.32, base), fill=colour)
        font, size = sheet.letters(0.85), sheet.size
        while font.getlength(name) > wide - 8 and size > 10:
            size -= 1
            font = fonts.sized(sheet.font, size)
        sheet.draw.text((x, base + 8), name, font=font, fill=sheet.ink, anchor="ma")
    sheet.y = base + sheet.size * 2
    return sheet.finish(), [title, "  ".join(names)], title


_DRAWN: dict[str, Callable[[SampleDocument, random.Random, Split], Image.Image]] = {
    "receipt": _receipt,
    "form": _form,
    "settings": _settings,
    "table": _table,
    "error": _error,
    "sign": _sign,
}
KINDS = (*_DRAWN, "shapes", "chart")


def draw(document: SampleDocument, chance: random.Random, split: Split) -> Image.Image:
    """The document as a picture of some 400 to 1000 pixels' width."""
    return _DRAWN[document.kind](document, chance, split)

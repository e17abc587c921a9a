"""Letters that look alike: what a line's picture and its other letters tell about them."""

import numpy as np
import pytest
from drawing import font
from PIL import Image, ImageDraw

from app.reader.letters import narrowed, with_case, with_zeros
from app.reader.words import Character


def drawn(text, read, pixels=34, ground=(255, 255, 255), ink=(0, 0, 0)):
    """A line's picture of `text`, and the characters `read` at the places of its letters."""
    letters = font(pixels)
    width = round(letters.getlength(text)) + 20
    picture = Image.new("RGB", (width, 48), ground)
    ImageDraw.Draw(picture).text((10, 3), text, ink, letters)
    places = [
        10 + letters.getlength(text[:index]) + letters.getlength(letter) / 2
        for index, letter in enumerate(text)
    ]
    characters = [Character(letter, place, 1.0) for letter, place in zip(read, places, strict=True)]
    return np.asarray(picture), characters


def said(characters):
    return "".join(character.text for character in characters)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Send it to Clara Olsen", "send it to clara olsen"),
        ("the same sea, cold as ever", "the Same Sea, Cold as ever"),
        ("Vera Winter, Zadar 2031", "vera winter, zadar 2031"),
        ("Office hours", "Office hours"),
    ],
)
@pytest.mark.parametrize("dark", [False, True])
def test_a_words_first_letter_is_as_large_as_it_is_drawn(text, read, dark):
    colours = {"ground": (30, 31, 34), "ink": (200, 202, 206)} if dark else {}
    assert said(with_case(*drawn(text, read, **colours))) == text


@pytest.mark.parametrize("read", ["so", "So so", "x = 5", "OK", ""])
def test_a_line_that_shows_too_little_stays_as_it_was_read(read):
    assert said(with_case(*drawn(read, read))) == read


def test_a_hexadecimal_number_begins_with_a_zero():
    for read, meant in (
        ("error Ox8007 at Ox1F4C", "error 0x8007 at 0x1F4C"),
        ("Oxford, Oxbed and 0xad3", "Oxford, Oxbed and 0xad3"),
        ("O2, Ox and Oxygen", "O2, Ox and Oxygen"),
    ):
        characters = [Character(letter, 8.0 * index, 1.0) for index, letter in enumerate(read)]
        assert said(with_zeros(characters)) == meant


def test_wide_signs_are_plain_ones_except_among_chinese_letters():
    for read, meant in (
        ("Total \uffe5 365.06", "Total \u00a5 365.06"),
        ("Name\uff1a A\uff08b\uff09", "Name: A(b)"),
        ("\u5408\u8ba1\uff1a\uffe5365", "\u5408\u8ba1\uff1a\uffe5365"),
    ):
        characters = [Character(letter, 8.0 * index, 1.0) for index, letter in enumerate(read)]
        assert said(narrowed(characters)) == meant

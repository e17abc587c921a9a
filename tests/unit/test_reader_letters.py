"""Letters that look alike: what a line's picture and its other letters tell about them."""

import numpy as np
import pytest
from drawing import font
from PIL import Image, ImageDraw

from app.reader.ocr.glyph_fixes import narrowed, with_case, with_litres, with_zeros
from app.reader.ocr.words import Character


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
        # One capital and one tall letter, or capitals alone, tell enough.
        ("Bruno Olsen", "Bruno olsen"),
        ("872.5 Hz", "872.5 HZ"),
        ("Rs 163,20", "RS 163,20"),
        ("SYHsU-2138 xoB", "SYHSU-2138 XOB"),
    ],
)
@pytest.mark.parametrize("dark", [False, True])
def test_a_letter_is_as_large_as_it_is_drawn(text, read, dark):
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
        ("12\u2103 or 54\u00b0\u2109", "12\u00b0C or 54\u00b0F"),
        ("12\u00b0C", "12\u00b0C"),
        ("\u6c14\u6e2912\u2103", "\u6c14\u6e2912\u2103"),
    ):
        characters = [Character(letter, 8.0 * index, 1.0) for index, letter in enumerate(read)]
        assert said(narrowed(characters)) == meant


def test_a_number_ends_in_litres_where_its_last_sign_is_higher_than_digits():
    for text, read in (("825l", "8251"), ("10.5 l", "10.5 1"), ("8251", "8251"), ("7l", "71")):
        # A line of one digit does not tell how high digits are.
        meant = "71" if text == "7l" else text
        assert said(with_litres(*drawn(text, read))) == meant


def test_a_line_without_ink_stays_as_it_was_read():
    _, characters = drawn("8251", "8251")
    blank = np.full((48, 120, 3), 255, np.uint8)
    assert said(with_litres(blank, with_case(blank, characters))) == "8251"

"""Spaces that the network sees inside words, and those that are real."""

import numpy as np
import pytest
from drawing import font
from PIL import Image, ImageDraw

from app.reader.ocr.spacing import with_missed_spaces, with_unit_spaces, without_false_spaces
from app.reader.ocr.words import Character

USUAL, NARROW = 12, 6


def drawn(text):
    """A line's picture and its characters; "|" is a narrow gap, "~" one that was not seen."""
    letters = font(30)
    picture = Image.new("RGB", (1600, 48), "white")
    pen = ImageDraw.Draw(picture)
    x, characters = 10.0, []
    for letter in text:
        if letter == "~":
            x += USUAL
        elif letter in "| ":
            x += NARROW if letter == "|" else USUAL
            characters.append(Character(" ", x, 0.9))
        else:
            pen.text((x, 4), letter, "black", letters)
            width = letters.getlength(letter)
            characters.append(Character(letter, x + width / 2, 1.0))
            x += width
    return np.asarray(picture), characters


def said(text, mend=without_false_spaces):
    return "".join(character.text for character in mend(*drawn(text)))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("annual speat cobalt trans|fer order", "annual speat cobalt transfer order"),
        ("the target lis|t? Module order", "the target list? Module order"),
        ("Coun|try and town of the patient", "Country and town of the patient"),
    ],
)
def test_a_word_that_was_parted_is_whole(text, meant):
    assert said(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "annual speat cobalt trans fer order",  # as wide as the others
        "only a|part of what is set|up here",  # words by themselves
        "from no|where to some|one in here",
        "mon tru|st est dans notre village blanc",  # not English
        "annual speat cobalt TRANS|FER order",  # codes and names
        "write to trans|fer@example.org about it",
        "lis|t of",  # too little to tell
        "",
    ],
)
def test_what_may_be_two_words_stays_two(text):
    assert said(text) == text.replace("|", " ")


@pytest.mark.parametrize(
    "text", ["6~%", "paid 24~EUR on 3 May", "No.~01298", "12.50~kg, 8kg", "£~31.17"]
)
def test_a_number_stands_apart_from_its_unit_as_it_is_drawn(text):
    assert said(text, with_unit_spaces) == text.replace("~", " ")


@pytest.mark.parametrize(
    "text",
    ["6%", "24EUR", "£31.17", "No.01298", "1st 2nd", "v.2~beta", "12~500", "a.1@b.com", "0x1~F4"],
)
def test_what_is_not_drawn_apart_or_is_no_unit_stays_together(text):
    assert said(text, with_unit_spaces) == text.replace("~", "")


@pytest.mark.parametrize(
    "text",
    [
        "I~accept the terms",
        "I~am a member",
        "THE~POWER OF~STORYTELLING",
        "How~to fill in a form",
        "open from~eight to six, at~noon on days of rest",
    ],
)
def test_spaces_between_english_words_are_found_where_the_network_saw_none(text):
    assert said(text, with_missed_spaces) == text.replace("~", " ")


@pytest.mark.parametrize(
    "text",
    [
        # Nothing wider stands between the two parts than elsewhere in the word.
        "the Newcastle and the Westgate harbour",
        "the whole codetext of the openstax form",
        # Words, names, code, and too little else to tell.
        "nobody in the foreground may be seen",
        "the~Power~Point and the i~Phone are here",
        "open~file(from~path) of the form",
        "mon~dieu est dans notre village blanc",
        "harbour~office",
    ],
)
def test_words_that_are_one_stay_so(text):
    assert said(text, with_missed_spaces) == text.replace("~", "")

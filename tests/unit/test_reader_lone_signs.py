"""Chinese signs on pages of other letters: which are written there and which are drawings."""

import pytest

from app.core.geometry import Box
from app.core.reading import Line, Word
from app.reader.ocr.letters.lone_signs import without_false_signs

PROSE = (("Registration form", 0.99), ("Please write clearly", 0.98), ("Name and street", 0.99))


def line(text, confidence):
    box = Box(0, 0, 10, 10)
    words = tuple(Word(word, box, confidence) for word in text.split())
    return Line(text, box, confidence, words)


def left(*rows):
    """What is left of lines, each (text, confidence)."""
    return [one.text for one in without_false_signs([line(*row) for row in rows])]


@pytest.mark.parametrize("sign", [("王", 1.0), ("口口口", 0.97), ("車", 0.86), ("孔6", 0.86)])
def test_grids_icons_and_handwriting_are_no_signs_of_a_latin_page(sign):
    assert left(*PROSE, sign) == [text for text, _ in PROSE]


def test_a_dash_is_one_and_a_box_to_tick_is_no_sign():
    rows = ("PANTRY一424", 0.88), ("口 I accept the terms", 0.97), ("Bath 一 7", 0.9)
    assert left(*PROSE, *rows)[3:] == ["PANTRY—424", "I accept the terms", "Bath — 7"]


@pytest.mark.parametrize(
    "rows",
    [
        [*PROSE, ("中文", 0.99), ("一", 0.99)],
        [*PROSE, ("上田", 0.99)],
        [*PROSE, ("東", 0.99)],
        [("东京 2031", 0.98), ("年", 0.9), ("口", 0.9), *PROSE],
        # Too little else to be a page of other letters: a card to learn from.
        [("日", 0.99), ("sun, day", 0.99)],
        [("王", 0.9)],
    ],
)
def test_what_is_written_stays(rows):
    assert left(*rows) == [text for text, _ in rows]

"""Columns with what real pages have: narrow gutters, captions between them, text beside them.

Each page is made after one that was read wrong: only where the words stand is taken from it.
"""

import random
import re
from dataclasses import replace

import pytest
from typeset import PITCH, TEXT, column, line

from app.core.geometry import Box
from app.core.reading import BlockKind, Line, Word
from app.reader.layout.columns import ordered
from app.reader.layout.initials import with_initials
from app.reader.layout.leaders import with_leaders
from app.reader.layout.structure import structured
from app.text.prose import paragraph_text


def read(*lines):
    """The texts in reading order, which does not depend on the order of finding."""
    shuffled = list(lines)
    random.Random(2).shuffle(shuffled)  # noqa: S311 - no secret
    return [line.text for block in ordered(shuffled) for line in block.lines]


@pytest.mark.parametrize("gutter", [14, 18, 30])
def test_columns_with_a_gutter_narrower_than_a_line_is_high(gutter):
    left, first = column(50, 100, 330, 9)
    right, second = column(380 + gutter, 100, 330, 9, TEXT[40:])
    assert read(*left, *right) == [*first, *second]


def test_rows_that_were_seen_as_one_line_across_the_gutter_are_cut_there():
    left, first = column(50, 100, 330, 9)
    right, second = column(404, 100, 330, 9, TEXT[40:])
    joined = Line(
        f"{left[2].text} {right[2].text}",
        Box.union((left[2].box, right[2].box)),
        0.9,
        (*left[2].words, *right[2].words),
    )
    lines = [*left[:2], *left[3:], *right[:2], *right[3:], joined]
    assert read(*lines) == [*first, *second]


def test_spaces_of_a_typewriter_above_each_other_are_no_gutter():
    rows = ["aan het water waarin", "ook het zout en meel", "tot het gaar is door"] * 3
    wide = [line(row, 50, 100 + PITCH * index, space=16) for index, row in enumerate(rows)]
    assert read(*wide) == rows


def test_columns_run_around_a_picture_and_its_caption():
    wide, narrow = 380, 230
    left_places = [(50, wide)] * 5 + [(50, narrow)] * 10 + [(50, wide)] * 5
    right_places = [(450, wide)] * 5 + [(600, narrow)] * 10 + [(450, wide)] * 5
    left, first = column(50, 100, wide, 20, TEXT * 2, left_places)
    right, second = column(450, 100, wide, 20, TEXT[30:] + TEXT, right_places)
    caption = [line("The wall", 390, 400), line("in winter", 386, 400 + PITCH)]
    assert read(*left, *right, *caption) == [*first, *second, "The wall", "in winter"]


def test_a_headline_below_columns_is_not_cut_by_their_gutter():
    left, first = column(50, 100, 330, 9)
    right, second = column(404, 100, 330, 9, TEXT[40:])
    headline = line("Harbour Lights", 190, 370, 44, space=36)
    assert headline.words[0].box.right < 404 < headline.words[1].box.right
    assert read(*left, *right, headline) == [*first, *second, "Harbour Lights"]


def test_the_senders_address_comes_before_the_letter_below_the_others():
    receiver = ["Ms", "Pia Keller", "Market Lane 28", "9400 Rorschach"]
    sender = ["Robert Keller Ltd", "Lake Road 1268", "2501 Biel", "Telephone 059 987"]
    letter = ["Dear Ms Keller", "We bill you for what was done in your garden as follows"]
    lines = [
        *(line(text, 50, 100 + PITCH * index) for index, text in enumerate(receiver)),
        *(line(text, 560, 216 + PITCH * index) for index, text in enumerate(sender)),
        *(line(text, 50, 400 + 2 * PITCH * index) for index, text in enumerate(letter)),
    ]
    assert read(*lines) == [*receiver, *sender, *letter]


def test_running_heads_stay_rows_above_and_below_columns():
    left, first = column(50, 160, 330, 9)
    right, second = column(404, 160, 330, 9, TEXT[40:])
    head = [line("Advocacy in Action", 50, 80), line("447", 690, 80)]
    foot = [line("Page Four", 50, 480), line("The Observer", 600, 480)]
    assert read(*left, *right, *head, *foot) == [
        *("Advocacy in Action", "447"),
        *first,
        *second,
        *("Page Four", "The Observer"),
    ]


def test_notes_in_the_margin_are_no_cells_of_the_text_beside_them():
    notes = [f"Note {number}" for number in range(7)]
    margin = [line(text, 50, 107 + 30 * index) for index, text in enumerate(notes)]
    text, rows = column(230, 100, 420, 9)
    assert read(*margin, *text) == [*notes, *rows]


def test_rows_of_a_price_list_stay_rows():
    names = ["Bread and butter", "Olive oil", "Eggs", "Apples", "Potatoes", "Coffee"]
    prices = ["7.80", "8.95", "3.20", "2.10", "1.75", "9.40"]
    lines = [
        *(line(text, 50, 100 + PITCH * index) for index, text in enumerate(names)),
        *(line(text, 400, 101 + PITCH * index) for index, text in enumerate(prices)),
    ]
    expected = [text for pair in zip(names, prices, strict=True) for text in pair]
    assert read(*lines) == expected


def test_an_initial_begins_the_first_word_beside_it():
    rows = [line("HE MOPED. She", 110, 100), line("wandered around", 114, 126)]
    initial = Line("S:", Box(50, 95, 106, 150), 0.8, (Word("S:", Box(52, 98, 104, 148), 0.8),))
    found = with_initials([*rows, initial])
    assert [one.text for one in found] == ["SHE MOPED. She", "wandered around"]
    assert found[0].words[0].text == "SHE"
    assert found[0].words[0].box.left == 50
    assert len(found[0].words) == 3


def test_a_large_letter_with_nothing_beside_it_stays():
    letter = Line("S", Box(50, 95, 106, 150), 0.8, (Word("S", Box(52, 98, 104, 148), 0.8),))
    below = [line("wandered around", 114, 226), line("wandered around", 114, 252)]
    assert len(with_initials([letter, *below])) == 3


def test_headings_that_stand_apart_above_two_columns_belong_to_those():
    left, first = column(50, 180, 330, 4)
    right, second = column(440, 200, 330, 4, TEXT[40:])
    headings = line("Euler's identity", 50, 100, 22), line("The theorem of calculus", 440, 100, 22)
    lower, third = column(50, 360, 330, 4, TEXT[20:])
    other, fourth = column(440, 380, 330, 4, TEXT[30:])
    assert read(*headings, *left, *right, *lower, *other) == [
        headings[0].text,
        *first,
        *third,
        headings[1].text,
        *second,
        *fourth,
    ]


def test_an_initial_that_is_one_word_with_the_rest_makes_no_large_row():
    rows, texts = column(86, 126, 330, 2, TEXT[10:])
    first = line("Over the past three decades", 86, 100)
    tall = replace(first.words[0], box=Box(50, 96, 126, 178))
    joined = replace(first, box=Box(45, 91, first.box.right, 183), words=(tall, *first.words[1:]))
    below, more = column(50, 100 + 3 * PITCH, 366, 4, TEXT[20:])
    found = structured([joined, *rows, *below], 500, 400).blocks
    assert [line.text for block in found for line in block.lines] == [first.text, *texts, *more]
    assert {block.kind for block in found} == {BlockKind.TEXT}


def test_a_formula_in_the_middle_of_a_sentence_makes_no_heading():
    rows, texts = column(50, 100, 400, 6)
    formula = line("s(0) is the place of the car in feet", 50, 100 + 6 * PITCH - 4, 26)
    below, more = column(50, 100 + 7 * PITCH, 400, 3, TEXT[30:])
    found = structured([*rows, formula, *below], 500, 400).blocks
    assert [block.kind for block in found] == [BlockKind.TEXT]
    assert [line.text for line in found[0].lines] == [*texts, formula.text, *more]


def contents(dot_by_dot):
    """Titles, leaders and page numbers as programs set them; and the titles."""
    titles = [" ".join(TEXT[3 * at : 3 * at + 3 + at % 3]) for at in range(8)]
    lines = []
    for row, title in enumerate(titles):
        top = 100 + PITCH * row
        start = line(title, 50, top)
        xs = range(round(start.box.right) + 20, 680, 16)
        if dot_by_dot:
            lines += [line(".", x, top + 16, 3) for x in xs]
        else:
            start = line(title + " ." * len(xs), 50, top)
        lines += [start, line(str(10 + row), 760, top)]
    return lines, titles


@pytest.mark.parametrize("dot_by_dot", [True, False])
def test_a_page_number_stands_in_the_row_of_its_title_behind_the_leader(dot_by_dot):
    lines, titles = contents(dot_by_dot)
    random.Random(3).shuffle(lines)  # noqa: S311 - no secret
    text = "\n".join(paragraph_text(block) for block in structured(lines, 900, 500).blocks)
    entries = [re.sub(r"[. ]{5,}", " ..... ", row) for row in text.splitlines()]
    assert entries == [f"{title} ..... {10 + row}" for row, title in enumerate(titles)]


def test_three_dots_are_no_leader():
    left, right = line("and so on . . .", 50, 100), line("12", 760, 100)
    assert with_leaders([left, right]) == [left, right]

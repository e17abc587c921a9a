"""Reading order of lines that were found: rows, columns, blocks."""

import random

import numpy as np
import pytest

from app.core.geometry import Box
from app.core.reading import Line, Page, Reading, Word
from app.reader.layout.columns import ordered
from app.reader.layout.structure import structured

HEIGHT = 20


def piece(text, left, top, height=HEIGHT):
    return Line(text, Box(left, top, left + 0.5 * height * len(text), top + height), 0.9)


def rows(*pieces):
    """The rows in reading order, which must not depend on the order of finding."""
    shuffled = list(pieces)
    random.Random(1).shuffle(shuffled)  # noqa: S311 - no secret
    return reading(shuffled).rows()


def reading(pieces):
    return Reading((Page(2000, 2000, ordered(pieces)),))


def column(left, top, pitch, *texts, height=HEIGHT):
    return [piece(text, left, top + pitch * index, height) for index, text in enumerate(texts)]


PROSE = (
    "The harbour lies to the north of",
    "the town and may be entered by",
    "small boats at any hour of day",
    "and night, whatever the tide.",
)


def test_label_and_value_far_apart_are_one_row():
    labels = column(40, 100, 36, "Bread", "Olive oil", "Eggs", "Total")
    values = column(900, 102, 36, "7.80", "8.95", "3.20", "19.95")
    assert rows(*labels, *values) == (
        "Bread  7.80",
        "Olive oil  8.95",
        "Eggs  3.20",
        "Total  19.95",
    )


def test_tables_with_holes_and_uneven_cells_are_read_row_by_row():
    table = [
        *column(40, 100, 30, "January", "February", "March", "April"),
        *column(400, 98, 60, "1", "3"),
        *column(700, 103, 30, "Winter", "Winter", "Spring", "Spring"),
    ]
    assert rows(*table) == (
        "January  1  Winter",
        "February  Winter",
        "March  3  Spring",
        "April  Spring",
    )


def test_columns_of_prose_are_read_one_after_the_other_below_their_heading():
    heading = piece("A heading over both columns of the page", 300, 20, 30)
    left, right = column(40, 100, 28, *PROSE), column(500, 100, 28, *reversed(PROSE))
    footer = piece("A line below both columns, as wide as the page itself is", 150, 300)
    assert rows(heading, *left, *right, footer) == (
        heading.text,
        *PROSE,
        *reversed(PROSE),
        footer.text,
    )


def test_a_sidebar_comes_before_the_page_that_it_does_not_line_up_with():
    sidebar = column(20, 60, 44, "General", "Network", "Display", "Sound", "Privacy")
    labels = column(300, 70, 51, "Name", "Address", "Router", "Speed")
    values = column(800, 71, 51, "Home", "10.0.0.2", "10.0.0.1", "1 Gbit/s")
    assert rows(*sidebar, *labels, *values) == (
        *("General", "Network", "Display", "Sound", "Privacy"),
        *("Name  Home", "Address  10.0.0.2", "Router  10.0.0.1", "Speed  1 Gbit/s"),
    )


def test_a_long_sidebar_that_meets_the_page_now_and_then_still_comes_first():
    """A window that fills the screen: the two are in step, out of it, and in step again."""
    entries = [f"Folder {index}" for index in range(34)]
    labels = [f"Setting {index}" for index in range(37)]
    values = [f"Value {index}" for index in range(37)]
    found = rows(
        *column(20, 60, 27.6, *entries, height=24),
        *column(300, 60, 25.2, *labels, height=24),
        *column(800, 63, 25.2, *values, height=24),
    )
    settings = [f"{label}  {value}" for label, value in zip(labels, values, strict=True)]
    assert found == (*entries, *settings)


def test_a_long_table_with_cells_of_two_lines_is_read_row_by_row():
    names = column(40, 100, 30, *(f"Article {index}" for index in range(24)))
    # The price of every sixth article stands between two lines.
    prices = [
        piece(f"{index}.50", 700, 100 + 30 * index + (15 if index % 6 == 0 else 0))
        for index in range(24)
    ]
    assert {"Article 1  1.50", "Article 23  23.50"} <= set(rows(*names, *prices))


def test_a_menu_bar_stays_whole_above_columns():
    texts = ("File", "Edit", "View", "Help")
    menu = [piece(text, 20 + 130 * index, 5) for index, text in enumerate(texts)]
    sidebar = column(20, 60, 44, "Inbox", "Drafts", "Sent", "Trash")
    page = column(260, 53, 28, *PROSE)
    assert rows(*menu, *sidebar, *page) == (
        "File  Edit  View  Help",
        *("Inbox", "Drafts", "Sent", "Trash"),
        *PROSE,
    )


def test_a_line_at_a_slant_keeps_its_pieces_together():
    assert rows(
        piece("a slanted", 10, 100), piece("line of", 150, 106), piece("text", 300, 112)
    ) == ("a slanted  line of  text",)


def test_blocks_part_where_the_gap_is_unusually_large():
    paragraphs = [
        *column(40, 100, 26, *PROSE),
        *column(40, 250, 26, *PROSE),
    ]
    text = "\n".join(PROSE)
    assert reading(paragraphs).text == f"{text}\n\n{text}"


def test_widely_spaced_rows_are_one_block():
    pairs = [
        *column(40, 100, 48, "Name", "Address", "Router"),
        *column(600, 100, 48, "a", "b", "c"),
    ]
    assert len(ordered(pairs)) == 1


def test_no_line_is_lost_or_told_twice_whatever_the_page():
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(60):
        pieces = [
            piece(f"{index}", chance.uniform(0, 900), chance.uniform(0, 600), chance.uniform(8, 40))
            for index in range(chance.randrange(40))
        ]
        told = [line.text for block in ordered(pieces) for line in block.lines]
        assert sorted(told) == sorted(line.text for line in pieces)


def test_no_word_is_lost_or_told_twice_whatever_the_page_and_its_rules():
    chance = random.Random(9)  # noqa: S311 - no secret
    for number in range(60):
        picture = np.full((700, 1000, 3), 255, np.uint8)
        for _ in range(chance.randrange(30)):
            x, y = chance.randrange(0, 900, 60), chance.randrange(0, 600, 40)
            if chance.random() < 0.5:
                picture[y, x : x + chance.randrange(50, 900)] = 0
            else:
                picture[y : y + chance.randrange(50, 600), x] = 0
        lines = []
        for index in range(chance.randrange(60)):
            x, y, words = chance.randrange(0, 900, 45), chance.randrange(0, 640, 20), []
            marks = ["•", "1.", "-", "Table", "{", "$", "8.95", "word", ""]
            for text in (chance.choice(marks), f"{number}.{index}.a", f"{number}.{index}.b"):
                if text:
                    box = Box(x, y + 3, x + 9 * len(text), y + 15)
                    words.append(Word(text, box, 0.9))
                    x = box.right + chance.choice((9, 9, 60))
            text = " ".join(word.text for word in words)
            lines.append(Line(text, Box(words[0].box.left, y, x, y + 20), 0.9, tuple(words)))
        image = chance.choice((picture, None))
        page = structured(lines, 1000, 700, image)
        told = [word.text for block in page.blocks for line in block.lines for word in line.words]
        assert sorted(told) == sorted(word.text for line in lines for word in line.words)
        for block in page.blocks:
            held = [line for cell in block.cells for line in cell.lines]
            assert all(one is other for one, other in zip(held, block.lines, strict=False))
            assert len(held) == (len(block.lines) if block.cells else 0)
            places = [
                (row, column)
                for cell in block.cells
                for row in range(cell.row, cell.row + cell.rows)
                for column in range(cell.column, cell.column + cell.columns)
            ]
            assert len(places) == len(set(places))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(("count", "across"), [(300, 2), (200, 3), (120, 8)])
def test_long_tables_take_no_time(count, across):
    table = [
        piece("cell", 200 * column, 25 * row) for row in range(count) for column in range(across)
    ]
    assert reading(table).rows() == ("  ".join(["cell"] * across),) * count

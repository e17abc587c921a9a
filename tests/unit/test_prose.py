"""Lines of a block as the text that somebody pastes."""

from math import cos, radians, sin

import pytest

from app.core.geometry import Box, upright
from app.core.reading import Block, BlockKind, Line, Page, Reading
from app.text.prose import joined, paragraph_text


def block(*texts, kind=BlockKind.TEXT, letter=10.0):
    lines = [
        Line(text, Box(20, 30 * row, 20 + letter * len(text), 30 * row + 24), 0.9)
        for row, text in enumerate(texts)
    ]
    return Block(tuple(lines), kind)


def test_a_paragraph_is_one_line_and_parted_words_are_whole():
    text = paragraph_text(
        block(
            "The harbour lies to the north of the",
            "town. It may be entered by all well-",
            "found boats, whatever the inter-",
            "national weather office says.",
        )
    )
    assert text == (
        "The harbour lies to the north of the town. It may be entered by all well-found boats, "
        "whatever the international weather office says."
    )


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("inter-", "national", "international"),
        ("Anglo-", "Saxon", "Anglo-Saxon"),
        ("from 1914-", "1918", "from 1914-1918"),
        ("it is -", "or was", "it is - or was"),
        ("\u6e2f\u53e3", "\u5728\u5317", "\u6e2f\u53e3\u5728\u5317"),
    ],
)
def test_two_lines_as_one(before, after, whole):
    assert joined(before, after) == whole


def test_lines_that_were_not_broken_for_want_of_room_stay():
    address = ("Harbour Grocery", "14 Quay Street, Port Elm", "Tel. 555 0142")
    assert paragraph_text(block(*address)) == "\n".join(address)
    code = ("for item in items:", "    print(item)")
    assert paragraph_text(block(*code, kind=BlockKind.CODE)) == "\n".join(code)


def test_a_list_item_and_a_heading_are_one_line_each():
    item = block("• Keep the gangway free of all", "ropes and boxes", kind=BlockKind.LIST)
    assert paragraph_text(item) == "• Keep the gangway free of all ropes and boxes"
    heading = block("A Long Heading Over Two", "Rows of Text", kind=BlockKind.HEADING)
    assert paragraph_text(heading) == "A Long Heading Over Two Rows of Text"


@pytest.mark.parametrize("turned", [0, 90, -90, 180, 4, -7])
def test_rows_of_a_turned_page_are_those_that_were_read(turned):
    """Label and value of a row, and the row below, whichever way the page lies."""
    boxes = (Box(20, 10, 120, 30), Box(300, 10, 380, 30), Box(20, 50, 140, 70))
    lines = tuple(
        Line(text, hull_of(upright(box, -turned), box, -turned), 0.9)
        for text, box in zip(("Bread", "7.80", "Total"), boxes, strict=True)
    )
    page = Page(400, 400, (Block(lines),), turned=turned)
    assert Reading((page,)).rows() == ("Bread  7.80", "Total")
    assert paragraph_text(page.blocks[0], turned) == "Bread  7.80\nTotal"


def hull_of(moved, box, degrees):
    """The upright box, around the middle of `moved`, of `box` turned by `degrees`."""
    angle = radians(degrees)
    width = abs(box.width * cos(angle)) + abs(box.height * sin(angle))
    height = abs(box.width * sin(angle)) + abs(box.height * cos(angle))
    x, y = moved.centre_x, moved.centre_y
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

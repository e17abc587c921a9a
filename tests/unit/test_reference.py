"""Which read text goes to the model with a question."""

from pathlib import Path

import pytest

from app.commands.ask import question_turn
from app.core.conversation import Picture, ReferenceMode
from app.core.geometry import Box
from app.core.reading import Block, Line, Page, Reading
from app.text.reference import reference_rows


def reading(text, confidence):
    line = Line(text, Box(0, 0, 90, 10), confidence)
    return Reading((Page(100, 100, (Block((line,)),)),))


# A receipt, and bark in which the reader sees letters.
READINGS = {"receipt.png": reading("TOTAL 32.64", 0.99), "bark.jpg": reading("lI1", 0.31)}


class Children:
    """What of the command line's children a question needs."""

    def take(self, path):
        return Picture("0" * 64, 100, 100, path.name)

    def read(self, picture):
        return READINGS[picture.name]


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        (ReferenceMode.AUTO, ("TOTAL 32.64",)),
        (ReferenceMode.ON, ("TOTAL 32.64", "lI1")),
        (ReferenceMode.OFF, ()),
    ],
)
def test_the_command_line_sends_what_the_window_sends(mode, rows):
    paths = [Path("receipt.png"), Path("bark.jpg")]
    assert question_turn(Children(), paths, "What is it?", mode).reference == rows
    sent = [row for found in READINGS.values() for row in reference_rows(found, mode)]
    assert tuple(sent) == rows


def test_what_a_row_holds_cannot_move_the_screen():
    assert reference_rows(reading("a\x1b[2Jb", 0.9), ReferenceMode.AUTO) == ("a[2Jb",)

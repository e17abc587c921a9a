"""Pages in letters that the bundled networks do not know: what is missing is told."""

import subprocess
import sys

import pytest
from drawing import HARBOUR, Sheet
from PIL import Image, ImageDraw, ImageFont

from app.reader.ocr.picture_text import Ocr

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
WORDS = {
    "Cyrillic": "Русский язык в этом городе",
    "Georgian": "ქართული ენა არის სახელმწიფო ენა",
    "Hebrew": "שלום עולם טוב מאד היום",
}


@pytest.fixture(scope="module")
def ocr():
    ocr = Ocr()
    yield ocr
    ocr.close()


def page_of(words, rows=5):
    picture = Image.new("RGB", (900, 60 * rows + 60), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(rows):
        draw.text((40, 30 + 60 * row), words, "black", ImageFont.truetype(FONT, 28))
    return picture


@pytest.mark.parametrize("script", WORDS)
def test_lines_of_an_unknown_script_are_counted(ocr, script):
    assert ocr.page(page_of(WORDS[script]), lambda: False).unread >= 3


def test_a_page_that_is_read_has_none(ocr):
    sheet = Sheet(900, 400)
    sheet.prose(40, 40, 800, 24, HARBOUR)
    assert ocr.page(sheet.picture, lambda: False).unread == 0


def test_the_command_line_says_it_and_names_the_way_out(tmp_path):
    path = tmp_path / "letter.png"
    page_of(WORDS["Hebrew"]).save(path)
    done = subprocess.run(
        [sys.executable, "-m", "app", "read", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "lines could not be read" in done.stderr
    assert "--lang" in done.stderr

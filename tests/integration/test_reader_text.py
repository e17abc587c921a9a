"""Finding and reading text, with the real networks on rendered pictures and the samples."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from uncancelled import never

from app.core.cancelled import WorkCancelledError
from app.core.reading import Page, Reading
from app.reader.layout.columns import ordered
from app.reader.ocr.second_pass import unread

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "samples"
GROUND, INK = (240, 240, 240), (60, 60, 60)


def font(size):
    return ImageFont.load_default(size)


def drawn(size, *texts, ground=GROUND, ink=INK):
    """A picture with `(x, y, pixels, text)` on plain ground."""
    picture = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(picture)
    for x, y, pixels, text in texts:
        draw.text((x, y), text, ink, font(pixels))
    return picture


def read(ocr, picture):
    lines = ocr.read(picture.convert("RGB"), never)
    return Reading((Page(picture.width, picture.height, ordered(lines)),))


RECEIPT = """\
HARBOUR GROCERY
14 Quay Street, Port Elm
Tel. 555 0142

2026-03-14  17:42  No. 004817

2 x Sourdough bread  7.80
1 x Olive oil 500 ml  8.95
6 x Free range eggs  3.20
1 x Ground coffee  6.49
3 x Lemons  1.47
1 x Dark chocolate  2.59

Subtotal  30.50
Tax 7%  2.14

TOTAL  32.64

VISA **** 4021  32.64
Approval  719305

Thank you for your visit!
Open daily from 8 to 20"""

SETTINGS = (
    *("General", "Network", "Display", "Sound", "Printers", "Privacy", "About"),
    "Settings",
    "Wireless network",
    "Connected and protected by WPA3",
    "Network name  Lighthouse 5G",
    "Signal strength  Excellent",
    "Link speed  866 Mbit/s",
    "IP address  192.168.4.27",
    "Router  192.168.4.1",
    "DNS server  9.9.9.9",
    "Changes take effect at once.",
    "Forget  Disconnect",
)


def test_every_character_of_the_samples_is_read_in_order(ocr):
    receipt = read(ocr, Image.open(SAMPLES / "receipt.png"))
    assert receipt.text == RECEIPT
    assert min(line.confidence for line in receipt.lines) > 0.9
    assert read(ocr, Image.open(SAMPLES / "settings.png")).rows() == SETTINGS
    assert read(ocr, Image.open(SAMPLES / "shapes.png")).rows() == ()


def test_a_tiny_screenshot_is_read_that_plain_rapidocr_loses(ocr):
    from rapidocr import RapidOCR  # noqa: PLC0415 - a second of imports for this test alone

    picture = drawn((150, 20), (4, 3, 11, "Connection refused (111)"))
    plain = RapidOCR(params={"Global.use_cls": False, "Global.log_level": "critical"})
    assert plain(np.asarray(picture)[:, :, ::-1].copy()).txts is None
    assert read(ocr, picture).rows() == ("Connection refused (111)",)


@pytest.mark.parametrize(
    ("ground", "ink"),
    [((245, 245, 245), (220, 220, 220)), ((30, 31, 34), (70, 72, 76)), ((20, 60, 160), (250,) * 3)],
    ids=["pale", "dim", "white on blue"],
)
def test_contrast_and_dark_windows_do_not_matter(ocr, ground, ink):
    texts = ((14, 12, 13, "The disk C: is full."), (14, 48, 12, "Error code 417"))
    picture = drawn((340, 80), *texts, ground=ground, ink=ink)
    assert read(ocr, picture).rows() == ("The disk C: is full.", "Error code 417")


def test_pale_fine_print_between_large_lines_is_not_lost(ocr):
    """A poster: beside letters this large the network half overlooks small pale ones."""
    poster = drawn(
        (900, 520),
        (30, 20, 48, "Harbour concert on the quay tonight"),
        (30, 190, 48, "Friday evening, 20 March, at 19:30"),
        (30, 420, 48, "Tickets at the harbour office"),
        ground=(255, 255, 255),
        ink=(0, 0, 0),
    )
    draw = ImageDraw.Draw(poster)
    small = (
        (120, "Free for members; others pay at the gate."),
        (290, "Printed by Elm & Sons, Port Elm"),
        (330, "No dogs or umbrellas, please."),
    )
    for y, text in small:
        draw.text((30, y), text, (200, 200, 200), font(11))
    assert read(ocr, poster).rows()[1:-1] == (
        small[0][1],
        "Friday evening, 20 March, at 19:30",
        *(text for _, text in small[1:]),
    )


def test_a_photograph_without_text_is_not_looked_at_again_in_full():
    """Whatever the network suspects in it, the second look stays small."""
    chance = np.random.default_rng(1)
    image = chance.integers(0, 255, (600, 800, 3), np.uint8)
    suspected = chance.random((600, 800), np.float32) * 0.2
    parts = unread(suspected, image, ())
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in parts) < 120_000


def test_a_single_digit_is_not_taken_for_text_that_runs_downwards(ocr):
    table = drawn(
        (300, 120),
        *((x, 10 + 35 * row, 14, f"{x // 90 + row}") for row in range(3) for x in (20, 110)),
    )
    assert read(ocr, table).rows() == ("0  1", "1  2", "2  3")


def test_text_that_runs_downwards_and_text_at_a_slant(ocr):
    level = drawn((500, 60), (20, 14, 24, "Turned sideways 42"))
    assert read(ocr, level.rotate(-90, expand=True)).rows() == ("Turned sideways 42",)
    slanted = level.rotate(12, Image.Resampling.BICUBIC, expand=True, fillcolor=GROUND)
    assert read(ocr, slanted).rows() == ("Turned sideways 42",)


def test_boxes_fit_their_text_at_every_scale_of_looking(ocr):
    for size, pixels, places in (
        ((300, 120), 13, ((12, 10), (150, 80))),
        ((1400, 900), 16, ((30, 20), (1100, 860), (520, 470))),
        # So large that it is looked at in tiles; some lines lie across their seams.
        ((2600, 1500), 15, ((2, 2), (1010, 565), (1800, 600), (2440, 1475), (900, 1100))),
        ((3000, 2000), 60, ((40, 30), (1700, 1000), (2300, 1900))),
    ):
        texts = [(x, y, pixels, f"Place {x}, {y}") for x, y in places]
        reading = read(ocr, drawn(size, *texts))
        found = {line.text: line.box for line in reading.lines}
        assert sorted(found) == sorted(text for *_, text in texts)
        for x, y, _, text in texts:
            ink, box = font(pixels).getbbox(text), found[text]
            near = max(8.0, 0.4 * pixels)
            assert box.left == pytest.approx(x + ink[0], abs=near)
            assert box.top == pytest.approx(y + ink[1], abs=near)
            assert box.right == pytest.approx(x + ink[2], abs=near)
            assert box.bottom == pytest.approx(y + ink[3], abs=near)


def test_a_line_longer_than_the_network_takes_is_cut_between_words(ocr):
    text = "the quick brown fox jumps over the lazy dog and " * 9 + "rests"
    width = int(font(14).getlength(text)) + 40
    assert read(ocr, drawn((width, 40), (20, 10, 14, text))).rows() == (text,)


def test_two_columns_of_prose_are_read_one_after_the_other(ocr):
    left = [
        "The harbour lies north of the town",
        "and is open to small boats at any",
        "time of the day or night.",
    ]
    right = [
        "Visitors pay at the office beside",
        "the lighthouse, where maps of the",
        "coast are sold as well.",
    ]
    texts = [(300, 10, 26, "Harbour guide")]
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        texts += [(30, 70 + 26 * row, 16, one), (400, 70 + 26 * row, 16, other)]
    assert read(ocr, drawn((760, 180), *texts)).rows() == ("Harbour guide", *left, *right)


def test_nothing_is_found_on_plain_ground_and_specks(ocr):
    for size in ((1, 1), (2, 3000), (3000, 1), (400, 300)):
        assert read(ocr, Image.new("RGB", size, (200, 30, 30))).rows() == ()


def test_a_cancelled_reading_ends_between_two_steps(ocr):
    picture = Image.open(SAMPLES / "receipt.png").convert("RGB")
    asked = 0

    def cancelled():
        nonlocal asked
        asked += 1
        return asked > 10

    with pytest.raises(WorkCancelledError):
        ocr.read(picture, cancelled)
    assert read(ocr, picture).text == RECEIPT


def test_rapidocrs_own_code_with_its_downloader_is_not_loaded():
    script = (
        "import sys; from app.reader.ocr.picture_text import Ocr; Ocr().close();"
        "print(*sorted({'rapidocr', 'requests', 'torch', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_icons_and_grids_beside_words_are_not_read(ocr):
    words = ("Open the menu", "Add a harbour", "Show as a table", "Turn the page")
    picture = drawn((420, 260), *((90, 20 + 60 * row, 20, text) for row, text in enumerate(words)))
    draw = ImageDraw.Draw(picture)
    for y in (24, 30, 36):
        draw.line((30, y, 50, y), INK, 2)
    draw.line((30, 90, 50, 90), INK, 2)
    draw.line((40, 80, 40, 100), INK, 2)
    for step in (0, 10, 20):
        draw.line((30, 140 + step, 50, 140 + step), INK, 3)
        draw.line((30 + step, 140, 30 + step, 160), INK, 3)
    assert read(ocr, picture).rows() == words


def test_the_space_after_a_lone_letter_is_not_lost(ocr):
    words = ("I accept the terms", "Send me news", "I am a member")
    texts = [(40, 20 + 40 * row, 20, text) for row, text in enumerate(words)]
    picture = drawn((1000, 900), *texts, ground=(255, 255, 255), ink=(0, 0, 0))
    assert read(ocr, picture).rows() == words

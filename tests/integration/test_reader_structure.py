"""What a page is made of, with the real networks on rendered pages."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
import zxingcpp
from drawing import HARBOUR, VISITORS, Sheet
from PIL import Image, ImageDraw
from rendered_pages import read, table

from app.core.reading import BlockKind, Page, Reading
from app.reader.layout.structure import structured
from app.text.prose import paragraph_text

CODE = """\
def total(items, tax=0.07):
    result = 0.00
    for item in items:
        if item.price > 0.00:
            result += item.price
    return result * (1 + tax)

print(total(load("cart.json")))"""

LISTING = """\
$ ls -l /var/log
-rw-r----- 1 root adm   48213 Mar 13 09:12 auth.log
-rw-r--r-- 1 root root  10220 Mar 11 00:00 dpkg.log
drwxr-xr-x 2 root root   4096 Feb 28 11:05 apt"""


def told(page):
    """Kind, level and text of each block."""
    return [(block.kind, block.level, paragraph_text(block, page.turned)) for block in page.blocks]


def paper():
    sheet = Sheet(1000, 1300)
    sheet.write(80, 30, 16, "Annual report of the harbour office")
    sheet.write(0, 30, 16, "Spring", right=920)
    sheet.write(80, 110, 40, "Harbour guide")
    sheet.write(80, 180, 28, "Getting in")
    y = sheet.prose(80, 230, 840, 20, HARBOUR, indent=30)
    y = sheet.prose(80, y, 840, 20, VISITORS, indent=30) + 20
    for text in ("Bring the papers of the boat", "Keep the gangway free of any ropes and boxes"):
        sheet.draw.ellipse((92, y + 8, 100, y + 16), "black")
        y = sheet.prose(115, y, 300, 20, text)
    y += 20
    for number, text in enumerate(("Call the pilot", "Wait at the buoy"), 1):
        sheet.write(92, y, 20, f"{number}. {text}")
        y += 28
    sheet.draw.rectangle((80, y + 20, 480, y + 170), (90, 140, 200))
    sheet.write(80, y + 180, 17, "Figure 2: The harbour seen from the east")
    sheet.prose(80, y + 250, 840, 20, VISITORS)
    sheet.write(480, 1250, 16, "17")
    return sheet.picture


PAPER = [
    (BlockKind.HEADER, 0, "Annual report of the harbour office  Spring"),
    (BlockKind.HEADING, 1, "Harbour guide"),
    (BlockKind.HEADING, 2, "Getting in"),
    (BlockKind.TEXT, 0, HARBOUR),
    (BlockKind.TEXT, 0, VISITORS),
    (BlockKind.LIST, 1, "• Bring the papers of the boat"),
    (BlockKind.LIST, 1, "• Keep the gangway free of any ropes and boxes"),
    (BlockKind.LIST, 1, "1. Call the pilot"),
    (BlockKind.LIST, 1, "2. Wait at the buoy"),
    (BlockKind.CAPTION, 0, "Figure 2: The harbour seen from the east"),
    (BlockKind.TEXT, 0, VISITORS),
    (BlockKind.FOOTER, 0, "17"),
]


@pytest.fixture(scope="module")
def level(ocr):
    """(The paper, its page.) Read once for all that only look at it."""
    picture = paper()
    return picture, read(ocr, picture)


@pytest.fixture(scope="module")
def level_lines(ocr, level):
    return ocr.read(level[0], lambda: False)


def test_a_paper_with_all_kinds_of_blocks(level):
    _, page = level
    assert told(page) == PAPER
    assert page.turned == 0


@pytest.mark.parametrize("degrees", [90, 180, 270, -5])
def test_a_paper_is_set_right_however_it_lies(ocr, level, degrees):
    standing, its_page = level
    upright = {word.text: word.box for word in words(its_page)}
    # Pillow turns counterclockwise; `turned` is what sets that right, clockwise.
    picture = standing.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    page = read(ocr, picture)
    assert page.turned == pytest.approx(degrees if degrees <= 180 else degrees - 360, abs=0.2)
    assert (page.width, page.height) == picture.size
    assert told(page) == PAPER
    turn = cv2.getRotationMatrix2D((500, 650), degrees, 1)
    turn[:, 2] += (picture.width / 2 - 500, picture.height / 2 - 650)
    for word in words(page):
        box = upright[word.text]
        if sum(other.text == word.text for other in words(page)) > 1:
            continue
        x, y = turn @ (box.centre_x, box.centre_y, 1)
        assert (word.box.left + word.box.right) / 2 == pytest.approx(x, abs=6)
        assert word.box.centre_y == pytest.approx(y, abs=6)


def words(page):
    return [word for block in page.blocks for line in block.lines for word in line.words]


@pytest.mark.parametrize("columns", [2, 3, 4])
def test_columns_are_read_one_after_the_other(ocr, columns):
    sheet = Sheet(300 * columns + 40, 560)
    sheet.write(30, 20, 36, "A newspaper")
    texts = [HARBOUR if column % 2 else VISITORS for column in range(columns)]
    for column, text in enumerate(texts):
        sheet.prose(30 + 300 * column, 100, 260, 18, text)
    assert told(read(ocr, sheet.picture)) == [
        (BlockKind.HEADING, 1, "A newspaper"),
        *((BlockKind.TEXT, 0, text) for text in texts),
    ]


@pytest.mark.parametrize(("text", "size"), [(CODE, 15), (LISTING, 15), (LISTING, 22)])
def test_code_keeps_its_spaces_and_line_breaks(ocr, text, size):
    sheet = Sheet(60 + 36 * size, 12 * size + 20, (30, 31, 34), (210, 210, 210))
    sheet.typed(30, 15, size, text)
    page = read(ocr, sheet.picture)
    assert {block.kind for block in page.blocks} == {BlockKind.CODE}
    # An empty line parts two blocks.
    assert Reading((page,)).text == text


def test_prose_and_a_receipt_in_letters_of_one_width_are_no_code(ocr):
    sheet = Sheet(700, 220)
    sheet.typed(20, 15, 18, "2 x Sourdough bread       7.80\n1 x Olive oil 500 ml      8.95")
    sheet.typed(
        20, 110, 18, "The harbour lies to the north of\nthe town and may be entered by\nboats"
    )
    assert BlockKind.CODE not in {block.kind for block in read(ocr, sheet.picture).blocks}


def test_codes_are_read_in_their_place(ocr):
    sheet = Sheet(800, 620)
    sheet.write(40, 20, 20, "Scan this to pay")
    address = "https://example.org/pay?sum=12.50"
    for text, kind, place, scale in (
        (address, zxingcpp.BarcodeFormat.QRCode, (60, 70), 5),
        ("4006381333931", zxingcpp.BarcodeFormat.EAN13, (60, 380), 3),
    ):
        code = np.asarray(zxingcpp.create_barcode(text, kind).to_image(scale=scale))
        sheet.picture.paste(Image.fromarray(code), place)
    sheet.write(40, 570, 20, "Thank you for your visit")
    page = read(ocr, sheet.picture)
    codes = [block for block in page.blocks if block.kind is BlockKind.BARCODE]
    assert [block.lines[0].text for block in codes] == [address, "4006381333931"]
    texts = [block.lines[0].text for block in page.blocks]
    assert texts[:2] == ["Scan this to pay", address]
    assert texts[-1] == "Thank you for your visit"
    box = codes[0].lines[0].box
    assert 60 <= box.left < box.right <= 60 + 5 * 45
    # The pattern itself is not taken for letters.
    assert len(texts) <= 5


def noises():
    chance = np.random.default_rng(1)
    yield "colours", chance.integers(0, 256, (600, 900, 3), np.uint8)
    yield "specks", np.where(chance.random((600, 900, 1)) < 0.02, 0, 255).repeat(3, 2)
    for blur in (3, 8):
        clouds = cv2.GaussianBlur(chance.normal(0, 1, (600, 900)), (0, 0), blur)
        clouds = 255 * (clouds - clouds.min()) / (clouds.max() - clouds.min())
        yield f"clouds {blur}", clouds[:, :, None].repeat(3, 2)
        yield f"blots {blur}", np.where(clouds > 150, 255, 0)[:, :, None].repeat(3, 2)
    picture = Image.new("RGB", (900, 600), "white")
    draw = ImageDraw.Draw(picture)
    places = chance.integers(0, 600, (300, 2))
    for (x, y), (right, down) in zip(places, chance.integers(-30, 30, (300, 2)), strict=True):
        draw.line((x, y, x + right, y + down), "black", 2)
    yield "strokes", np.asarray(picture)


@pytest.mark.parametrize("noise", [pytest.param(noise, id=name) for name, noise in noises()])
def test_noise_is_no_text(ocr, noise):
    page = read(ocr, Image.fromarray(noise.astype(np.uint8)))
    assert Reading((page,)).text == ""


def test_lines_without_a_picture_make_the_same_page(level, level_lines):
    """A page's own text layer brings words and no pixels."""
    blocks = structured(level_lines, *level[0].size).blocks
    kinds = [kind for kind, _, _ in PAPER if kind is not BlockKind.LIST]
    assert [block.kind for block in blocks if block.kind is not BlockKind.LIST][:4] == kinds[:4]
    assert structured([], 10, 10) == Page(10, 10, ())


def test_every_line_is_told_once(ocr, level, level_lines):
    tables = [table("all"), table("none")]
    read_both = [(read(ocr, picture), ocr.read(picture, lambda: False)) for picture in tables]
    for page, seen in ((level[1], level_lines), *read_both):
        pieces = sorted(word.box.top for word in words(page) if word.text != "•")
        assert pieces == sorted(word.box.top for line in seen for word in line.words)
        tops = [block.lines[0].box.top for block in page.blocks]
        assert all(before <= after for before, after in pairwise(tops))

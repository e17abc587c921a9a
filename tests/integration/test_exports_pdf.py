"""Searchable PDFs as other programs see them: qpdf, poppler and its boxes."""

import gc
import io
import subprocess
import unicodedata
import weakref
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat
from read_pages import LETTER, block_of, page_of, row_of

from app.core.export import ExportFormat
from app.core.files.placing import place
from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Line, Word
from app.reader.exports import write

SCRIPTS = block_of(
    BlockKind.TEXT,
    "Hello world, naïve Zürich 12,345.67€ a@b.example",
    "漢字かな交じり文 한국어 ٠١٢٣٤ ﬁnal ﬂow",
    "e\u0301te\u0301 o\u0308fter Đặng 😀 👩‍👩‍👧‍👦 🇩🇪 𝄞usic",
    "x I 1 . — (a) <&> \\ / %",
)
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def white(page):
    return Image.new("RGB", (page.width, page.height), "white")


def saved(folder, pages, pictures=white):
    path = folder / "out.pdf"
    place(lambda file: write(pages, ExportFormat.PDF, file, pictures), path, replace=True)
    # Exit code 0 is: no errors and no warnings.
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return path


def tool(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout


def words_seen(path, page, number=1):
    """What `pdftotext -bbox` finds, with boxes in pixels of the upright page."""
    named = ("-f", str(number), "-l", str(number))
    root = ET.fromstring(tool("pdftotext", "-bbox", *named, path, "-"))  # noqa: S314 - our own
    sheet = root.find(f".//{XHTML}page")
    scale = page.width / float(sheet.get("width"))  # Poppler names the unturned page's.
    return [
        (word.text, [float(word.get(side)) * scale for side in ("xMin", "yMin", "xMax", "yMax")])
        for word in sheet.iter(f"{XHTML}word")
    ]


def upright(box, page):
    """The sides of a box after the page was turned as it was for reading."""
    match round(page.turned / 90) % 4:
        case 1:
            sides = (page.height - box.bottom, box.left, page.height - box.top, box.right)
        case 2:
            sides = (page.width - box.right, page.height - box.bottom)
            sides += (page.width - box.left, page.height - box.top)
        case 3:
            sides = (box.top, page.width - box.right, box.bottom, page.width - box.left)
        case _:
            sides = (box.left, box.top, box.right, box.bottom)
    return list(sides)


def expected_words(page):
    return [
        (word.text, upright(word.box, page))
        for block in page.blocks
        for line in block.lines
        for word in line.words
    ]


def same_text(one, other):
    """Poppler may compose letters and accents, which is no change to a reader."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def assert_in_place(seen, expected):
    assert [text for text, _ in seen if not any(same_text(text, t) for t, _ in expected)] == []
    assert len(seen) == len(expected)
    for (text, sides), (wanted, box) in zip(seen, expected, strict=True):
        assert same_text(text, wanted)
        assert max(abs(a - b) for a, b in zip(sides, box, strict=True)) <= 3, text


def test_words_of_any_script_stand_where_they_are_in_the_picture(folder):
    page = page_of(SCRIPTS)
    path = saved(folder, [page])
    assert_in_place(words_seen(path, page), expected_words(page))
    copied = tool("pdftotext", path, "-").split()
    meant = [text for text, _ in expected_words(page)]
    assert all(same_text(one, other) for one, other in zip(copied, meant, strict=True))
    fonts = tool("pdffonts", path).splitlines()[2:]
    assert len(fonts) == 1
    assert "yes no  yes" in fonts[0]  # Embedded, and with a way back to Unicode.


@pytest.mark.parametrize("size", [(2480, 3508), (1920, 1080), (320, 60), (800, 20_000)])
def test_words_stand_right_on_pages_of_any_size(folder, size):
    width, height = size
    rows = [
        row_of("Total 1.234,50", 10.4 + 3 * step, 4.6 + 0.9 * step * height / 20, 14 + step)
        for step in range(20 if height > 100 else 1)
    ]
    page = page_of(Block(tuple(rows)), width=width, height=height)
    path = saved(folder, [page])
    assert_in_place(words_seen(path, page), expected_words(page))


@pytest.mark.parametrize("turned", [90.0, 180.0, 270.0, 358.5])
def test_a_turned_page_is_shown_upright_with_its_words_in_place(folder, turned):
    """The words are set as a person sees them and turned back into the unturned picture."""
    seen = page_of(SCRIPTS)
    quarter = round(turned / 90) % 4
    width, height = (700, 1000) if quarter % 2 else (1000, 700)

    def back(box):
        return (
            box,
            Box(box.top, height - box.right, box.bottom, height - box.left),
            Box(width - box.right, height - box.bottom, width - box.left, height - box.top),
            Box(width - box.bottom, box.left, width - box.top, box.right),
        )[quarter]

    lines = tuple(
        Line(
            line.text,
            back(line.box),
            0.9,
            tuple(Word(word.text, back(word.box), 0.9) for word in line.words),
        )
        for line in SCRIPTS.lines
    )
    page = page_of(Block(lines), width=width, height=height, turned=turned)
    path = saved(folder, [page])
    assert_in_place(words_seen(path, page), expected_words(seen))


def test_lines_without_words_and_upright_columns_can_be_found(folder):
    plain = Line("Gesamt 12,50", Box(100, 100, 100 + 12 * LETTER, 124), 0.9)
    upright = Line("縦書きの文", Box(600, 100, 624, 220), 0.9)
    path = saved(folder, [page_of(Block((plain,)), Block((upright,)))])
    found = dict(words_seen(path, page_of()))
    assert set(found) == {"Gesamt", "12,50", "縦書きの文"}
    assert found["縦書きの文"] == pytest.approx([600, 100, 624, 220], abs=3)
    assert found["Gesamt"][0] == pytest.approx(100, abs=3)
    assert found["12,50"][2] == pytest.approx(100 + 12 * LETTER, abs=3)


def test_right_to_left_words_are_copied_in_their_own_order(folder):
    path = saved(folder, [page_of(block_of(BlockKind.TEXT, "שלום"))])
    marks = dict.fromkeys(map(ord, "\u202a\u202b\u202c"))
    assert tool("pdftotext", path, "-").translate(marks).split() == ["שלום"]


def noise():
    return Image.effect_noise((600, 400), 90).convert("RGB")


def drawing(mode, *colours):
    image = Image.new("RGB", (600, 400), "white")
    draw = ImageDraw.Draw(image)
    for index, colour in enumerate(colours):
        draw.rectangle((20 * index, 10, 20 * index + 9, 390), fill=colour)
    return image.convert(mode)


PICTURES = {
    "bits": drawing("1", "black"),
    "black": drawing("RGB", "black"),
    "grey": drawing("L", "#777777", "#333333"),
    "gradient": Image.linear_gradient("L").resize((600, 400)),
    "colours": drawing("RGB", "red", "blue", "#123456"),
    "palette": drawing("P", "red", "green"),
    "alpha": drawing("RGBA", "red", "#0000fe", "#0000ff"),
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_pictures_of_few_colours_lose_nothing(folder, picture):
    path = saved(folder, [page_of(width=600, height=400)], lambda _: picture)
    tool("pdfimages", "-png", path, folder / "image")
    with Image.open(folder / "image-000.png") as image:
        wrong = ImageChops.difference(image.convert("RGB"), picture.convert("RGB"))
    assert wrong.getbbox() is None


@pytest.mark.parametrize(
    "picture",
    [drawing("RGB", "red"), drawing("RGB", "red", "blue"), noise()],
    ids=["two", "few", "noise"],
)
def test_the_page_looks_like_its_picture_and_its_text_leaves_no_trace(folder, picture):
    bare = saved(folder, [page_of(width=600, height=400)], lambda _: picture)
    tool("pdftoppm", "-r", "96", "-png", bare, folder / "bare")
    path = saved(folder, [page_of(SCRIPTS, width=600, height=400)], lambda _: picture)
    tool("pdftoppm", "-r", "96", "-png", path, folder / "page")
    assert (folder / "page-1.png").read_bytes() == (folder / "bare-1.png").read_bytes()
    # Poppler draws a picture a pixel wider or higher than it is, so from a little afar.
    with Image.open(folder / "page-1.png") as image:
        near, meant = (
            one.convert("RGB").resize((30, 20), Image.Resampling.BOX) for one in (image, picture)
        )
    assert max(ImageStat.Stat(ImageChops.difference(near, meant)).mean) < 3


def test_pages_are_written_as_they_come_and_let_go(folder):
    """What a long document takes is one page and one picture."""
    output, ends, alive = io.BytesIO(), [], []

    def pages():
        for number in range(1, 31):
            ends.append(output.tell())
            yield page_of(SCRIPTS, number=number)

    def pictures(_page):
        gc.collect()
        assert all(picture() is None for picture in alive[:-1])
        image = noise()
        alive.append(weakref.ref(image))
        return image

    write(pages(), ExportFormat.PDF, output, pictures)
    assert all(after - before > 10_000 for before, after in pairwise(ends))
    path = folder / "long.pdf"
    path.write_bytes(output.getvalue())
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    assert_in_place(words_seen(path, page_of(), 30), expected_words(page_of(SCRIPTS)))


def test_more_characters_than_one_font_holds(folder):
    """Every Han character there is, and on each page the text still comes back."""
    every = [chr(code) for code in (*range(0x4E00, 0x9FF0), *range(0x20000, 0x2A6D0))]
    rows = ["".join(every[start : start + 100]) for start in range(0, len(every), 100)]
    pages = [
        page_of(
            block_of(BlockKind.TEXT, *rows[start : start + 100]),
            number=1 + start // 100,
            width=1300,
            height=5000,
        )
        for start in range(0, len(rows), 100)
    ]
    path = saved(folder, pages)
    assert "".join(tool("pdftotext", path, "-").split()) == "".join(every)
    assert len(tool("pdffonts", path).splitlines()) == 2 + 2


def test_a_pdf_needs_pictures():
    with pytest.raises(ValueError, match="pictures"):
        write([page_of()], ExportFormat.PDF, io.BytesIO())

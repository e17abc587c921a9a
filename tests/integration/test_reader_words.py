"""Where words stand: boxes against where Pillow drew the letters."""

import pytest
from PIL import Image, ImageDraw, ImageFont

TEXT = "Invoice 2026-03-14 over 1,250.00 EUR is due"


def drawn(size, ground="white", ink="black"):
    """A line of text on a picture, and the box of each of its words' ink."""
    font = ImageFont.load_default(size)
    picture = Image.new("RGB", (int(font.getlength(TEXT)) + 60, 4 * size), ground)
    draw = ImageDraw.Draw(picture)
    boxes, left = [], 30
    for word in TEXT.split():
        draw.text((left, size), word, ink, font)
        mask = Image.new("L", picture.size)
        ImageDraw.Draw(mask).text((left, size), word, 255, font)
        boxes.append(mask.point(lambda value: 255 * (value > 100)).getbbox())
        left = round(left + font.getlength(word + " "))
    return picture, boxes


def words(ocr, picture):
    """The words of all lines; lines of one row come in any order."""
    lines = ocr.read(picture, lambda: False)
    assert all(line.text == " ".join(word.text for word in line.words) for line in lines)
    return {word.text: word for line in lines for word in line.words}


@pytest.mark.parametrize("size", [12, 16, 24, 40])
@pytest.mark.parametrize("colours", [("white", "black"), ((30, 31, 34), (200, 200, 200))])
def test_words_stand_where_their_letters_do(ocr, size, colours):
    picture, boxes = drawn(size, *colours)
    found = words(ocr, picture)
    assert list(found) == TEXT.split()
    for word, (left, top, right, bottom) in zip(TEXT.split(), boxes, strict=True):
        box = found[word].box
        near = max(2.0, 0.12 * size)
        assert (box.left, box.right) == pytest.approx((left, right), abs=near)
        # All words of a line are as high as its highest letters.
        assert box.top < top + near
        assert box.bottom > bottom - near
        assert box.height < 1.6 * size
        assert 0.8 < found[word].confidence <= 1


def test_words_of_text_that_runs_down_or_up(ocr):
    level, boxes = drawn(24)
    for turn in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270):
        picture = level.transpose(turn)
        found = words(ocr, picture)
        assert list(found) == TEXT.split()
        for word, (left, _, right, _) in zip(TEXT.split(), boxes, strict=True):
            box = found[word].box
            upwards = turn is Image.Transpose.ROTATE_90
            ends = (picture.height - right, picture.height - left) if upwards else (left, right)
            assert (box.top, box.bottom) == pytest.approx(ends, abs=4)


def test_words_of_a_line_longer_than_the_network_takes(ocr):
    font = ImageFont.load_default(14)
    text = "the quick brown fox jumps over the lazy dog and " * 9 + "rests"
    picture = Image.new("RGB", (int(font.getlength(text)) + 40, 40), "white")
    ImageDraw.Draw(picture).text((20, 10), text, "black", font)
    (line,) = ocr.read(picture, lambda: False)
    last = line.words[-1].box
    assert last.right == pytest.approx(20 + font.getlength(text), abs=4)
    assert last.width == pytest.approx(font.getlength("rests"), abs=4)
    assert [word.box.left for word in line.words] == sorted(word.box.left for word in line.words)

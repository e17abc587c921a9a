"""Two readings of one text: crops for the second, where the two differ, and what was chosen."""

import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw
from read_pages import block_of, page_of, row_of, table_of

from app.core.events import CropTaken, Finished
from app.core.geometry import Box
from app.core.reading import BlockKind, Line, Reading, Word
from app.core.requests import TakeCrops
from app.reader.service import make
from app.reader.store import Store
from app.text.choices import Version, amended, marked
from app.text.comparison import differences, is_of_another_text
from app.text.regions import FRAMES, Region, WordRef, halves, regions
from app.text.repeats import Repeats


def rows_of(reading):
    """Blocks of rows of words, as the session makes them of a reading."""
    index, blocks = 0, []
    for block in reading.pages[0].blocks:
        rows = []
        for line in block.lines:
            position, row = 0, []
            for word in line.words:
                begin = line.text.index(word.text, position)
                position = begin + len(word.text)
                row.append(WordRef(index, begin, position, word.text, word.box))
            rows.append(tuple(row))
            index += 1
        blocks.append(tuple(rows))
    return blocks


def region_of(*texts):
    reading = Reading((page_of(block_of(BlockKind.TEXT, *texts)),))
    (region,) = regions(rows_of(reading), 1000, 700)
    return reading, region


def versions(region, text, **more):
    return [(one.reader, one.model) for one in differences(region, text, **more)]


def test_only_words_that_differ_are_told_each_with_both_versions():
    _, region = region_of("Invoice no. 4711-B for Mr Nygaard", "Total: 1,204.50 EUR due at once")
    assert (
        versions(region, "Invoice no. 4711-B for Mr Nygaard Total: 1,204.50 EUR due at once") == []
    )
    said = "Invoice no. 4711-8 for Mr Nygård\n\nTotal:  1,204.50\tEUR due at once"
    assert versions(region, said) == [("4711-B", "4711-8"), ("Nygaard", "Nygård")]


def test_spaces_and_forms_of_unicode_make_no_difference():
    _, region = region_of("Ein schöner Tag für Bücher", "am Mitt woch")
    said = unicodedata.normalize("NFD", "Ein schöner Tag für Bücher am Mittwoch")
    assert versions(region, said) == []


def test_remarks_of_the_model_and_its_markup_are_not_text():
    _, region = region_of("Tea 2.50", "Milk 1.20")
    said = "Sure! The text reads: | Tea | 2.50 |\n| --- | --- |\n| Milk | 1.20 | Let me know."
    assert versions(region, said) == []


def test_words_that_one_reading_lacks_come_with_their_neighbour():
    _, region = region_of("pay before the end of May", "or call us")
    assert versions(region, "pay before the very end of May or call us") == [("the", "the very")]
    assert versions(region, "pay before the end May or call us") == [("end of", "end")]
    # A line left out is a model that shortens; text cut off says nothing of the rest.
    assert versions(region, "pay before the end of May") == []
    assert versions(region, "pay before the end of", is_cut_off=True) == []


def test_words_of_a_neighbour_in_the_overlap_are_not_compared():
    _, region = region_of("one two three", "four five six")
    first = Region(region.box, region.rows[:1], region.seen)
    assert versions(first, "one tvo three four fife six") == [("two", "tvo")]


def test_a_word_read_as_two_is_one_difference():
    _, region = region_of("the recieptoftea is here", "and more of it")
    assert versions(region, "the receipt of tea is here and more of it") == [
        ("recieptoftea", "receipt of tea")
    ]


def test_a_choice_reaches_lines_words_and_cells_and_can_be_taken_back():
    table = table_of(("Item", "Price"), ("Tea", "Z.50"))
    body = block_of(BlockKind.TEXT, "Dear Mr Nygaard and fiends", top=300)
    reading = Reading((page_of(table, body),))
    price, name = [
        # Lines 3 and 4 of the reading.
        *differences(_single(3, "Z.50"), "2.50"),
        *differences(_single(4, "Dear Mr Nygaard and fiends"), "Dear Mr von Nygård and friends")[
            :1
        ],
    ]
    chosen = {price: Version.MODEL, name: Version.MODEL}
    after = amended(reading, chosen)
    assert [line.text for line in after.lines][3:] == ["2.50", "Dear Mr von Nygård and fiends"]
    assert after.pages[0].blocks[0].cells[3].text == "2.50"
    line = after.lines[4]
    assert " ".join(word.text for word in line.words) == line.text
    assert all(one.box.right <= other.box.left + 1 for one, other in pairwise(line.words))
    (first, second) = marked((name, price), chosen)
    for mark in (first, second):
        shown = after.lines[mark.line].text[mark.begin : mark.end]
        assert shown == mark.difference.model
    assert amended(reading, {price: Version.READER}) == reading
    assert [mark.chosen for mark in marked((price, name), {price: Version.READER})] == [
        Version.READER,
        None,
    ]


def _single(index, text):
    tokens, position = [], 0
    for word in text.split():
        begin = text.index(word, position)
        position = begin + len(word)
        tokens.append(WordRef(index, begin, position, word, Box(0, 0, 9, 9)))
    return Region(Box(0, 0, 9, 9), (tuple(tokens),), tuple(tokens))


def test_a_choice_in_a_line_whose_words_are_unknown_keeps_the_line():
    line = Line("abc def", Box(0, 0, 70, 10), 0.9, (Word("abcdef", Box(0, 0, 70, 10), 0.9),))
    block = block_of(BlockKind.TEXT, "x")
    reading = Reading((page_of(type(block)((line,))),))
    (one,) = differences(_single(0, "abc def"), "abc dcf")
    after = amended(reading, {one: Version.MODEL})
    assert after.lines[0].text == "abc dcf"
    assert after.lines[0].words == ()


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("Corner Bakery Bread rolls 3.40", "That is not in the picture."),
        ("Apple cake 4.90 Total 8.30", "It is not in the picture."),
        ("Name Mr A. Person", "The picture shows a dog"),
        ("Settings", "In this image we can see a window"),
        ("The harbour lies north of the town", "In this image we can see a boat"),
        ("Total", ""),
    ],
)
def test_a_remark_about_the_picture_is_another_text(read, said):
    _, region = region_of(read)
    assert is_of_another_text(region, said)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("Item Price Nails 2.50", "1tem Pr1ce Na1ls 2.80"),
        ("TOTAL 8.30 EUR", "T0TAI 8,3O EVR"),
        ("Grüße aus Köln", "GruBe aus Koln"),
        ("Z.SO", "2.50"),
        ("one two three four five six", "four five six one two three"),
        ("Tea 2.50 Milk 1.20", "| Tea | 2.50 |\n| --- | --- |\n| Milk | 1.20 |"),
    ],
)
def test_the_same_text_read_badly_is_no_other_text(read, said):
    _, region = region_of(read)
    assert not is_of_another_text(region, said)


LONG = "the quick brown fox jumps over the lazy dog and then it rests for a while "


@pytest.mark.parametrize(
    "unit",
    ["Total 5.00 ", "ha", ".", "and so on and on until the end of all days comes to be "],
)
def test_going_in_circles_is_noticed_soon(unit):
    repeats = Repeats(LONG)
    assert not repeats.add(LONG)
    pieces = 0
    while not repeats.add(unit):
        pieces += 1
        assert pieces < 60
    assert pieces * len(unit) < 300


def test_a_count_that_goes_on_for_ever_is_a_loop_too():
    repeats = Repeats("nothing of the kind")
    assert any(repeats.add(f"Item number {number}\n") for number in range(12))


def test_what_repeats_in_the_picture_is_no_loop():
    prices = "\n".join(f"{number}.50 EUR" for number in range(20))
    repeats = Repeats(f"Contents ................................ 3\n{prices}")
    said = f"Contents ................................ 3\n{prices}"
    assert not any(repeats.add(said[at : at + 5]) for at in range(0, len(said), 5))


def test_a_text_without_end_is_ended():
    repeats = Repeats("short")
    words = (
        f"w{'abcdefghij'[n % 10]}{'klmnopqrstu'[n % 11]}{n * 'x'[: n % 2]} " for n in range(999)
    )
    assert any(repeats.add(word) for word in words)


def check_regions(reading, width, height):
    blocks = rows_of(reading)
    found = regions(blocks, width, height)
    everything = [token for block in blocks for row in block for token in row]
    owned = Counter(token for region in found for token in region.owned)
    assert owned == Counter(everything), "each word in one region"
    for region in found:
        box = region.box
        assert any(box.width <= wide and box.height <= high for wide, high in FRAMES)
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.top < box.bottom <= height
        assert region.owned <= set(region.seen)
        for token in region.owned:
            assert box.left <= token.box.left < token.box.right <= box.right
            assert box.top <= token.box.top < token.box.bottom <= box.bottom
    return found


def test_a_narrow_page_is_cut_between_its_lines_and_crops_overlap():
    lines = [f"line {number} of a letter that is long enough" for number in range(45)]
    reading = Reading((page_of(block_of(BlockKind.TEXT, *lines), width=700, height=1900),))
    found = check_regions(reading, 700, 1900)
    assert 3 <= len(found) <= 5
    for before, after in pairwise(found):
        assert before.box.bottom > after.box.top
        assert set(before.seen) & after.owned


def test_lines_wider_than_a_crop_are_cut_between_words():
    wide = "somewhat longish words stand here one beside the other until the line is full " * 2
    reading = Reading((page_of(block_of(BlockKind.TEXT, *[wide] * 12), width=2400, height=600),))
    found = check_regions(reading, 2400, 600)
    assert len(found) >= 4


def test_small_blocks_share_a_crop_and_columns_do_not():
    left = [row_of(f"left {n} words here", 40, 50 + 40 * n) for n in range(10)]
    right = [row_of(f"right {n} words here", 420, 50 + 40 * n) for n in range(10)]
    block = type(block_of(BlockKind.TEXT, "x"))
    columns = Reading((page_of(block(tuple(left)), block(tuple(right)), width=2000),))
    found = check_regions(columns, 2000, 700)
    assert len(found) in (1, 2)
    small = [block((row,)) for row in left]
    assert len(check_regions(Reading((page_of(*small),)), 1000, 700)) == 1


def test_halves_have_the_same_words():
    _, region = region_of("one two three", "four five six")
    for whole in (region, halves(region, 1000, 700)[0]):
        parts = halves(whole, 1000, 700)
        assert len(parts) == 2
        assert parts[0].owned | parts[1].owned == whole.owned
        assert not parts[0].owned & parts[1].owned
        assert all(part.box != whole.box for part in parts)


def test_the_reader_cuts_crops_turns_them_and_leaves_out_blank_ones(tmp_path):
    image = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(image).rectangle((20, 30, 79, 49), fill="black")
    picture = Store(tmp_path / "pictures").add(image, "some")
    service = make({"pictures": str(tmp_path / "pictures"), "inbox": str(tmp_path / "inbox")})
    boxes = (
        Box(10, 20, 110, 60),
        Box(200, 100, 300, 200),
        Box(-50, -50, 40, 40),
        Box(5000, 5000, 6000, 6000),
    )
    *taken, end = service.handle(TakeCrops(picture.sha256, boxes), lambda: False)
    assert end == Finished()
    assert [one.place for one in taken] == [0, 1, 2, 3]
    assert all(isinstance(one, CropTaken) for one in taken)
    assert [(one.picture.width, one.picture.height) for one in taken if one.picture] == [
        (100, 40),
        (40, 40),
    ]
    cut = Store(tmp_path / "pictures").open(taken[0].picture.sha256)
    assert cut.getpixel((15, 15)) == (0, 0, 0)
    assert cut.getpixel((5, 5)) == (255, 255, 255)
    turned, _ = service.handle(TakeCrops(picture.sha256, boxes[:1], 90.0), lambda: False)
    assert (turned.picture.width, turned.picture.height) == (40, 100)
    on_its_side = Store(tmp_path / "pictures").open(turned.picture.sha256)
    # Clockwise: the left end comes to the top.
    assert on_its_side.getpixel((20, 15)) == (0, 0, 0)
    assert on_its_side.getpixel((20, 90)) == (255, 255, 255)
    (failed,) = service.handle(TakeCrops("a" * 64, boxes), lambda: False)
    assert "missing" in failed.headline
    service.close()

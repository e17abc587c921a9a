"""What `read --debug` draws: where everything was found, of what kind, and in what order."""

import base64
import io
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from read_pages import block_of, page_of, table_of

from app.commands.drawings import Drawings
from app.core.errors import ErrorKind, OcellusError
from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Line, Word
from app.reader.exports.page_drawing import COLOURS, svg

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = (
    block_of(BlockKind.HEADING, "Harbour news", level=1, top=20.0),
    Block((), BlockKind.TEXT),
    block_of(BlockKind.TEXT, "First column", "goes on below", top=100.0),
    table_of(("Item", "Price"), ("Rope", "12.50")),
)
LINES = [line for block in COLUMNS for line in block.lines]


def white(page):
    return Image.new("RGB", (page.width, page.height), "white")


def drawn(page, picture=None):
    """The drawing's root and its layers."""
    root = ET.fromstring(svg(page, picture))  # noqa: S314 - written here
    return root, {group.get("id"): group for group in root.iter(f"{SVG}g")}


def framed(group):
    """Each frame's title and box."""
    found = []
    for rect in group.iter(f"{SVG}rect"):
        left, top, wide, high = (float(rect.get(side)) for side in ("x", "y", "width", "height"))
        title = rect.find(f"{SVG}title").text
        found.append((title, pytest.approx((left, top, left + wide, top + high), abs=0.11)))
    return found


def sides(box):
    return box.left, box.top, box.right, box.bottom


def points(polyline):
    return [tuple(map(float, point.split(","))) for point in polyline.get("points").split()]


def test_every_word_and_line_is_framed_where_it_was_found():
    _, layers = drawn(page_of(*COLUMNS))
    lines = [(f"{line.text} ({line.confidence:.2f})", sides(line.box)) for line in LINES]
    assert framed(layers["lines"]) == lines
    words = framed(layers["words"])
    assert words[:2] == [
        (f"{word.text} (0.90)", sides(word.box)) for word in COLUMNS[0].lines[0].words
    ]
    assert [title.split()[0] for title, _ in words] == " ".join(line.text for line in LINES).split()


def test_blocks_have_their_kinds_and_the_path_their_order():
    _, layers = drawn(page_of(*COLUMNS))
    boxes = [Box.union(line.box for line in block.lines) for block in COLUMNS if block.lines]
    expected = ["1 heading", "3 text", "4 table"]
    assert framed(layers["blocks"]) == list(zip(expected, map(sides, boxes), strict=True))
    kinds = (BlockKind.HEADING, BlockKind.TEXT, BlockKind.TABLE)
    styles = [rect.get("style") for rect in layers["blocks"].iter(f"{SVG}rect")]
    assert styles == [f"stroke: {COLOURS[kind]}; fill: {COLOURS[kind]}" for kind in kinds]
    (path,) = layers["order"].iter(f"{SVG}polyline")
    assert points(path) == [(box.left, box.top) for box in boxes]
    told = [text.text for text in layers["order"].iter(f"{SVG}text")]
    assert told == ["1", "heading 1", "3", "text", "4", "table"]
    # The lines of a block follow one another too; one line alone has nothing to follow.
    first, second = (points(path) for path in layers["lines"].iter(f"{SVG}polyline"))
    centres = [(line.box.centre_x, line.box.centre_y) for line in COLUMNS[2].lines]
    assert first == [pytest.approx(centre, abs=0.06) for centre in centres]
    assert len(second) == 4


def test_a_tables_cells_are_told_by_their_places():
    _, layers = drawn(page_of(*COLUMNS))
    titles = [title for title, _ in framed(layers["cells"])]
    assert titles[1:3] == ["row 1, column 2: Price", "row 2, column 1: Rope"]


def test_every_kind_has_a_colour():
    assert set(COLOURS) == set(BlockKind)


def test_the_page_itself_is_in_the_file():
    page = page_of(*COLUMNS)
    root, _ = drawn(page, white(page))
    kind, data = root.find(f"{SVG}image").get("href").split(",")
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert (kind, picture.size) == ("data:image/jpeg;base64", (page.width, page.height))


def test_a_text_stays_text_and_what_no_file_may_hold_goes():
    box = Box(1, 2, 30, 40)
    text = "</title><script>a&b\x00\ud800\ufffe"
    line = Line(text, box, 0.5, (Word(text, box, 0.5),))
    root, layers = drawn(page_of(Block((line,), BlockKind.TEXT)))
    assert framed(layers["words"])[0][0].startswith("</title><script>a&b")
    assert not list(root.iter(f"{SVG}script"))


def test_a_page_on_which_nothing_was_found_is_drawn_empty():
    root, layers = drawn(page_of())
    assert root.get("viewBox") == "0 0 1000 700"
    assert not any(list(layer) for layer in layers.values())


def test_files_of_one_name_have_a_drawing_each(tmp_path):
    drawings = Drawings(tmp_path / "new" / "folder")
    for source in ("a/scan.png", "b/scan.png", "a/scan.png"):
        drawings.add(Path(source), page_of(*COLUMNS, number=3), white)
    # What could not be read has no size, and no picture is asked for.
    drawings.add(Path("c.png"), page_of(width=0, height=0), None)
    names = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert names == ["scan.png.2.3.svg", "scan.png.3.svg"]


def test_a_folder_that_cannot_be_made_is_told_of(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OcellusError, match="was not written") as told:
        Drawings(tmp_path / "file" / "below")
    assert told.value.failed.kind is ErrorKind.UNREADABLE

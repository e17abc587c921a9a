"""Whatever a page says, every form of it can be parsed and still says it."""

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import html5lib
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from PIL import Image

from app.core.export import ExportFormat
from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Cell, Line, Page, PageSource, Word
from app.reader.exports import write
from app.reader.exports.words import words_of
from app.text.markup import plain
from app.text.prose import paragraph_text
from app.text.tables import is_formula, repeated_texts, table_texts

SCHEMA = json.loads(Path("docs/reading.schema.json").read_text("utf-8"))
ANY_PAGES = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

# What some format gives a meaning to.
TRICKS = (
    *("# x", "###### x #", "a\\", "> q", "- x", "• x", "1. x", "7) x", "007. x", "* * *", "---"),
    *("===", "***", "```", "~~~~", "````x", "a | b", ":-- | --", "|", "\\|", "[a](http://b)"),
    *("![a](b)", "[a]: b", "<script>alert(1)</script>", "<!-- a", "-->", "]]>", "&amp;", "&#60;"),
    *("</pre>", "</style>", "<http://a.b>", "`a`", "``", "*a*", "__a__", "~~a~~", "'\"", "\\", ","),
    *("=1+1", "+49 30 1234", "-5", "@SUM(A1)", "\u202eabc", "\x00", "\x0c", "\r\n", "\ud800"),
    *("\ufffe", "e\u0301" * 9, "👩‍👩‍👧‍👦", "漢字", "שלום", "ﬁ", "    four", "\tx", "a  b", "x-"),
)
texts = st.lists(
    st.one_of(st.sampled_from(TRICKS), st.text(st.characters(exclude_categories=()), max_size=8)),
    max_size=3,
).map(" ".join)
sides = st.floats(-50, 1100, width=32)
shares = st.floats(0, 1)


@st.composite
def boxes(draw):
    left, right = sorted((draw(sides), draw(sides)))
    top, bottom = sorted((draw(sides), draw(sides)))
    return Box(left, top, right, bottom)


@st.composite
def lines(draw):
    text = draw(texts)
    words = [Word(word, draw(boxes()), draw(shares)) for word in text.split()]
    return Line(text, draw(boxes()), draw(shares), tuple(words) if draw(st.booleans()) else ())


@st.composite
def blocks(draw):
    kind = draw(st.sampled_from(BlockKind))
    if kind is not BlockKind.TABLE:
        inside = draw(st.lists(lines(), max_size=3))
        return Block(tuple(inside), kind, draw(st.integers(0, 9)))
    return draw(tables())


@st.composite
def tables(draw):
    places = draw(
        st.lists(
            st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5, unique=True
        )
    )
    cells = tuple(
        Cell(
            row,
            column,
            tuple(draw(st.lists(lines(), max_size=2))),
            draw(st.integers(1, 3)),
            draw(st.integers(1, 3)),
        )
        for row, column in places
    )
    return Block(tuple(line for cell in cells for line in cell.lines), BlockKind.TABLE, cells=cells)


@st.composite
def documents(draw):
    return [
        Page(
            draw(st.integers(1, 1000)),
            draw(st.integers(1, 1000)),
            (*draw(st.lists(blocks(), max_size=4)), *([draw(tables())] if number == 1 else [])),
            number,
            draw(st.sampled_from(PageSource)),
            draw(st.sampled_from((0.0, 3.5, 90.0, 180.0, 270.0))),
        )
        for number in range(1, draw(st.integers(2, 3)))
    ]


def written(pages, form):
    output = io.BytesIO()
    write(pages, form, output, lambda page: Image.new("RGB", (page.width, page.height), "white"))
    return output.getvalue()


def letters(text):
    """What must survive of a text: everything but space."""
    return "".join(plain(text).split())


@ANY_PAGES
@given(documents())
def test_plain_text_keeps_every_letter(pages):
    text = written(pages, ExportFormat.TEXT).decode()
    assert text.count("\f") == len(pages) - 1
    assert letters(text) == letters("".join(shown(block) for block in all_blocks(pages)))


@ANY_PAGES
@given(documents())
def test_markdown_has_the_structure_of_the_page_and_no_other(pages):
    assert_markdown_says(pages)


@pytest.mark.parametrize("kind", [kind for kind in BlockKind if kind is not BlockKind.TABLE])
def test_no_trick_becomes_markdown(kind):
    """Each alone, below another line, and below an item of a list."""
    place = Box(0, 0, 9, 9)
    for trick in TRICKS:
        line, above = Line(trick, place, 1.0), Line("a | b", Box(0, -20, 9, -11), 1.0)
        item = Block((above,), BlockKind.LIST, 1)
        blocks = (Block((line,), kind, 1), item, Block((above, line), kind, 2))
        assert_markdown_says([Page(9, 9, blocks)])


def assert_markdown_says(pages):
    """What a parser finds is what stands between the margins, each block of its kind and whole."""
    text = written(pages, ExportFormat.MD).decode()
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    margins = (BlockKind.HEADER, BlockKind.FOOTER)
    said = [b for b in all_blocks(pages) if letters(shown(b)) and b.kind not in margins]
    kinds = [block.kind for block in said]
    flat = [*tokens, *(child for token in tokens for child in token.children or ())]
    counted = {token.type for token in flat}
    assert not counted & {"html_block", "html_inline", "link_open", "image", "blockquote_open"}
    assert not counted & {"code_block", "code_inline", "strong_open", "s_open"}

    def count(name):
        return sum(token.type == name for token in flat)

    assert count("heading_open") == kinds.count(BlockKind.HEADING)
    assert count("list_item_open") == kinds.count(BlockKind.LIST)
    assert count("fence") == kinds.count(BlockKind.CODE) + kinds.count(BlockKind.BARCODE)
    assert count("em_open") == kinds.count(BlockKind.CAPTION)
    assert count("table_open") == sum(b.kind is BlockKind.TABLE for b in all_blocks(pages))
    assert count("hr") == len(pages) - 1
    expected = "".join(
        re.sub(r"^\s*[\u2022*+-]\s+(?=\S)", "", plain(shown(block)))
        if block.kind is BlockKind.LIST
        else shown(block)
        for block in said
    )
    assert letters("".join(rendered(tokens))) == letters(expected)


def rendered(tokens):
    """The text that a person sees, with the numbers of ordered lists."""
    open_lists = []
    for token in tokens:
        if token.type == "ordered_list_open":
            open_lists.append(token.attrs.get("start", 1))
        elif token.type == "bullet_list_open":
            open_lists.append(None)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            open_lists.pop()
        elif token.type == "list_item_open" and open_lists[-1] is not None:
            yield f"{open_lists[-1]}{token.markup}"
            open_lists[-1] += 1
        elif token.type == "fence":
            yield token.content
        elif token.type == "inline":
            yield from (child.content for child in token.children)


@ANY_PAGES
@given(documents())
def test_html_is_strictly_valid_and_has_no_element_of_its_text(pages):
    text = written(pages, ExportFormat.HTML).decode()
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(text)
    used = {element.tag for element in tree.iter()}
    shell = {"html", "head", "meta", "title", "style", "body", "section"}
    headings = {f"h{level}" for level in range(1, 7)}
    assert used <= shell | headings | {"p", "pre", "code", "table", "tbody", "tr", "td"}
    assert letters("".join(tree.find("body").itertext())) == letters(
        "".join(shown(block) for block in all_blocks(pages))
    )


@ANY_PAGES
@given(documents())
def test_csv_comes_back_and_holds_no_formula(pages):
    text = written(pages, ExportFormat.CSV).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    expected = []
    for block in all_blocks(pages):
        if block.kind is BlockKind.TABLE:
            expected += [[]] * bool(expected) + repeated_texts(block)
    assert not any(is_formula(cell) for row in rows for cell in row)
    # A row of one empty cell is written as "" and so differs from the line between tables.
    assert [[cell.removeprefix("'") for cell in row] for row in rows] == [
        [cell.removeprefix("'") for cell in row] for row in expected
    ]


@ANY_PAGES
@given(documents())
def test_json_follows_its_schema_and_loses_nothing(pages):
    document = json.loads(written(pages, ExportFormat.JSON).decode())
    jsonschema.Draft202012Validator(SCHEMA).validate(document)

    def whole(text):
        return re.sub("[\ud800-\udfff]", "\ufffd", text)

    for page, stored in zip(pages, document["pages"], strict=True):
        for block, other in zip(page.blocks, stored["blocks"], strict=True):
            assert [whole(line.text) for line in block.lines] == [
                line["text"] for line in other["lines"]
            ]
            for cell, kept in zip(block.cells, other.get("cells", ()), strict=True):
                assert [whole(line.text) for line in cell.lines] == [
                    other["lines"][place]["text"] for place in kept["lines"]
                ]


@ANY_PAGES
@given(documents())
def test_hocr_is_valid_xml_with_every_word_inside_its_page(pages):
    root = ET.fromstring(written(pages, ExportFormat.HOCR))  # noqa: S314 - written above
    words = [element for element in root.iter() if element.get("class") == "ocrx_word"]
    assert [word.text for word in words] == [
        word.text for block in all_blocks(pages) for line in block.lines for word in words_of(line)
    ]
    for page, element in zip(pages, root.iterfind(".//*[@class='ocr_page']"), strict=True):
        for word in element.iterfind(".//*[@class='ocrx_word']"):
            found = re.fullmatch(r"bbox (\d+) (\d+) (\d+) (\d+); x_wconf (\d+)", word.get("title"))
            left, top, right, bottom, confidence = map(int, found.groups())
            assert left <= right <= page.width
            assert top <= bottom <= page.height
            assert confidence <= 100


def all_blocks(pages):
    return [block for page in pages for block in page.blocks]


def shown(block):
    if block.kind is BlockKind.TABLE:
        return " ".join(text for row in table_texts(block) for text in row)
    return paragraph_text(block)


def test_the_schema_itself_is_sound():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"format": "ocellus-reading", "version": 2, "pages": []}, SCHEMA)

"""What a PDF page says by itself: small pages, each with one thing that programs do to text."""

import io

import pytest
from papers import Paper, text
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from app.core.export import ExportFormat
from app.core.reading import PageSource, Reading
from app.reader.exports import write
from app.reader.intake.page_text import page_of
from app.reader.intake.pdf import PdfPages
from app.reader.ocr.warm import WarmOcr

LINES = (
    "The harbour office is closed today because",
    "of the storm which is expected to come in the",
    "evening. Ask at the grocery in Quay Street and",
    "wait there until somebody can be found.",
)


def never():
    return False


@pytest.fixture(scope="module")
def ocr():
    warm = WarmOcr()
    yield warm.get(never)
    warm.close()


def own(paper, tmp_path):
    """The first page of `paper` by its own text alone: nothing may be left to be read."""
    pages = PdfPages(paper.save(tmp_path / "p.pdf"), "p.pdf")
    prepared = pages.prepare(1, never)
    pages.close()
    assert not prepared.needs_reading
    return page_of(prepared, 1, None, never)


def read(paper, tmp_path, ocr):
    """The first page of `paper`, with what is to be read from its picture."""
    pages = PdfPages(paper.save(tmp_path / "p.pdf"), "p.pdf")
    prepared = pages.prepare(1, never)
    pages.close()
    return page_of(prepared, 1, ocr, never)


def rows(page):
    return Reading((page,)).rows()


def plain(page):
    """The page as a text file."""
    file = io.BytesIO()
    write([page], ExportFormat.TEXT, file)
    return file.getvalue().decode().strip()


def in_font(paper, content, meanings=None, differences=()):
    """A page of `content` in a font of its own: what its codes mean, and which glyphs they draw."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    font.Encoding = Dictionary(
        BaseEncoding=Name.WinAnsiEncoding, Differences=Array(list(differences))
    )
    if meanings is not None:
        entries = "".join(
            f"<{code:02X}> <{meaning.encode('utf-16-be').hex()}>\n"
            for code, meaning in meanings.items()
        )
        font.ToUnicode = paper.pdf.make_stream(
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
            b"1 begincodespacerange <00> <FF> endcodespacerange\n"
            + f"{len(meanings)} beginbfchar\n{entries}endbfchar endcmap end end".encode()
        )
    paper.page(content)
    paper.pdf.pages[-1].Resources.Font.F1 = paper.pdf.make_indirect(font)
    return paper


def turned(x, y, words, matrix):
    return f"BT /F1 12 Tf {matrix} {x} {y} Tm ({words}) Tj ET\n"


def test_a_word_parted_at_a_lines_end_is_made_whole(tmp_path):
    page = own(
        Paper().page(
            text(60, 700, "The parser was imple-")
            + text(60, 685, "mented in two weeks, and")
            + text(60, 670, "nobody knows a better-")
            + text(60, 655, "known one than this.")
        ),
        tmp_path,
    )
    assert rows(page)[:2] == ("The parser was imple-", "mented in two weeks, and")
    assert plain(page).startswith("The parser was implemented in two weeks, and nobody knows")


@pytest.mark.parametrize("apart", [0, 0.18, 0.5])
def test_letters_that_are_drawn_twice_for_bold_are_there_once(tmp_path, apart):
    words = "HELLO AA 11"
    twice = text(60, 700, words) + text(60 + apart, 700, words)
    # Half of the page between the two: PDFium itself only looks near by.
    between = "".join(text(60, 660 - 20 * row, f"Line {row} between") for row in range(12))
    again = text(60, 100, words) + between + text(60 + apart, 100, words)
    page = own(Paper().page(twice + again), tmp_path)
    assert [row for row in rows(page) if "HELLO" in row] == [words, words]


def test_what_is_raised_or_lowered_stays_with_its_word(tmp_path):
    small, large = "/F1 7 Tf", "/F1 12 Tf"
    raised = f"BT {large} 60 700 Td (a) Tj {small} 4 Ts (2) Tj {large} 0 Ts ( + b) Tj "
    raised += f"{small} 4 Ts (2) Tj {large} 0 Ts ( = c) Tj ET\n"
    lowered = text(60, 650, "H") + text(69, 647, "2", 7) + text(73, 650, "O is water")
    note = f"BT {large} 60 600 Td (So it was said.) Tj {small} 5 Ts (12) Tj {large} 0 Ts "
    note += "( And more.) Tj ET\n"
    page = own(Paper().page(raised + lowered + note), tmp_path)
    assert rows(page) == ("a2 + b2 = c", "H2O is water", "So it was said.12 And more.")


def test_accents_that_are_drawn_by_themselves_are_upon_their_letters(tmp_path):
    content = text(60, 550, "caf") + text(76, 550, "e") + text(77.5, 550, "\u00b4")
    content += text(83, 550, " na") + text(98, 550, "¨") + text(99, 550, "i") + text(102, 550, "ve")
    content += text(130, 550, "\u00b4quoted\u00b4")
    assert rows(own(Paper().page(content), tmp_path)) == ("café naïve  \u00b4quoted\u00b4",)


def test_accents_that_come_words_behind_their_letters_are_upon_them_too(tmp_path):
    letters = zip((60, 66, 72.7), "Jan", strict=True)
    content = "".join(text(x, 550, letter) for x, letter in letters)
    content += (
        text(84, 550, "Min") + text(103, 550, "ac for his support") + text(67.5, 551, "\u00b4")
    )
    content += text(105, 551, "\u00b4") + text(60, 530, "and for his help")
    found = rows(own(Paper().page(content), tmp_path))
    assert found == ("Ján Minác for his support", "and for his help")


def test_ligatures_are_letters_whatever_the_font_says_of_them(tmp_path, ocr):
    words = text(60, 700, "The o~ce is e~cient and the @rst of many words")
    known = {code: chr(code) for code in range(32, 127)}
    glyphs = (64, Name("/fi"), 126, Name("/fi"))
    wanted = ("The office is efficient and the first of many words",)
    for one, several in (("\ufb01", "\ufb03"), ("fi", "ffi")):
        paper = in_font(Paper(), words, {**known, 64: one, 126: several}, glyphs)
        assert rows(own(paper, tmp_path)) == wanted
    words = text(60, 700, "The of@ce is ef@cient and the @rst of many words")
    assert rows(own(in_font(Paper(), words, None, glyphs), tmp_path)) == wanted
    # Of this one nobody knows what it is, but it is seen.
    page = read(in_font(Paper(), words, {**known, 64: "\0"}, glyphs), tmp_path, ocr)
    assert rows(page) == wanted
    assert page.source is PageSource.BOTH


def test_a_font_whose_letters_stand_for_others_is_read_from_the_picture(tmp_path, ocr):
    form = (
        "Phone number of the owner",
        "Street and house number",
        "Please write in capital letters",
        "Name of the applicant",
    )
    content = "".join(text(60, 700 - 30 * row, words, 14) for row, words in enumerate(form))
    letters = [chr(code) for code in (*range(65, 91), *range(97, 123))]
    signs = {ord(letter): chr(33 + 7 * at % 40) for at, letter in enumerate(letters)}
    others = {ord(letter): letters[(at + 9) % 52] for at, letter in enumerate(letters)}
    for meanings in (signs, others):
        page = read(in_font(Paper(), content, {32: " ", **meanings}), tmp_path, ocr)
        assert rows(page) == form
        assert page.source is PageSource.PICTURE


def test_numbers_code_and_other_languages_are_no_garbled_text(tmp_path):
    content = [
        "4711 19.90 +7% -3.5% (12) 1,000.00 2024-01-31 #12",
        "for (i = 0; i < n; i++) { total += prices[i]; }",
        "if (!done) { return self.rows[-1].append(None); }",
        "Zażółć gęślą jaźń".encode("cp1252", "ignore").decode("cp1252"),
        "Wszystkich prosimy o zachowanie ciszy podczas egzaminu",
        "Hyvinvointiyhteiskunnan tulevaisuudesta keskusteltiin",
    ]
    page = own(
        Paper().page("".join(text(60, 700 - 40 * at, one) for at, one in enumerate(content))),
        tmp_path,
    )
    assert page.source is PageSource.TEXT_LAYER
    assert set(content) <= {line.text for block in page.blocks for line in block.lines}


@pytest.mark.parametrize("way", ["up", "down", "head", "rotated"])
def test_a_page_whose_text_runs_another_way_is_read_in_its_order(tmp_path, way):
    matrix = {"up": "0 1 -1 0", "down": "0 -1 1 0", "head": "-1 0 0 -1"}
    places = {
        "up": [(100 + 14 * row, 200) for row in range(4)],
        "down": [(400 - 14 * row, 600) for row in range(4)],
        "head": [(500, 600 + 14 * row) for row in range(4)],
    }
    if way == "rotated":
        content = "".join(text(60, 700 - 14 * row, line) for row, line in enumerate(LINES))
        paper = Paper().page(content, Rotate=90)
    else:
        paper = Paper().page(
            "".join(
                turned(*place, line, matrix[way])
                for place, line in zip(places[way], LINES, strict=True)
            )
        )
    page = own(paper, tmp_path)
    assert rows(page) == LINES
    assert plain(page) == " ".join(LINES)
    assert page.turned == {"up": 90, "down": -90, "head": 180, "rotated": -90}[way]
    first = page.blocks[0].lines[0].box
    assert (first.height > first.width) == (way != "head")


def test_what_runs_another_way_than_its_page_comes_last(tmp_path):
    content = "".join(text(60, 700 - 14 * row, line) for row, line in enumerate(LINES))
    stamp = "Preprint 1234.5678v2, 3 October 2020", "for the archive alone"
    content += turned(30, 450, stamp[0], "0 1 -1 0") + turned(46, 450, stamp[1], "0 1 -1 0")
    page = own(Paper().page(content), tmp_path)
    assert rows(page) == (*LINES, *stamp)
    assert page.turned == 0


def test_fields_ticks_and_remarks_are_text_of_the_page(tmp_path):
    paper = Paper().page(
        text(60, 700, "Name:") + text(60, 670, "I agree") + text(60, 640, "No letters, please")
    )
    pdf, page = paper.pdf, paper.pdf.pages[-1]

    def shape(content):
        stream = pdf.make_stream(content)
        stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, 14, 14])
        return stream

    def widget(kind, place, **entries):
        return pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array(place), F=4, **entries)
        )

    cross = Dictionary(On=shape(b"1 1 m 13 13 l S 1 13 m 13 1 l S"), Off=shape(b"1 1 12 12 re S"))
    name = widget("/Widget", [110, 695, 260, 715], FT=Name.Tx, T=String("a"), V=String("Zoe Maier"))
    name.DA = String("/F1 12 Tf 0 g")
    ticks = [
        widget("/Widget", [170, y, 184, y + 14], FT=Name.Btn, T=String(state + str(y)))
        for y, state in ((668, "On"), (638, "Off"))
    ]
    for tick, state in zip(ticks, (Name.On, Name.Off), strict=True):
        tick.V, tick.AS, tick.AP = state, state, Dictionary(N=cross)
    remark = widget(
        "/FreeText",
        [60, 580, 260, 600],
        Contents=String("A remark in free text"),
        DA=String("/F1 12 Tf 0 g"),
    )
    page.Annots = Array([name, *ticks, remark])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([name, *ticks]),
        DR=Dictionary(Font=Dictionary(F1=page.Resources.Font.F1)),
        DA=String("/F1 12 Tf 0 g"),
    )
    pages = PdfPages(paper.save(tmp_path / "form.pdf"), "form.pdf")
    prepared = pages.prepare(1, never)
    found = {line.text: line.box for line in prepared.lines}
    assert {"Zoe Maier", "I agree", "✓", "A remark in free text"} <= set(found)
    assert sum(line.text == "✓" for line in prepared.lines) == 1
    assert found["✓"].overlap_y(found["I agree"]) > 0
    # What is drawn of them is read no second time; it is still seen.
    assert not any(
        left < found["✓"].centre_x < right and top < found["✓"].centre_y < bottom
        for left, top, right, bottom in prepared.parts
    )
    again = pages.prepare(1, never)
    assert [line.text for line in again.lines] == [line.text for line in prepared.lines]
    box = found["✓"]
    seen = pages.picture(1, never).convert("L")
    pages.close()
    darkest, _ = seen.crop(tuple(map(int, (box.left, box.top, box.right, box.bottom)))).getextrema()
    assert darkest < 128


@pytest.mark.parametrize(
    "boxes",
    [
        {"MediaBox": [100, 200, 695, 1042]},
        {"MediaBox": [-200, -300, 395, 542], "CropBox": [-150, -200, 300, 400]},
        {"MediaBox": [0, 0, 900, 900], "CropBox": [100, 100, 1200, 800]},
    ],
)
def test_pages_may_begin_anywhere(tmp_path, boxes):
    left, bottom = boxes.get("CropBox", boxes["MediaBox"])[:2]
    words = text(left + 60, bottom + 300, "Harbour 4711", 14)
    entries = {name: Array(sides) for name, sides in boxes.items()}
    pages = PdfPages(Paper().page(words, **entries).save(tmp_path / "p.pdf"), "p.pdf")
    (line,) = pages.prepare(1, never).lines
    dark = pages.picture(1, never).convert("L").point(lambda value: 255 if value < 128 else 0)
    pages.close()
    assert line.text == "Harbour 4711"
    ink = dark.getbbox()
    assert abs(ink[0] - line.box.left) <= 3
    assert abs(ink[2] - line.box.right) <= 3
    assert line.box.top - 1 <= ink[1] < ink[3] <= line.box.bottom + 1


def test_hebrew_and_arabic_are_in_the_order_in_which_they_are_spoken(tmp_path):
    hebrew, arabic = "שלום עולם 1948 טוב", "سلام عليكم"
    # Joined letters, as programs write them.
    shown = {"س": "ﺳ", "ل": "ﻟ", "\u0627": "\ufe8e", "م": "ﻡ", "ع": "ﻋ", "ي": "ﻴ", "ك": "ﻜ"}
    letters = dict.fromkeys((hebrew + arabic).replace(" ", ""))
    codes = {letter: 65 + at for at, letter in enumerate(one for one in letters if one > "9")}
    meanings = {code: shown.get(letter, letter) for letter, code in codes.items()}
    meanings |= {code: chr(code) for code in (32, *range(48, 58))}

    def drawn(words):
        # From left to right, numbers as they are.
        ordered = [word if word.isdigit() else word[::-1] for word in reversed(words.split())]
        return "".join(chr(codes.get(letter, ord(letter))) for letter in " ".join(ordered))

    content = text(60, 700, drawn(hebrew)) + text(60, 640, drawn(arabic))
    assert rows(own(in_font(Paper(), content, meanings), tmp_path)) == (hebrew, arabic)


@pytest.mark.parametrize("ligature", ["\u0644\u0623", "\u0644\u0644\u0647"])
def test_the_letters_of_an_arabic_ligature_keep_their_order(tmp_path, ligature):
    meanings = {65: "\u0627", 66: ligature, 67: "\u0645", 32: " "}
    page = own(in_font(Paper(), text(60, 700, "CBA"), meanings), tmp_path)
    assert rows(page) == (f"\u0627{ligature}\u0645",)


def test_a_page_of_text_and_rules_needs_no_large_picture(tmp_path):
    lines = "".join(text(60, 700 - 14 * row, line) for row, line in enumerate(LINES))
    rule = "0.5 w 60 760 m 500 760 l S 60 100 m 200 100 l S\n"
    pages = PdfPages(Paper().page(lines + rule).save(tmp_path / "p.pdf"), "p.pdf")
    prepared = pages.prepare(1, never)
    pages.close()
    assert len(prepared.lines) == 4
    assert prepared.picture is None


def test_a_lone_picture_without_text_is_read_whole(tmp_path, ocr):
    image = Image.new("RGB", (1000, 700), "white")
    paper = Paper().page("q 500 0 0 350 40 400 cm /P0 Do Q\n", [image])
    page = read(paper, tmp_path, ocr)
    assert (page.blocks, page.source) == ((), PageSource.PICTURE)

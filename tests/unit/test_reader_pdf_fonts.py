"""What a PDF's fonts say of its letters, and when the picture is read instead."""

import pytest
from papers import Paper, text
from pdf_text import own, rows
from pikepdf import Array, Dictionary, Name
from PIL import Image
from uncancelled import never

from app.core.reading import PageSource
from app.reader.intake.page_text import page_of
from app.reader.intake.pdf import PdfPages
from app.reader.ocr.warm import WarmOcr


@pytest.fixture(scope="module")
def ocr():
    warm = WarmOcr()
    yield warm.get(never)
    warm.close()


def read(paper, tmp_path, ocr):
    """The first page of `paper`, with what is to be read from its picture."""
    pages = PdfPages(paper.save(tmp_path / "p.pdf"), "p.pdf")
    prepared = pages.prepare(1, never)
    pages.close()
    return page_of(prepared, 1, ocr, never)


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


def test_a_lone_picture_without_text_is_read_whole(tmp_path, ocr):
    image = Image.new("RGB", (1000, 700), "white")
    paper = Paper().page("q 500 0 0 350 40 400 cm /P0 Do Q\n", [image])
    page = read(paper, tmp_path, ocr)
    assert (page.blocks, page.source) == ((), PageSource.PICTURE)

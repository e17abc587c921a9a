"""What a PDF page says by itself: small pages, each with one thing that programs do to text."""

import io

import pytest
from papers import Paper, text
from pdf_text import own, rows
from pikepdf import Array, Dictionary, Name, String
from uncancelled import never

from app.core.export import ExportFormat
from app.reader.exports import write
from app.reader.intake.pdf import PdfPages

LINES = (
    "The harbour office is closed today because",
    "of the storm which is expected to come in the",
    "evening. Ask at the grocery in Quay Street and",
    "wait there until somebody can be found.",
)


def plain(page):
    """The page as a text file."""
    file = io.BytesIO()
    write([page], ExportFormat.TEXT, file)
    return file.getvalue().decode().strip()


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


def test_a_page_of_text_and_rules_needs_no_large_picture(tmp_path):
    lines = "".join(text(60, 700 - 14 * row, line) for row, line in enumerate(LINES))
    rule = "0.5 w 60 760 m 500 760 l S 60 100 m 200 100 l S\n"
    pages = PdfPages(Paper().page(lines + rule).save(tmp_path / "p.pdf"), "p.pdf")
    prepared = pages.prepare(1, never)
    pages.close()
    assert len(prepared.lines) == 4
    assert prepared.picture is None

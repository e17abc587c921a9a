"""A PDF saved as a searchable PDF: the same document, with text where it had none."""

import io

import pikepdf
import pypdfium2
import pytest
from papers import Paper, drawn, picture, text
from pikepdf import Array, Dictionary, Name, String
from uncancelled import never

from app.core.document import Document
from app.core.errors import Failed
from app.core.events import DocumentTaken, Finished, PageRead
from app.core.export import ExportFormat
from app.core.geometry import Box
from app.core.reading import Block, Line, Page, PageSource, Word
from app.core.requests import ReadDocument, SaveReading, TakeDocument
from app.core.wire import encode
from app.reader.exports.pdf import same_document
from app.reader.intake.pdf import PdfPages

LETTER = (612, 792)
WORDS = (("Read", Box(100, 200, 220, 240)), ("here", Box(240, 200, 330, 240)))


def saved(service, root, path, password="", numbers=()):
    """The PDF that is saved of one that comes in."""
    event, *_ = service.handle(TakeDocument(str(path), path.name, password), never)
    assert isinstance(event, DocumentTaken)
    document = event.document
    request = ReadDocument(document, numbers, password)
    pages = [event.page for event in service.handle(request, never) if isinstance(event, PageRead)]
    return written(service, root, document, pages, password)


def written(service, root, document, pages, password=""):
    source, target = root / "inbox" / "pages", root / "inbox" / "saved"
    source.write_bytes(b"".join(encode(page) + b"\n" for page in pages))
    request = SaveReading(
        document, str(source), ExportFormat.PDF, str(target), "saved.pdf", password
    )
    try:
        *_, end = service.handle(request, never)
        assert not isinstance(end, Failed), end
        assert end == Finished()
        return target.read_bytes()
    finally:
        source.unlink()
        target.unlink(missing_ok=True)


def test_what_comes_in_goes_out_with_text_where_there_was_none(service, root, tmp_path):
    scan = picture("Scanned letter 88", "Amount 19.90")
    paper = Paper().page(text(60, 700, "Written 4711") + text(60, 680, "and linked"), size=LETTER)
    paper.page(
        drawn(0, 60, 300, 400, 280)
        + text(60, 60, "Page 2")
        + text(60, 500, "Scamned lettre BB", 20, mode=3),
        [scan],
        size=LETTER,
    )
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([60, 678, 140, 692]),
        A=Dictionary(S=Name.URI, URI=String("https://example.org/")),
    )
    paper.pdf.pages[0].Annots = Array([paper.pdf.make_indirect(link)])
    path = paper.save(tmp_path / "in.pdf")
    data = saved(service, root, path)
    assert len(data) < path.stat().st_size + 8000
    with pikepdf.open(path) as before, pikepdf.open(io.BytesIO(data)) as after:
        assert after.check_pdf_syntax() == []
        first, second = after.pages
        assert first.Annots[0].A.URI == "https://example.org/"
        assert first.Contents.read_bytes() == before.pages[0].Contents.read_bytes()
        assert [list(page.mediabox) for page in (first, second)] == [[0, 0, *LETTER]] * 2
        assert second.Resources.XObject["/P0"].read_raw_bytes() == (
            before.pages[1].Resources.XObject["/P0"].read_raw_bytes()
        )
    (tmp_path / "out.pdf").write_bytes(data)
    old, new = (PdfPages(tmp_path / name, name) for name in ("in.pdf", "out.pdf"))
    for number in (1, 2):
        assert new.picture(number, never).tobytes() == old.picture(number, never).tobytes()
    old.close()
    new.close()
    with pypdfium2.PdfDocument(data) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert texts[0].split() == ["Written", "4711", "and", "linked"]
    for word in ("Scanned", "letter", "88", "Amount", "19.90", "Page"):
        assert texts[1].split().count(word) == 1
    assert "Scamned" not in texts[1]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_added_text_stands_where_the_page_shows_it(tmp_path, turn):
    sides = [20, 30, 500, 800]
    paper = Paper().page(text(60, 700, "Own"), Rotate=turn, CropBox=Array(sides))
    path = paper.save(tmp_path / "in.pdf")
    pages = PdfPages(path, "in.pdf")
    shown = pages.picture(1, never)
    pages.close()
    words = tuple(Word(word, box, 0.98) for word, box in WORDS)
    line = Line("Read here", Box.union([box for _, box in WORDS]), 0.98, words)
    certain = Line("Own", Box(9, 9, 90, 30), 1.0, (Word("Own", Box(9, 9, 90, 30), 1.0),))
    page = Page(*shown.size, (Block((certain, line)),), 1, PageSource.BOTH)
    data = io.BytesIO()
    with same_document.opened(path, "") as document:
        same_document.write(document, [page], data)
    (tmp_path / "out.pdf").write_bytes(data.getvalue())
    pages = PdfPages(tmp_path / "out.pdf", "out.pdf")
    assert pages.picture(1, never).tobytes() == shown.tobytes()
    pages.close()
    document = pypdfium2.PdfDocument(data.getvalue())
    textpage = document[0].get_textpage()
    assert textpage.get_text_range().split() == ["Own", "Read", "here"]
    found = {}
    height, width = sides[3] - sides[1], sides[2] - sides[0]
    scale = shown.width / (height if turn % 180 else width)
    for index in range(textpage.count_chars()):
        if (name := textpage.get_text_range(index, 1)) in "Rh":
            left, bottom, right, top = textpage.get_charbox(index)
            left, right = left - sides[0], right - sides[0]
            bottom, top = bottom - sides[1], top - sides[1]
            place = {
                0: (left, height - top),
                90: (bottom, left),
                180: (width - right, bottom),
                270: (height - top, width - right),
            }[turn]
            found[name] = [side * scale for side in place]
    document.close()
    for name, (_, box) in zip("Rh", WORDS, strict=True):
        assert found[name] == pytest.approx([box.left, box.top], abs=1.5)


def test_only_the_pages_that_were_read_are_saved_and_a_lock_is_left_off(service, root, tmp_path):
    paper = Paper()
    for number in (1, 2, 3):
        paper.page(text(60, 700, f"Sheet {number}"))
    paper.lock(tmp_path / "locked.pdf", "geheim")
    data = saved(service, root, tmp_path / "locked.pdf", "geheim", (1, 3))
    with pikepdf.open(io.BytesIO(data)) as after:
        assert not after.is_encrypted
        assert [
            b"Sheet %d" % number in page.Contents.read_bytes()
            for page, number in zip(after.pages, (1, 3), strict=True)
        ] == [True, True]


def test_a_document_too_damaged_to_be_kept_is_saved_as_pictures(
    service, root, tmp_path, monkeypatch
):
    path = Paper().page(text(60, 700, "Harbour 4711")).save(tmp_path / "in.pdf")
    event, *_ = service.handle(TakeDocument(str(path), path.name), never)
    document: Document = event.document
    pages = [
        event.page
        for event in service.handle(ReadDocument(document), never)
        if isinstance(event, PageRead)
    ]
    monkeypatch.setattr(same_document, "opened", lambda *_: None)
    with pikepdf.open(io.BytesIO(written(service, root, document, pages))) as after:
        assert list(after.pages[0].Resources.XObject.keys()) == ["/Picture"]

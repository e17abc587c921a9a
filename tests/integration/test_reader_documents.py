"""Documents through the reader's requests: where a page's text comes from and where it stands."""

import threading
import time

import pypdfium2
import pytest
from papers import Paper, drawn, picture, table, text
from PIL import Image
from uncancelled import never

from app.core.document import DocumentKind
from app.core.errors import ErrorKind, Failed
from app.core.events import DocumentTaken, Finished, FinishReason, PageRead, PictureTaken
from app.core.export import ExportFormat
from app.core.pictures import document_path, picture_path
from app.core.reading import BlockKind, Page, PageSource, Reading
from app.core.requests import ReadDocument, SaveReading, TakeDocument, TakePage
from app.core.wire import encode
from app.reader.intake.pdf import PdfPages
from app.reader.ocr.languages import LETTERS
from app.reader.ocr.onnx import RECOGNITION, Session

SCAN = ("Scanned letter 88", "Amount 19.90")


def take(service, path, **options):
    """The document, or the `Failed` that came instead."""
    event, *rest = service.handle(TakeDocument(str(path), **options), never)
    assert rest == ([] if isinstance(event, Failed) else [Finished()])
    return event.document if isinstance(event, DocumentTaken) else event


def read(service, document, *pages, password=""):
    """The `PageRead`s of a document that can be read."""
    *events, end = service.handle(ReadDocument(document, pages, password), never)
    assert end == Finished()
    assert all(isinstance(event, PageRead) for event in events)
    return events


def said(event):
    """A page's text, and where it comes from."""
    assert event.failure is None
    return Reading((event.page,)).rows(), event.page.source


def test_a_page_counts_its_own_text_as_far_as_it_can_be_seen(service, root, tmp_path):
    scan, page = picture(*SCAN), drawn(0, 0, 300, 595, 416)
    paper = Paper()
    paper.page(text(60, 700, "Invoice 4711 for Zoë") + text(300, 680, "Total: 32.64 €"))
    paper.page(page, [scan])
    paper.page(
        text(60, 780, "A caption") + drawn(0, 60, 400, 400, 280) + text(60, 60, "page 3"), [scan]
    )
    # What other programs once read wrongly lies unseen over the scan; the number is seen.
    paper.page(
        page + text(60, 600, "Scamned lettre BB", 20, mode=3) + text(60, 20, "No. 4"), [scan]
    )
    paper.page(text(60, 700, "below the scan") + page, [scan])
    paper.page("1 g " + text(60, 700, "white on white") + "0 g " + text(60, 600, "but this"))
    paper.page("")
    document = take(service, paper.save(tmp_path / "all.pdf"))
    assert (document.kind, document.pages, document.name) == (DocumentKind.PDF, 7, "all.pdf")
    assert not document.locked
    events = read(service, document)
    assert [(event.done, event.total, event.page.number) for event in events] == [
        (number, 7, number) for number in range(1, 8)
    ]
    assert [said(event) for event in events] == [
        (("Invoice 4711 for Zoë", "Total: 32.64 €"), PageSource.TEXT_LAYER),
        (SCAN, PageSource.PICTURE),
        (("A caption", *SCAN, "page 3"), PageSource.BOTH),
        ((*SCAN, "No. 4"), PageSource.BOTH),
        (SCAN, PageSource.PICTURE),
        (("but this",), PageSource.TEXT_LAYER),
        ((), PageSource.PICTURE),
    ]
    # In any order, and only these.
    assert [event.page.number for event in read(service, document, 6, 1)] == [6, 1]
    assert document_path(root / "pictures", document.sha256).is_file()


@pytest.mark.parametrize(
    "entries", [{}, {"Rotate": 90}, {"Rotate": 270}, {"CropBox": [100, 300, 500, 760]}]
)
def test_words_stand_where_the_pages_picture_shows_them(service, root, tmp_path, entries):
    words = text(160, 700, "Harbour 4711", 14) + text(300, 320, "Quay", 9)
    document = take(service, Paper().page(words, **entries).save(tmp_path / "p.pdf"))
    (event,) = read(service, document)
    found = {
        word.text: word.box
        for block in event.page.blocks
        for line in block.lines
        for word in line.words
    }
    assert set(found) == {"Harbour", "4711", "Quay"}
    taken, _ = service.handle(TakePage(document, 1), never)
    assert isinstance(taken, PictureTaken)
    assert (taken.picture.width, taken.picture.height) == (event.page.width, event.page.height)
    with Image.open(picture_path(root / "pictures", taken.picture.sha256)) as image:
        dark = image.convert("L").point(lambda value: 255 if value < 128 else 0)
    # Along the line the boxes fit the ink; across it they hold it.
    turned = entries.get("Rotate") in (90, 270)
    for box in found.values():
        assert (box.height > box.width) == turned
        left, top, right, bottom = dark.crop(
            (int(box.left) - 3, int(box.top) - 3, int(box.right) + 4, int(box.bottom) + 4)
        ).getbbox()
        along = (top, bottom, box.height) if turned else (left, right, box.width)
        assert along[0] <= 6
        assert abs((along[1] - along[0]) - along[2]) <= 3
        dark.paste(0, (int(box.left), int(box.top), int(box.right) + 2, int(box.bottom) + 2))
    assert dark.getbbox() is None


def test_pages_have_their_tables_and_are_set_right(service, tmp_path):
    rows = (("Item", "Amount", "Price"), ("Nails", "200", "4.10"), ("Rope", "", "12.00"))
    letter = picture(
        "The harbour office is closed today.",
        "Ask at the grocery in Quay Street.",
        "It opens at nine in the morning.",
        size=(1000, 700),
    )
    paper = Paper().page(text(60, 760, "What was ordered in May") + table(rows))
    paper.page(drawn(0, 50, 50, 490, 700), [letter.transpose(Image.Transpose.ROTATE_90)])
    own, scan = read(service, take(service, paper.save(tmp_path / "two.pdf")))
    assert own.page.source is PageSource.TEXT_LAYER
    assert own.page.number == 1
    tables = [block for block in own.page.blocks if block.kind is BlockKind.TABLE]
    assert len(tables) == 1
    cells = {(cell.row, cell.column): cell.text for cell in tables[0].cells}
    texts = [tuple(cells.get((row, column), "") for column in range(3)) for row in range(3)]
    assert tuple(texts) == rows
    assert (scan.page.source, scan.page.number) == (PageSource.PICTURE, 2)
    assert scan.page.turned == pytest.approx(90, abs=2)
    assert Reading((scan.page,)).rows()[0] == "The harbour office is closed today."
    assert scan.page.height > scan.page.width  # As it is seen, not as it was read.


def test_a_locked_document_asks_for_its_password_and_waits_for_it(service, root, tmp_path):
    path = root / "inbox" / "dropped"
    Paper().page(text(60, 700, "Secret 42")).lock(path, "geheim")
    for password, words in (("", "is locked"), ("Geheim", "not the right one")):
        failed = take(service, path, name="locked.pdf", password=password, consume=True)
        assert failed.kind is ErrorKind.PASSWORD
        assert words in failed.headline
    document = take(service, path, password="geheim", consume=True)
    assert document.locked
    assert not path.exists()
    (event,) = read(service, document, password="geheim")
    assert said(event) == (("Secret 42",), PageSource.TEXT_LAYER)
    # After a start the password is asked for again.
    (failed,) = service.handle(ReadDocument(document), never)
    assert failed.kind is ErrorKind.PASSWORD
    # One that opens without any takes no harm from a password.
    path = Paper().page(text(60, 700, "Open")).save(tmp_path / "open.pdf")
    assert not take(service, path, password="geheim").locked


@pytest.mark.parametrize("is_big", [False, True])
def test_a_tiff_has_pages_and_a_picture_is_one(service, tmp_path, is_big):
    pages = [picture(f"Fax page {number}", size=(700, 200)) for number in (1, 2, 3)]
    pages[1] = pages[1].convert("1")
    more = {"big_tiff": True} if is_big else {}
    pages[0].save(tmp_path / "fax.tif", save_all=True, append_images=pages[1:], **more)
    document = take(service, tmp_path / "fax.tif")
    assert (document.kind, document.pages) == (DocumentKind.TIFF, 3)
    (tmp_path / "fax.tif").unlink()
    assert [said(event)[0] for event in read(service, document, 3, 2)] == [
        ("Fax page 3",),
        ("Fax page 2",),
    ]
    pages[0].save(tmp_path / "one.tif")
    pages[0].save(tmp_path / "photo.jpg.pdf", "JPEG", quality=95)
    for name in ("one.tif", "photo.jpg.pdf"):
        document = take(service, tmp_path / name)
        assert (document.kind, document.pages) == (DocumentKind.PICTURE, 1)
        (event,) = read(service, document)
        assert said(event) == (("Fax page 1",), PageSource.PICTURE)
        taken, _ = service.handle(TakePage(document, 1), never)
        assert taken.picture.sha256 == document.sha256


def test_cancelling_keeps_what_is_done_and_serves_the_next(service, tmp_path):
    paper = Paper()
    for number in range(6):
        paper.page(drawn(0, 0, 0, 595, 842), [picture(f"Page {number}", size=(1653, 2339))])
    document = take(service, paper.save(tmp_path / "scan.pdf"))
    stop = threading.Event()
    events = service.handle(ReadDocument(document), stop.is_set)
    began = time.monotonic()
    assert next(events).page.number == 1
    for_a_page = time.monotonic() - began
    cancelled_at = []
    timer = threading.Timer(0.3, lambda: (cancelled_at.append(time.monotonic()), stop.set()))
    timer.start()
    *kept, end = events
    took = time.monotonic() - cancelled_at[0]
    assert end == Finished(FinishReason.STOPPED)
    assert len(kept) < 5
    # 0.2 s where the machine has nothing else to do.
    assert took < max(2, 2 * for_a_page)
    assert said(read(service, document, 6)[0])[0] == ("Page 5",)


def test_every_language_that_is_named_has_its_letters_in_the_model():
    characters = set(Session(RECOGNITION).metadata("character"))
    missing = {
        code: sorted(set(letters + letters.upper()) - characters)
        for code, (_, letters) in LETTERS.items()
        if code not in ("az", "tr", "de")
    }
    assert {code: letters for code, letters in missing.items() if letters} == {}
    for code in ("az", "tr", "de"):  # Whose capitals are no plain ones.
        assert set(LETTERS[code][1]) <= characters


def test_the_rules_of_a_table_are_nothing_to_be_read(tmp_path):
    path = Paper().page(table((("a", "b"), ("c", "d")))).save(tmp_path / "small.pdf")
    pages = PdfPages(path, "small.pdf")
    prepared = pages.prepare(1, never)
    pages.close()
    assert [line.text for line in prepared.lines] == ["a", "b", "c", "d"]
    assert prepared.parts == []
    assert prepared.picture is not None  # For the borders of its cells.


def test_a_page_that_nobody_could_show_keeps_its_place_in_a_pdf(service, root, tmp_path):
    pages = [picture(f"Fax page {number}", size=(700, 200)) for number in (1, 2)]
    pages[0].save(tmp_path / "fax.tif", save_all=True, append_images=pages[1:])
    document = take(service, tmp_path / "fax.tif")
    (event,) = read(service, document, 2)
    inbox, target = root / "inbox" / "pages", root / "inbox" / "saved"
    inbox.write_bytes(encode(Page(0, 0, (), 1)) + b"\n" + encode(event.page) + b"\n")
    request = SaveReading(document, str(inbox), ExportFormat.PDF, str(target), "fax.pdf")
    assert list(service.handle(request, never)) == [Finished()]
    with pypdfium2.PdfDocument(target) as saved:
        assert len(saved) == 2
        assert min(saved[0].render().to_pil().convert("L").tobytes()) == 255
        assert saved[1].get_textpage().get_text_bounded().strip() == "Fax page 2"
    inbox.unlink()
    target.unlink()


def test_only_what_the_window_left_in_the_inbox_is_saved_and_only_there(service, root, tmp_path):
    document = take(service, Paper().page(text(60, 700, "Mine")).save(tmp_path / "p.pdf"))
    (event,) = read(service, document)
    elsewhere, inbox = tmp_path / "pages", root / "inbox" / "pages"
    target = root / "inbox" / "saved"
    elsewhere.write_bytes(encode(event.page) + b"\n")
    inbox.write_bytes(encode(event.page) + b"\n{\n")
    places = [(one, target) for one in (elsewhere, inbox, root / "inbox" / "gone")]
    for pages, place in [*places, (inbox, tmp_path / "saved.txt")]:
        request = SaveReading(document, str(pages), ExportFormat.TEXT, str(place), "mine.txt")
        (failed,) = service.handle(request, never)
        assert failed.kind is ErrorKind.INTERNAL
        assert failed.headline == "The text that was read never reached the reader for saving."
        assert not place.exists()
    inbox.write_bytes(encode(event.page) + b"\n")
    request = SaveReading(document, str(inbox), ExportFormat.TEXT, str(target), "mine.txt")
    assert list(service.handle(request, lambda: True)) == [Finished(FinishReason.STOPPED)]
    assert not target.exists()
    assert list(service.handle(request, never)) == [Finished()]
    assert target.read_text("utf-8") == "Mine\n"
    (failed,) = service.handle(request, never)
    assert failed.kind is ErrorKind.EXISTS
    inbox.unlink()
    target.unlink()

"""Files that are no good documents: each becomes a sentence, and what can be read is read."""

import struct

import pikepdf
import pytest
from disks import files_of_at_most
from papers import Paper, drawn, picture, text
from pikepdf import Dictionary, Name
from PIL import Image
from refusals import refused
from uncancelled import never

from app.children import reader_child
from app.commands.documents import DocumentReader
from app.core.document import Document, DocumentKind
from app.core.errors import ErrorKind, Failed
from app.core.events import DocumentTaken, Finished, FinishReason, PageRead
from app.core.files.handing import hand_over
from app.core.reading import Reading
from app.core.requests import ReadDocument, TakeDocument, TakePage
from app.workers.host import Host


@pytest.fixture(autouse=True)
def still_works(service, folders, tmp_path):
    """After every test, a good document is read and nothing half or bad is in the store."""
    kept = set(folders[0].rglob("*"))
    yield
    document = take(service, Paper().page(text(60, 700, "Still here")).save(tmp_path / "good.pdf"))
    assert rows(service, document) == [("Still here",)]
    left = [path for path in set(folders[0].rglob("*")) - kept if path.is_file()]
    assert all(path.suffix in (".document", ".png") for path in left)


def take(service, path, **options):
    event = next(iter(service.handle(TakeDocument(str(path), **options), never)))
    return event.document if isinstance(event, DocumentTaken) else event


def read(service, document, *pages):
    *events, end = service.handle(ReadDocument(document, pages), never)
    assert end == Finished()
    assert all(isinstance(event, PageRead) for event in events)
    return events


def rows(service, document, *pages):
    """Each page's text; its failure's sentence in the place of what cannot be read."""
    return [
        event.failure.headline if event.failure else Reading((event.page,)).rows()
        for event in read(service, document, *pages)
    ]


@pytest.fixture
def good(tmp_path):
    """Three pages of text, in a file."""
    paper = Paper()
    for number in (1, 2, 3):
        paper.page(text(60, 700, f"Page {number} of three"))
    return paper.save(tmp_path / "three.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable)


BAD_FILES = {
    "empty.pdf": (b"", ErrorKind.BAD_PICTURE, "empty.pdf is empty"),
    "letter.pdf": (b"Dear Sir,\n" * 99, ErrorKind.NOT_A_PICTURE, "neither a picture nor a PDF"),
    "start.pdf": (b"%PDF-1.7\n", ErrorKind.BAD_DOCUMENT, "is a damaged PDF"),
    "noise.pdf": (b"%PDF-1.7\n" + bytes(range(256)) * 40, ErrorKind.BAD_DOCUMENT, "damaged PDF"),
    "other.tif": (b"MM\0+\0\x08", ErrorKind.NOT_A_PICTURE, "is a big-endian BigTIFF, which cannot"),
    "start.tif": (b"II*\0\x08\0\0\0", ErrorKind.BAD_PICTURE, "is a damaged TIFF"),
    "no-page.tif": (b"II*\0\x08\0\0\0\0\0\0\0\0\0", ErrorKind.BAD_PICTURE, "damaged TIFF"),
    "phone.pdf": (b"\0\0\0\x18ftypheic\0\0\0\0", ErrorKind.NOT_A_PICTURE, "a HEIC picture"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_a_sentence_and_not_kept(service, folders, tmp_path, name):
    data, kind, words = BAD_FILES[name]
    (tmp_path / name).write_bytes(data)
    before = set(folders[0].rglob("*.document"))
    refused(take(service, tmp_path / name), kind, words)
    assert set(folders[0].rglob("*.document")) == before


def test_what_is_no_file_or_has_no_pages(service, tmp_path):
    refused(take(service, tmp_path), ErrorKind.NOT_A_PICTURE, "is a folder")
    refused(take(service, tmp_path / "gone.pdf"), ErrorKind.UNREADABLE, "gone.pdf is not there")
    Paper().save(tmp_path / "none.pdf")
    refused(take(service, tmp_path / "none.pdf"), ErrorKind.BAD_DOCUMENT, "no pages|damaged")


def test_a_wrong_name_and_a_broken_table_of_contents_do_not_matter(service, good, tmp_path):
    data = good.read_bytes()
    start = data.rindex(b"startxref")
    (tmp_path / "photo.png").write_bytes(data[:start] + b"startxref\n99999999\n%%EOF\n")
    document = take(service, tmp_path / "photo.png")
    assert document.kind is DocumentKind.PDF
    assert rows(service, document) == [(f"Page {number} of three",) for number in (1, 2, 3)]
    # As mail programs pass it on: something before the header.
    (tmp_path / "mailed.pdf").write_bytes(b"X-Header: yes\r\n\r\n" + data)
    assert take(service, tmp_path / "mailed.pdf").pages == 3


def test_a_truncated_pdf_gives_what_is_left_of_it_or_a_sentence(service, good, tmp_path):
    data = good.read_bytes()
    for share in (0.2, 0.5, 0.9):
        (tmp_path / "half.pdf").write_bytes(data[: int(len(data) * share)])
        taken = take(service, tmp_path / "half.pdf")
        if isinstance(taken, Failed):
            refused(taken, ErrorKind.BAD_DOCUMENT, "half.pdf is a damaged PDF|has no pages")
        else:
            assert len(rows(service, taken)) == taken.pages


def test_one_bad_page_does_not_stop_the_rest(service, good, tmp_path):
    with pikepdf.open(good) as pdf:
        pdf.pages[1].obj.MediaBox = pikepdf.Array([0, 0, 40_000, 40_000])
        pdf.save(tmp_path / "huge.pdf")
        image = pdf.make_stream(b"\0" * 10)
        image.Type, image.Subtype = Name.XObject, Name.Image
        image.Width, image.Height, image.BitsPerComponent = 60_000, 60_000, 1
        image.ColorSpace = Name.DeviceGray
        pdf.pages[1].Resources.XObject = Dictionary(P0=image)
        pdf.pages[1].Contents = pdf.make_stream(drawn(0, 0, 0, 500, 500).encode())
        pdf.save(tmp_path / "bomb.pdf")
        pdf.pages[1].obj.Type = Name.Font
        del pdf.pages[1].obj.MediaBox
        pdf.save(tmp_path / "odd.pdf")
    # A poster of 14 metres is drawn smaller than it is; its letters can still be found.
    events = read(service, take(service, tmp_path / "huge.pdf"))
    assert [event.failure for event in events] == [None] * 3
    assert events[1].page.width * events[1].page.height <= 16_010_000
    first, second, third = rows(service, take(service, tmp_path / "bomb.pdf"))
    assert (first, third) == (("Page 1 of three",), ("Page 3 of three",))
    assert "60000 × 60000 pixels, which is too large" in second
    assert rows(service, take(service, tmp_path / "odd.pdf"))[::2] == [first, third]


def test_a_page_of_a_tiff_that_is_damaged_is_told_of(service, tmp_path):
    pages = [picture(f"Fax page {number}", size=(700, 200)) for number in (1, 2, 3)]
    pages[0].save(tmp_path / "fax.tif", save_all=True, append_images=pages[1:])
    data = bytearray((tmp_path / "fax.tif").read_bytes())
    # The second directory says that its pixels are of a kind that does not exist.
    second = directories(data)[1]
    patch_entry(data, second, 262, 77)
    (tmp_path / "odd.tif").write_bytes(data)
    document = take(service, tmp_path / "odd.tif")
    assert document.pages == 3
    first, failed, third = rows(service, document)
    assert (first, third) == (("Fax page 1",), ("Fax page 3",))
    assert failed == "Page 2 of odd.tif is a damaged TIFF page: part of it is missing or broken."
    # A smaller copy of the page before is no page of its own.
    patch_entry(data, second, 262, 2)
    patch_entry(data, second, 254, 1)
    (tmp_path / "copy.tif").write_bytes(data)
    # Cut in the middle of the last page.
    (tmp_path / "cut.tif").write_bytes(data[: directories(data)[2] - 5000])
    for name in ("copy.tif", "cut.tif"):
        document = take(service, tmp_path / name)
        assert rows(service, document)[0] == ("Fax page 1",)


def directories(data):
    """Where a little-endian TIFF's directories begin."""
    places, place = [], struct.unpack_from("<I", data, 4)[0]
    while place:
        places.append(place)
        (count,) = struct.unpack_from("<H", data, place)
        (place,) = struct.unpack_from("<I", data, place + 2 + 12 * count)
    return places


def patch_entry(data, directory, tag, value):
    """Write another value into an entry; for 254, which is missing, 284 goes."""
    (count,) = struct.unpack_from("<H", data, directory)
    for entry in range(directory + 2, directory + 2 + 12 * count, 12):
        if struct.unpack_from("<H", data, entry)[0] in (tag, 284 if tag == 254 else tag):
            struct.pack_into("<HHIHH", data, entry, tag, 3, 1, value, 0)
            return
    raise AssertionError(tag)


def test_ten_thousand_pages_are_taken_at_once_and_read_on_demand(service, tmp_path):
    paper = Paper()
    for number in range(10):
        paper.page(text(60, 700, f"Page {number}"))
    for _ in range(3):
        pages = list(paper.pdf.pages)
        for _ in range(9):
            paper.pdf.pages.extend(pages)
    document = take(service, paper.save(tmp_path / "book.pdf"))
    assert document.pages == 10_000
    assert rows(service, document, 9_998, 3) == [("Page 7",), ("Page 2",)]
    assert rows(service, document, 10_001) == ["There is no page 10001: the document has 10000."]
    stop = []
    events = service.handle(ReadDocument(document), lambda: bool(stop))
    assert next(events).total == 10_000
    stop.append(1)
    *_, end = events
    assert end == Finished(FinishReason.STOPPED)


def test_a_stored_document_that_is_gone(service, tmp_path):
    for name in ("0" * 64, "../secret"):
        document = Document(name, DocumentKind.PDF, 1)
        for request in (ReadDocument(document), TakePage(document, 1)):
            (event,) = service.handle(request, never)
            refused(event, ErrorKind.UNREADABLE, "stored copy of this document is missing")


def test_a_full_disk_is_said_and_leaves_no_half_document(service, folders, tmp_path):
    noise = Image.effect_noise((300, 300), 60)
    path = Paper().page(drawn(0, 0, 0, 500, 500), [noise]).save(tmp_path / "scan.pdf")
    with files_of_at_most(8192):
        refused(take(service, path), ErrorKind.DISK_FULL, "the document's copy")
    assert not list(folders[0].rglob("*.part"))
    assert take(service, path).pages == 1


def bomb(path, depth):
    """A second page whose drawing calls ten drawings, each of which calls ten, and so on."""
    paper = Paper().page(text(60, 700, "Before it"))
    inner = paper.pdf.make_stream(b"0 0 1 1 re f")
    for _ in range(depth):
        inner.Type, inner.Subtype = Name.XObject, Name.Form
        inner.BBox = pikepdf.Array([0, 0, 500, 500])
        outer = paper.pdf.make_stream(b"/X Do " * 10)
        outer.Resources = Dictionary(XObject=Dictionary(X=inner))
        inner = outer
    inner.Type, inner.Subtype = Name.XObject, Name.Form
    inner.BBox = pikepdf.Array([0, 0, 500, 500])
    paper.page("/X Do")
    paper.pdf.pages[1].Resources.XObject = Dictionary(X=inner)
    return paper.page(text(60, 700, "After it")).save(path)


@pytest.mark.timeout(120)
def test_a_page_that_never_ends_costs_that_page_alone(tmp_path):
    path = bomb(tmp_path / "bomb.pdf", 9)
    # The window's side of it: the page's failure, then the reader's end.
    with Host(reader_child(tmp_path / "store", tmp_path / "inbox")) as host:
        handed = hand_over(path, tmp_path / "inbox", "bomb.pdf")
        document = next(host.ask(TakeDocument(str(handed)))).document
        first, second, end = host.ask(ReadDocument(document))
        assert first.failure is None
        assert second.page.number == 2
        refused(second.failure, ErrorKind.TOO_LARGE, "Page 2 takes too much time or memory")
        assert end.kind is ErrorKind.CHILD_DIED
    # The command line starts another reader and goes on.
    with DocumentReader(tmp_path / "own") as reader:
        document = reader.take(path).document
        pages = list(reader.pages(document, lambda count: tuple(range(1, count + 1))))
    assert [Reading((read.page,)).rows() for read in pages] == [("Before it",), (), ("After it",)]
    assert [bool(read.failure) for read in pages] == [False, True, False]

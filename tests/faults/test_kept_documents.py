"""Documents of conversations: what damage, a full disk and a kill cost of them."""

import asyncio
import signal
import sqlite3
import subprocess
import sys

import pytest
import whole_program
from papers import Paper, text
from read_pages import page_of, row_of
from sessions import until
from whole_program import open_program

from app.archive.archive import Archive
from app.archive.documents import StoredPage, pack
from app.archive.schema import MIGRATIONS, migrate
from app.core.conversation import Picture, Role, Turn
from app.core.document import Document, DocumentKind
from app.core.errors import ErrorKind
from app.core.pictures import document_path
from app.core.reading import Block
from app.session.documents.kept_documents import KeptDocuments
from app.session.documents.pages import OpenDocument

PAGE = 4096
REPORT = Document("d" * 64, DocumentKind.PDF, 30, "report.pdf")
COVER = Picture("c" * 64, 800, 1000, "report.pdf, page 2", REPORT, 2)


def read_page(number):
    lines = [row_of(f"words {row} of page {number} " * 6, top=20.0 * row) for row in range(30)]
    return page_of(Block(tuple(lines)), number=number)


def filled(path):
    """An archive with a question about a document of 30 pages that were read."""
    archive = Archive(path)
    archive.add_turn(archive.create(), Turn(Role.PERSON, "What is on it?", (COVER,)))
    pages = [StoredPage(n, f"text of page {n}", pack(read_page(n))) for n in range(1, 31)]
    assert archive.documents.keep_pages(REPORT.sha256, pages)
    archive.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ocellus.sqlite"


def root(path, table):
    database = sqlite3.connect(path)
    found = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
    (page,) = found.fetchone()
    database.close()
    return page


@pytest.mark.parametrize("lost", ["sqlite_schema", "document_pages", "conversations"])
def test_documents_are_saved_from_a_damaged_file(path, lost):
    filled(path)
    place = 1 if lost == "sqlite_schema" else root(path, lost)
    damaged = bytearray(path.read_bytes())
    damaged[(place - 1) * PAGE : place * PAGE] = bytes(PAGE)
    path.write_bytes(damaged)
    archive = Archive(path)
    assert archive.set_aside is not None
    (stored,) = archive.turns(1)
    assert stored.turn.pictures == (COVER,)
    assert not stored.attached_damaged
    texts = archive.documents.texts(REPORT.sha256)
    assert len(texts) == 30
    assert all(archive.documents.page(REPORT.sha256, n) == read_page(n) for n in texts)
    archive.close()


def test_a_changed_byte_costs_the_reading_of_its_page_or_is_told(path):
    filled(path)
    content = path.read_bytes()
    packed = pack(read_page(7))
    assert content.count(packed[200:260]) == 1
    place = content.index(packed[200:260])
    changed = bytearray(content)
    changed[place] ^= 1
    path.write_bytes(changed)
    archive = Archive(path)
    pages = [archive.documents.page(REPORT.sha256, number) for number in range(1, 31)]
    assert [page.number if page else None for page in pages] == [
        n if n != 7 else None for n in range(1, 31)
    ]
    archive.close()

    # How many pages there are, and of what, is not believed then.
    path.write_bytes(content.replace(b"report.pdf", b"reqort.pdf"))
    archive = Archive(path)
    (stored,) = archive.turns(1)
    assert stored.turn.pictures[0].document is None
    assert stored.attached_damaged
    archive.close()


def second_version(path):
    """An archive from before there were documents."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute(f"PRAGMA page_size = {PAGE}")
    migrate(database, MIGRATIONS[:1])
    database.execute("INSERT INTO conversations VALUES (1, 'Earlier', 1.5, NULL)")
    database.execute("INSERT INTO turns VALUES (1, 1, 'person', 'What is it?', 'done', '')")
    database.execute("INSERT INTO pictures VALUES (?, 8, 6)", ("c" * 64,))
    database.execute("INSERT INTO turn_pictures VALUES (1, 0, ?, 'a.pdf, page 1')", ("c" * 64,))
    migrate(database, MIGRATIONS[:2])
    database.close()


@pytest.mark.parametrize("damage", [0, PAGE])
def test_an_archive_from_before_there_were_documents_opens(path, damage):
    second_version(path)
    content = bytearray(path.read_bytes())
    content[:damage] = bytes(damage)
    path.write_bytes(content)
    archive = Archive(path)
    assert (archive.set_aside is None) == (damage == 0)
    (stored,) = archive.turns(1)
    assert stored.turn.pictures == (Picture("c" * 64, 8, 6, "a.pdf, page 1"),)
    assert (stored.attached_damaged, stored.text_damaged) == (False, False)
    assert archive.stored_names() in ({"c" * 64}, None)
    archive.close()


def test_what_is_deleted_leaves_copies_of_an_earlier_version_too(path):
    second_version(path)
    copies = path.with_name("copies")
    copies.mkdir()
    (copies / "copy-000001.sqlite").write_bytes(path.read_bytes())
    archive = Archive(path)
    archive.delete(1)
    assert archive.purge().pictures == ("c" * 64,)
    (copy,) = archive.copies.newest_first()
    assert b"What is it?" not in copy.read_bytes()
    archive.close()


def test_a_document_goes_from_the_copies_when_it_goes(path):
    filled(path)
    archive = Archive(path)
    archive.copies.make()
    archive.delete(1)
    assert archive.purge().documents == (REPORT.sha256,)
    archive.close()
    for file in (path, *path.with_name("copies").iterdir()):
        assert b"text of page" not in file.read_bytes()


def test_a_full_disk_is_told_once_and_what_was_read_is_kept_when_there_is_room(loop, path):
    archive = Archive(path)
    archive.add_turn(archive.create(), Turn(Role.PERSON, "What is on it?", (COVER,)))
    known = OpenDocument(REPORT)
    kept = KeptDocuments(archive.documents)
    told = []
    kept.noticed.connect(told.append)
    limit = archive._connection
    (used,) = limit.execute("PRAGMA page_count").fetchone()
    limit.execute(f"PRAGMA max_page_count = {used + 2:d}")

    async def visit():
        for number in range(1, 31):
            known.keep(read_page(number))
            kept.keep(known)
            await asyncio.sleep(0.01)
        await kept.close()
        assert [failed.kind for failed in told] == [ErrorKind.DISK_FULL]
        assert len(known.reading().pages) == 30
        limit.execute("PRAGMA max_page_count = 100000")
        kept.keep(known)
        await kept.close()

    loop.run_until_complete(visit())
    assert len(archive.documents.texts(REPORT.sha256)) == 30
    archive.close()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.timeout(240)
def test_after_a_kill_a_document_that_was_asked_about_is_there_and_no_other(loop, tmp_path):
    paths = []
    for name in ("asked", "unasked"):
        paper = Paper()
        for number in range(1, 4):
            paper.page(text(60, 700, f"Page {number} of what was {name}."))
        paths.append(paper.save(tmp_path / f"{name}.pdf"))
    steps = [f"take:{paths[0]}", "ask:what is on it", "read", f"take:{paths[1]}"]
    command = [sys.executable, whole_program.__file__, str(tmp_path), *steps]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGKILL)
    store = tmp_path / "data" / "pictures"
    assert len(list(store.rglob("*.document"))) == 2

    program = open_program(tmp_path)

    async def visit():
        program.start([])
        session = program.session
        session.chat.open_conversation(session.library.rows[0].id)
        (sha256,) = session.documents.hashes
        assert list(store.rglob("*.document")) == [document_path(store, sha256)]
        pane = program.window.parts.pictures
        await until(lambda: pane.view.has_picture)
        assert pane.page_bar.number.maximum() == 3
        assert "Page 3 of what was asked." in pane.pages.reading().text

    loop.run_until_complete(visit())
    program.window.close()
    loop.run_until_complete(program.close())

"""Damage to the archive's file costs what lay on the damaged place, and nothing else."""

import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from conversations import fill, whole_turns

from app.archive.archive import Archive
from app.archive.documents import StoredPage
from app.archive.rows import Rows
from app.core.conversation import Picture, Role, Turn
from app.core.document import Document, DocumentKind
from app.core.errors import OcellusError

PAGE = 4096
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(content of an archive of 120 turns, {id: text}, a copy of all but the last conversation)."""
    folder = tmp_path_factory.mktemp("made")
    told = fill(folder / "ocellus.sqlite", copy_after=11)
    (copy,) = (folder / "copies").iterdir()
    return (folder / "ocellus.sqlite").read_bytes(), told, copy


def opened(path, content, told):
    """(how many turns are whole, what was said) of an archive with this content."""
    path.write_bytes(content)
    archive = Archive(path)
    try:
        for row in archive.conversations():
            for stored in archive.turns(row.id):
                assert stored.text_damaged or stored.turn.text == told[stored.id]
        return whole_turns(archive, told), archive.set_aside
    finally:
        archive.close()


def test_a_page_of_zeros_costs_what_lay_on_it(tmp_path, made):
    content, told, _ = made
    left = []
    for number in range(len(content) // PAGE):
        damaged = bytearray(content)
        damaged[number * PAGE : (number + 1) * PAGE] = bytes(PAGE)
        folder = tmp_path / str(number)
        folder.mkdir()
        whole, said = opened(folder / "ocellus.sqlite", damaged, told)
        assert said is not None
        assert " 120 questions and answers" in said.advice
        (kept,) = folder.glob("ocellus.damaged-*.sqlite")
        assert str(kept) in said.advice
        assert kept.read_bytes() == damaged
        left.append(whole)
    assert statistics.median(left) >= 116
    assert min(left) >= 100


def test_half_a_file_gives_what_is_in_it(path, made):
    content, told, _ = made
    half = content[: len(content) // 2 // PAGE * PAGE]
    path.write_bytes(half)
    readable = sum(turn.is_sound(n) for n, turn in Rows.found_in(path).turns.items())
    whole, said = opened(path, half, told)
    assert whole == readable >= 20
    assert f"{readable} of 120 questions" in said.advice


def test_what_a_damaged_file_lost_comes_from_a_copy(path, made):
    content, told, copy = made
    (path.parent / "copies").mkdir()
    shutil.copy(copy, path.parent / "copies" / "copy-000001.sqlite")
    whole, said = opened(path, content[: len(content) // 2], told)
    # The copy has all but the last conversation.
    assert whole >= 110
    assert "in 12 of 12 conversations" in said.advice


def test_a_copy_of_another_archive_is_left_alone(path, made):
    content, told, _ = made
    fill(path.parent / "other" / "ocellus.sqlite", seed=9, copy_after=1)
    shutil.copytree(path.parent / "other" / "copies", path.parent / "copies")
    opened(path, content[:-PAGE] + bytes(PAGE), told)


@pytest.mark.parametrize("place", range(0, 100, 3))
def test_a_changed_byte_in_the_files_header_costs_nothing(path, made, place):
    content, told, _ = made
    damaged = bytearray(content)
    damaged[place] ^= 0xFF
    assert opened(path, damaged, told)[0] == 120


def test_the_rows_of_every_table_are_told_apart(path):
    """`rows.py` knows the schema as it is now: what it finds is all that there is."""
    told = fill(path)
    archive = Archive(path)
    archive.delete(3)
    scan = Document("f" * 64, DocumentKind.TIFF, 9, "scan.tif")
    number = archive.add_turn(1, Turn(Role.PERSON, "?", (Picture("e" * 64, 5, 5, "", scan, 4),)))
    told[number] = "?"
    archive.documents.keep_pages(scan.sha256, [StoredPage(4, "some text", bytes(20_000))])
    archive.close()
    rows = Rows.found_in(path)
    database = sqlite3.connect(path)
    names = {name for (name,) in database.execute("SELECT name FROM sqlite_schema")}
    assert {name for name in names if not name.startswith("sqlite_")} == {
        *("conversations", "turns", "pictures", "turn_pictures", "reference_rows", "identity"),
        *("turns_by_conversation", "open_turns", "turns_by_picture", "turns_by_document"),
        *("documents", "document_pages"),
    }
    assert database.execute("SELECT id FROM identity").fetchall() == [(rows.identity,)]
    assert {number: turn.text for number, turn in rows.turns.items()} == told
    assert all(turn.is_sound(n) and rows.is_attached_sound(n) for n, turn in rows.turns.items())
    stored = database.execute("SELECT * FROM conversations ORDER BY id").fetchall()
    assert stored == [(number, *row) for number, row in sorted(rows.conversations.items())]
    assert stored[2][3]
    stored = database.execute("SELECT id, conversation_id, role, text, state, note FROM turns")
    assert stored.fetchall() == [
        (number, turn.conversation_id, turn.role, turn.text, turn.state, turn.note)
        for number, turn in sorted(rows.turns.items())
    ]
    assert len(rows.pictures) == database.execute("SELECT count(*) FROM pictures").fetchone()[0]
    assert database.execute("SELECT * FROM documents").fetchall() == [*rows.documents.values()]
    assert database.execute("SELECT * FROM document_pages").fetchall() == [*rows.pages.values()]
    assert rows.shown[number] == {0: ("e" * 64, "", scan.sha256, 4)}
    count = "SELECT count(*) FROM turn_pictures UNION ALL SELECT count(*) FROM reference_rows"
    assert database.execute(count).fetchall() == [
        (sum(map(len, rows.shown.values())),),
        (sum(map(len, rows.read.values())),),
    ]
    database.close()


WRITER = """
import os, signal, sys
from pathlib import Path
from app.archive.archive import Archive
from app.core.conversation import Role, Turn

archive = Archive(Path(sys.argv[1]))
conversation = archive.create()
for number in range(30):
    archive.add_turn(conversation, Turn(Role.PERSON, f"late {number} " * 30))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_what_was_not_folded_into_a_damaged_file_yet_is_saved_too(path, made):
    content, told, _ = made
    path.write_bytes(content)
    killed = subprocess.run([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.with_name("ocellus.sqlite-wal").stat().st_size > 30 * PAGE
    # The first page lies in the log as well: SQLite cannot say any more that there is one.
    damaged = bytearray(path.read_bytes())
    damaged[: 3 * PAGE] = bytes(3 * PAGE)
    path.write_bytes(damaged)
    archive = Archive(path)
    late = [row for row in archive.conversations() if row.title.startswith("late 0")]
    assert len(archive.turns(late[0].id)) == 30
    assert whole_turns(archive, told) >= 110
    archive.close()


def test_a_conversation_whose_row_is_lost_gets_its_first_question_as_title(path, made):
    content, told, _ = made
    path.write_bytes(content)
    database = sqlite3.connect(path)
    page = database.execute(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'conversations'"
    ).fetchone()[0]
    database.close()
    damaged = bytearray(content)
    damaged[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(damaged)
    archive = Archive(path)
    titles = {row.id: row.title for row in archive.conversations()}
    assert len(titles) == 12
    assert titles[1].startswith("0.0 ")
    assert whole_turns(archive, told) == 120
    # Nobody gets a number that was given before.
    assert archive.create() == 13
    archive.close()


def test_a_file_of_noise_is_kept_and_a_new_one_begun(path):
    path.write_bytes(os.urandom(20 * PAGE))
    archive = Archive(path)
    assert "Nothing of it could be read" in archive.set_aside.advice
    archive.add_turn(archive.create(), Turn(Role.PERSON, "afresh"))
    archive.close()
    archive = Archive(path)
    assert archive.set_aside is None
    assert [row.title for row in archive.conversations()] == ["afresh"]
    archive.close()


@pytest.mark.parametrize("left", ["nothing", "an empty file"])
def test_a_file_that_is_gone_is_made_anew_from_its_copy(path, made, left):
    _, told, copy = made
    (path.parent / "copies").mkdir()
    shutil.copy(copy, path.parent / "copies" / "copy-000004.sqlite")
    if left != "nothing":
        path.touch()
    archive = Archive(path)
    assert "from a copy" in archive.set_aside.headline
    assert whole_turns(archive, told) == 110
    archive.close()


def test_a_salvage_that_was_cut_off_goes_on(path, made, monkeypatch):
    content, told, _ = made
    path.write_bytes(content[: -3 * PAGE])

    def killed(self, target):
        if target == path:
            raise KeyboardInterrupt
        return really(self, target)

    really = Path.replace
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            Archive(path)
    assert not path.exists()
    archive = Archive(path)
    assert whole_turns(archive, told) >= 100
    archive.close()
    assert not path.with_name("ocellus.sqlite.new").exists()


def test_a_damaged_file_stays_for_its_days(path, made):
    content, _, _ = made
    path.write_bytes(content[:-PAGE])
    os.utime(path, (0, 0))
    Archive(path).close()
    (kept,) = path.parent.glob("ocellus.damaged-*")
    Archive(path).close()
    assert kept.exists()
    age = kept.stat().st_mtime - 31 * 86400
    os.utime(kept, (age, age))
    Archive(path).close()
    assert not kept.exists()


def test_damage_that_comes_while_it_is_open_is_said_in_words(path):
    fill(path, length=60)  # More than SQLite keeps in memory.
    archive = Archive(path)
    with path.open("r+b") as file:
        for start in range(PAGE, path.stat().st_size, PAGE):
            file.seek(start)
            file.write(bytes(PAGE))
    with pytest.raises(OcellusError) as raised:
        [archive.turns(number) for number in range(1, 13)]
    assert "saves what can be read" in raised.value.failed.advice
    archive.close()

"""Conversations in and out of a real file, and what happens to them on the way."""

import sqlite3
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.archive.archive import Archive, TurnState
from app.archive.attached import Orphans
from app.archive.schema import MIGRATIONS, migrate, version
from app.core.conversation import Picture, Role, Turn
from app.core.errors import ErrorKind, OcellusError

RECEIPT = Picture("a" * 64, 800, 600, "receipt.png")
SIGN = Picture("b" * 64, 320, 200, "sign.jpg")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "ocellus.sqlite"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    archive = Archive(path)
    yield archive
    archive.close()


def question(text: str, *pictures: Picture, reference: tuple[str, ...] = ()) -> Turn:
    return Turn(Role.PERSON, text, pictures, reference)


def answer(text: str = "") -> Turn:
    return Turn(Role.MODEL, text)


def test_what_was_said_comes_back_from_the_file(path: Path) -> None:
    archive = Archive(path)
    before = datetime.now(UTC)
    first = archive.create()
    asked = question("What is the total?", SIGN, RECEIPT, reference=("TOTAL  9.80", "", "Danke 😀"))
    archive.add_turn(first, asked)
    reply = archive.add_turn(first, answer())
    archive.update_text(reply, "It is", "open")
    archive.update_text(reply, "It is 9.80.", "done")
    second = archive.create()
    # The same picture under another name, and text that UTF-8 cannot hold.
    again = Picture(RECEIPT.sha256, RECEIPT.width, RECEIPT.height, "copy.png")
    archive.add_turn(second, question("odd \ud800 text\x00end", again))
    archive.close()

    archive = Archive(path)
    turns = archive.turns(first)
    assert [stored.turn for stored in turns] == [asked, answer("It is 9.80.")]
    assert [stored.state for stored in turns] == [TurnState.DONE, TurnState.DONE]
    (odd,) = archive.turns(second)
    assert odd.turn == question("odd ? text\x00end", again)
    rows = archive.conversations()
    assert [row.id for row in rows] == [second, first]
    assert rows[1].title == "What is the total?"
    assert timedelta(0) <= rows[1].updated - before < timedelta(minutes=1)
    assert archive.set_aside is None
    archive.close()


def test_titles(archive: Archive) -> None:
    conversation = archive.create()
    archive.add_turn(conversation, question("\n  How   many\napples?", RECEIPT))
    archive.add_turn(conversation, question("And pears?"))
    assert archive.conversations()[0].title == "How many"
    archive.rename(conversation, "  Fruit ")
    archive.add_turn(conversation, question("And plums?"))
    assert archive.conversations()[0].title == "Fruit"

    archive.add_turn(archive.create(), question("", RECEIPT))
    assert archive.conversations()[0].title == "receipt.png"
    archive.add_turn(archive.create(), question("word " * 40))
    title = archive.conversations()[0].title
    assert len(title) <= 80
    assert title.endswith("word…")


def test_deleted_conversations_come_back_until_they_are_purged(archive: Archive) -> None:
    kept, gone, never_asked = archive.create(), archive.create(), archive.create()
    archive.add_turn(kept, question("kept", RECEIPT))
    archive.add_turn(gone, question("gone", RECEIPT, SIGN, reference=("STOP",)))
    archive.delete(gone)
    assert gone not in [row.id for row in archive.conversations()]
    archive.restore(gone)
    assert [row.id for row in archive.conversations()] == [never_asked, gone, kept]
    assert archive.turns(gone)[0].turn.pictures == (RECEIPT, SIGN)

    archive.delete(gone)
    # The kept conversation still shows the receipt, so only the sign may leave the store.
    assert archive.purge() == Orphans((SIGN.sha256,))
    assert archive.turns(gone) == []
    assert [row.id for row in archive.conversations()] == [kept]
    assert archive.purge() == Orphans()
    with pytest.raises(LookupError):
        archive.restore(gone)


def test_purged_words_are_not_left_in_the_files(archive: Archive, path: Path) -> None:
    conversation = archive.create()
    archive.add_turn(conversation, question("my secret question " * 500))
    archive.delete(conversation)
    archive.purge()
    for file in path.parent.iterdir():
        assert b"my secret" not in file.read_bytes(), file.name


def test_turns_left_open_are_interrupted_at_the_next_start(path: Path) -> None:
    archive = Archive(path)
    conversation = archive.create()
    archive.add_turn(conversation, question("Why?"))
    stopped = archive.add_turn(conversation, answer())
    archive.update_text(stopped, "Bec", TurnState.STOPPED, "Stopped.")
    left_open = archive.add_turn(conversation, answer())
    archive.update_text(left_open, "Because it", TurnState.OPEN)
    archive.close()

    archive = Archive(path)
    states = [(stored.turn.text, stored.state, stored.note) for stored in archive.turns(1)]
    assert states == [
        ("Why?", TurnState.DONE, ""),
        ("Bec", TurnState.STOPPED, "Stopped."),
        ("Because it", TurnState.INTERRUPTED, ""),
    ]
    archive.close()


def test_a_turn_is_stored_whole_or_not_at_all(archive: Archive) -> None:
    conversation = archive.create()
    with pytest.raises(LookupError):
        archive.add_turn(conversation + 1, question("nowhere"))
    with pytest.raises(LookupError):
        archive.update_text(77, "nothing", TurnState.DONE)
    with pytest.raises(ValueError, match="vanished"):
        archive.update_text(77, "nothing", "vanished")
    broken = Picture("c" * 64, "wide", 1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(OcellusError):
        archive.add_turn(conversation, question("half", RECEIPT, broken))
    assert archive.turns(conversation) == []
    assert archive.conversations()[0].title == ""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")
def test_the_files_are_the_persons_own(archive: Archive, path: Path) -> None:
    archive.create()
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_an_older_schema_is_brought_up_to_date_and_a_failed_step_leaves_no_trace(
    path: Path,
) -> None:
    archive = Archive(path)
    archive.add_turn(archive.create(), question("from an older version"))
    archive.close()

    connection = sqlite3.connect(path, isolation_level=None)
    present = version(connection)
    assert present == len(MIGRATIONS)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, [*MIGRATIONS, ["CREATE TABLE later (x)", "CREATE TABLE turns (x)"]])
    assert version(connection) == present
    migrate(connection, [*MIGRATIONS, ["CREATE TABLE later (x)"]])
    assert version(connection) == present + 1
    assert connection.execute("SELECT text FROM turns").fetchall() == [("from an older version",)]
    connection.close()

    # The version that does not know the step refuses, and leaves the file as it is.
    with pytest.raises(OcellusError) as refused:
        Archive(path)
    assert refused.value.failed.kind is ErrorKind.UNREADABLE
    assert "newer version" in refused.value.failed.headline
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["not a database", "torn page"])
def test_a_damaged_file_is_kept_and_what_can_be_read_is_in_a_new_one(
    path: Path, damage: str
) -> None:
    archive = Archive(path)
    conversation = archive.create()
    for number in range(200):
        archive.add_turn(conversation, question(f"question {number} " * 20))
    archive.close()
    content = bytearray(path.read_bytes())
    if damage == "not a database":
        content[:100] = b"x" * 100
    else:
        content[8192:-4096] = bytes(len(content) - 4096 - 8192)
    path.write_bytes(content)

    archive = Archive(path)
    assert archive.set_aside is not None
    (kept,) = path.parent.glob("ocellus.damaged-*.sqlite")
    assert str(kept) in archive.set_aside.advice
    assert kept.read_bytes() == content
    saved = len(archive.turns(conversation))
    assert saved == 200 if damage == "not a database" else 0 < saved < 40
    assert [row.id for row in archive.conversations()] == [conversation]
    archive.add_turn(archive.create(), question("afresh"))
    archive.close()

    archive = Archive(path)
    assert archive.set_aside is None
    assert archive.conversations()[0].title == "afresh"
    archive.close()


def test_another_programs_lock_is_said_in_words(archive: Archive, path: Path) -> None:
    conversation = archive.create()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OcellusError) as refused:
        archive.rename(conversation, "while locked")
    assert "Another program" in refused.value.failed.headline
    other.execute("ROLLBACK")
    other.close()
    archive.rename(conversation, "free again")
    assert archive.conversations()[0].title == "free again"


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OcellusError) as refused:
        Archive(tmp_path / "file" / "ocellus.sqlite")
    assert str(tmp_path / "file") in refused.value.failed.advice

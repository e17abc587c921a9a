"""Damage inside a turn, its pictures or a title: told beneath that turn, the rest is as it was."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from app.archive.archive import Archive, TurnState
from app.archive.schema import MIGRATIONS, migrate
from app.core.conversation import Picture, Role, Turn
from app.session.chat import wording
from app.session.chat.transcript import Transcript

PAGE = 4096
ROOT = Path(__file__).resolve().parents[2]


def change(path, old, new):
    """Change bytes in the file; SQLite does not look at them again."""
    content = path.read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, new))


def test_a_changed_letter_is_told_beneath_its_turn(path):
    archive = Archive(path)
    conversation = archive.create()
    picture = Picture("a" * 64, 8, 6, "receipt.png")
    asked = Turn(Role.PERSON, "What does it cost in all?", (picture,), ("TOTAL 9.80",))
    archive.add_turn(conversation, asked)
    answered = archive.add_turn(conversation, Turn(Role.MODEL, ""))
    archive.update_text(answered, "It costs 9.80 in all, as I read it.", TurnState.DONE)
    archive.close()
    change(path, b"costs 9.80 in", b"costs 9.88 in")

    archive = Archive(path)
    assert archive.set_aside is None
    question, answer = archive.turns(conversation)
    assert (question.text_damaged, question.attached_damaged) == (False, False)
    assert answer.text_damaged
    entries = Transcript.stored(archive, conversation).entries
    assert entries[0].note == ""
    assert entries[1].text == "It costs 9.88 in all, as I read it."
    assert entries[1].note == wording.DAMAGED
    # Asked again, it is sound again.
    archive.update_text(answered, "It costs 9.80.", TurnState.DONE)
    assert not archive.turns(conversation)[1].text_damaged
    archive.close()

    change(path, b"TOTAL 9.80", b"TOTAL 9.81")
    archive = Archive(path)
    question, _ = archive.turns(conversation)
    assert (question.text_damaged, question.attached_damaged) == (False, True)
    notes = [entry.note for entry in Transcript.stored(archive, conversation).entries]
    assert notes == [wording.DAMAGED_PICTURES, ""]
    archive.close()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"as long as", b"as l\xffng as"),
        (b"modelas long", b"nodelas long"),
        (b"day.stopped", b"day.st\xb0pped"),
        (b"day.stopped", b"day.stoppee"),
        (b"Stopped by you", b"St\xffpped by you"),
    ],
)
def test_a_byte_that_makes_no_sense_costs_that_turn_alone(path, old, new):
    archive = Archive(path)
    conversation = archive.create()
    for text in ("How long?", "And how wide?"):
        archive.add_turn(conversation, Turn(Role.PERSON, text))
        turn = archive.add_turn(conversation, Turn(Role.MODEL, ""))
        if text == "How long?":
            archive.update_text(turn, "as long as a day.", TurnState.STOPPED, "Stopped by you")
    archive.close()
    change(path, old, new)
    archive = Archive(path)
    assert archive.set_aside is None
    turns = archive.turns(conversation)
    assert [stored.text_damaged for stored in turns] == [False, True, False, False]
    assert [stored.turn.role for stored in turns] == [Role.PERSON, Role.MODEL] * 2
    assert turns[1].turn.text in ("as long as a day.", "as l�ng as a day.")
    archive.close()


def test_a_title_or_a_name_with_a_byte_that_makes_no_sense_is_shown_all_the_same(path):
    archive = Archive(path)
    conversation = archive.create()
    archive.add_turn(conversation, Turn(Role.PERSON, "", (Picture("b" * 64, 1, 1, "a sign.jpg"),)))
    archive.close()
    content = path.read_bytes()
    assert content.count(b"a sign.jpg") == 2
    path.write_bytes(content.replace(b"a sign.jpg", b"a s\xffgn.jpg"))
    archive = Archive(path)
    assert archive.conversations()[0].title == "a s�gn.jpg"
    (stored,) = archive.turns(conversation)
    assert stored.turn.pictures[0].name == "a s�gn.jpg"
    assert stored.attached_damaged
    archive.close()


def first_version(path):
    """An archive as version 0.1.0 wrote it."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL").fetchall()
    migrate(database, MIGRATIONS[:1])
    database.execute("INSERT INTO conversations VALUES (1, 'From 0.1.0', 1.5, NULL)")
    for number in range(1, 41):
        role, state = ("person", "done") if number % 2 else ("model", "stopped")
        said = (number, role, f"turn {number} " * 40, state)
        database.execute("INSERT INTO turns VALUES (?, 1, ?, ?, ?, 'a note')", said)
    database.execute("INSERT INTO pictures VALUES (?, 8, 6)", ("c" * 64,))
    database.execute("INSERT INTO turn_pictures VALUES (1, 0, ?, 'sign.png')", ("c" * 64,))
    database.execute("INSERT INTO reference_rows VALUES (1, 0, 'STOP')")
    database.close()


def test_an_archive_of_the_first_version_gets_its_checksums(path):
    first_version(path)
    archive = Archive(path)
    turns = archive.turns(1)
    assert len(turns) == 40
    assert not any(stored.text_damaged or stored.attached_damaged for stored in turns)
    assert turns[0].turn.reference == ("STOP",)
    archive.close()
    content = path.read_bytes()
    path.write_bytes(content.replace(b"turn 7 turn", b"turn 7 turm", 1))
    archive = Archive(path)
    assert [stored.id for stored in archive.turns(1) if stored.text_damaged] == [7]
    archive.close()


def test_a_damaged_archive_of_the_first_version_is_saved_too(path):
    first_version(path)
    damaged = bytearray(path.read_bytes())
    damaged[:PAGE] = bytes(PAGE)
    path.write_bytes(damaged)
    archive = Archive(path)
    assert "All 40 questions and answers" in archive.set_aside.advice
    turns = archive.turns(1)
    assert len(turns) == 40
    assert not any(stored.text_damaged or stored.attached_damaged for stored in turns)
    assert turns[0].turn.pictures == (Picture("c" * 64, 8, 6, "sign.png"),)
    archive.close()


def test_a_picture_whose_size_is_lost_is_measured_again(path, tmp_path):
    store = tmp_path / "pictures"
    sample = ROOT / "resources" / "samples" / "shapes.png"
    sha256 = "d" * 64
    (store / "dd").mkdir(parents=True)
    shutil.copy(sample, store / "dd" / f"{sha256}.png")
    archive = Archive(path, store)
    conversation = archive.create()
    known, lost = Picture(sha256, 5, 5, "shapes.png"), Picture("e" * 64, 7, 7, "gone.png")
    archive.add_turn(conversation, Turn(Role.PERSON, "Which shapes?", (known, lost)))
    archive.close()
    database = sqlite3.connect(path)
    page = database.execute(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'pictures'"
    ).fetchone()[0]
    database.close()
    damaged = bytearray(path.read_bytes())
    damaged[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(damaged)
    archive = Archive(path, store)
    (stored,) = archive.turns(conversation)
    (picture,) = stored.turn.pictures
    assert (picture.name, picture.width > 5) == ("shapes.png", True)
    assert stored.attached_damaged
    # The pictures of what was lost may still be wanted.
    assert archive.stored_names() is None
    archive.close()

"""What nobody needs any more is erased: at the end, and after a kill at the next start."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import whole_program
from whole_program import RECEIPT, SHAPES, go, open_program, stored

from app.core.pictures import document_path, picture_path


@pytest.fixture
def program(loop, tmp_path):
    opened = []

    def open_it():
        program = open_program(tmp_path)
        opened.append(program)
        return program

    yield open_it
    for program in opened:
        program.window.close()
        loop.run_until_complete(program.close())


def killed(folder, *steps):
    """Run the program in a process of its own through these steps, and kill all of it."""
    command = [sys.executable, whole_program.__file__, str(folder), *steps]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGKILL)


async def start(program):
    program.start([])


def words_left(folder, words):
    return [
        path.name for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.timeout(240)
def test_after_a_kill_only_what_was_asked_about_stays(loop, program, tmp_path):
    killed(tmp_path, f"take:{RECEIPT}", "ask:what is the total", f"take:{SHAPES}")
    assert len(stored(tmp_path)) == 2
    store = tmp_path / "data" / "pictures"
    left = [document_path(store, "a" * 64), store / "tmpx.part", store / "ab" / "tmpy.part"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left by a kill")

    again = program()
    loop.run_until_complete(start(again))
    (kept,) = stored(tmp_path)
    row = again.session.archive.conversations()[0]
    assert kept == f"{again.session.archive.turns(row.id)[0].turn.pictures[0].sha256}.png"
    assert not words_left(tmp_path, b"left by a kill")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.timeout(240)
def test_what_was_erased_before_a_kill_is_gone_at_the_next_start(loop, program, tmp_path):
    killed(tmp_path, f"take:{RECEIPT}", "ask:my secret question", "delete", "empty the bin")
    assert words_left(tmp_path, b"my secret")
    loop.run_until_complete(start(program()))
    assert words_left(tmp_path, b"my secret") == []
    assert stored(tmp_path) == []


def test_pictures_stay_where_it_is_not_known_who_needs_them(loop, program, tmp_path):
    data = tmp_path / "data"
    unknown = picture_path(data / "pictures", "b" * 64)
    unknown.parent.mkdir(parents=True)
    unknown.write_bytes(b"of a conversation that was lost")
    (data / "ocellus.sqlite").write_bytes(b"noise" * 4096)
    damaged = program()
    loop.run_until_complete(start(damaged))
    assert unknown.exists()


@pytest.mark.timeout(240)
def test_of_what_was_erased_nothing_is_left_when_the_window_is_closed(loop, program, tmp_path):
    running = program()

    async def visit():
        running.start([])
        await go(running, f"take:{SHAPES}")
        await go(running, "ask:my secret question")
        await go(running, "delete")
        # A copy that was made meanwhile holds it too.
        running.session.archive.copies.make()
        assert running.session.library.rows == []
        running.session.library.undo_delete()
        assert [row.title for row in running.session.library.rows] == ["my secret question"]
        running.session.chat.new_conversation()
        await go(running, "ask:another question")
        running.session.archive.copies.make()
        secret = running.session.library.rows[-1]
        assert secret.title == "my secret question"
        running.session.library.delete(secret.id)
        running.session.library.empty_bin()
        assert words_left(tmp_path, b"my secret")

    loop.run_until_complete(visit())
    assert len(stored(tmp_path)) == 1
    running.window.close()
    loop.run_until_complete(running.close())
    assert words_left(tmp_path, b"my secret") == []
    assert stored(tmp_path) == []
    names = {path.name for path in (tmp_path / "data").iterdir() if path.is_file()}
    printed = {"engine-output.txt", "reader-output.txt"}
    assert names <= {"ocellus.sqlite", "window.ini", "downloads.json", *printed}
    copies = list(Path(tmp_path, "data", "copies").iterdir())
    assert len(copies) == 3
    assert len(words_left(tmp_path / "data" / "copies", b"another question")) == 2


@pytest.mark.timeout(240)
def test_what_was_deleted_comes_back_for_thirty_days(loop, program, tmp_path, monkeypatch):
    first = program()

    async def delete():
        first.start([])
        await go(first, f"take:{SHAPES}")
        await go(first, "ask:my secret question")
        await go(first, "delete")

    loop.run_until_complete(delete())
    first.window.close()
    loop.run_until_complete(first.close())
    assert len(stored(tmp_path)) == 1

    second = program()
    loop.run_until_complete(start(second))
    bin_button = second.window.parts.conversations.bin
    assert bin_button.isVisible()
    bin_button.menu_.aboutToShow.emit()
    back = bin_button.menu_.actions()[0]
    assert "my secret question" in back.text()
    back.trigger()
    [row] = second.session.library.rows
    assert row.title == "my secret question"
    assert not bin_button.isVisible()
    second.session.library.delete(row.id)
    second.window.close()
    loop.run_until_complete(second.close())
    assert words_left(tmp_path, b"my secret")

    later = time.time() + 31 * 86400
    monkeypatch.setattr("app.housekeeping.time.time", lambda: later)
    third = program()
    loop.run_until_complete(start(third))
    assert not third.window.parts.conversations.bin.isVisible()
    assert words_left(tmp_path, b"my secret") == []
    assert stored(tmp_path) == []

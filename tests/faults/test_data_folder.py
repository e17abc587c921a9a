"""The folder of the conversations while the program runs: removed, replaced, read-only, taken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conversations import fill, whole_turns
from data_folders import ask, on_disk, opened
from sessions import Session

from app.archive.archive import Archive, TurnState
from app.core.conversation import Role, Turn
from app.core.errors import OcellusError
from app.window_lock import WindowLock

ROOT = Path(__file__).resolve().parents[2]
RECEIPT = ROOT / "resources" / "samples" / "receipt.png"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="open files stay on Windows")


@pytest.mark.parametrize("gone", ["the folder", "the folder above", "the file", "all its files"])
def test_what_is_removed_while_it_is_open_is_saved_again(data, told, gone):
    archive = opened(data)
    ask(archive, "before")
    match gone:
        case "the folder":
            shutil.rmtree(data)
        case "the folder above":
            shutil.rmtree(data.parent)
        case "the file":
            (data / "ocellus.sqlite").unlink()
        case _:
            for file in list(data.iterdir()):
                file.unlink()
    conversation = ask(archive, "after")
    whole, found = on_disk(data, told)
    assert whole == 120
    assert found[-2:] == ["before", "after"] or {"before", "after"} <= set(found)
    assert [failed.headline for failed in archive.heard] == [
        "The folder with your conversations was removed while Ocellus was open."
    ]
    # And so on, under the same numbers.
    turn = archive.add_turn(conversation, Turn(Role.MODEL, ""))
    archive.update_text(turn, "an answer", TurnState.DONE)
    archive.close()
    assert on_disk(data, told)[0] == 120
    assert "an answer" in on_disk(data, told)[1]
    assert len(archive.heard) == 1
    names = {path.name for path in data.iterdir()}
    assert names == {"ocellus.sqlite"}
    assert data.stat().st_mode & 0o77 == 0


def test_a_removed_log_costs_nothing(data, told):
    archive = opened(data)
    ask(archive, "in the log")
    (data / "ocellus.sqlite-wal").unlink()
    ask(archive, "after it")
    assert on_disk(data, told)[0] == 120
    assert {"in the log", "after it"} <= set(on_disk(data, told)[1])
    assert "Nothing is lost" in archive.heard[0].headline
    archive.close()
    assert on_disk(data, told)[0] == 120


def test_a_folder_that_was_moved_away_keeps_what_it_had(data, told):
    archive = opened(data)
    ask(archive, "before")
    data.rename(data.parent / "moved")
    ask(archive, "after")
    assert on_disk(data, told)[0] == 120
    archive.close()
    moved = Archive(data.parent / "moved" / "ocellus.sqlite")
    assert moved.set_aside is None
    assert whole_turns(moved, told) == 120
    moved.close()


def test_a_file_put_in_its_place_is_kept_beside_it(data, told, tmp_path):
    fill(tmp_path / "backup.sqlite", conversations=2)
    archive = opened(data)
    ask(archive, "before")
    os.replace(tmp_path / "backup.sqlite", data / "ocellus.sqlite")  # noqa: PTH105
    ask(archive, "after")
    assert on_disk(data, told)[0] == 120
    assert {"before", "after"} <= set(on_disk(data, told)[1])
    (failed,) = archive.heard
    (kept,) = data.glob("ocellus.other-*.sqlite")
    assert str(kept) in failed.advice
    archive.close()
    other = Archive(kept)
    assert other.set_aside is None
    assert len(other.conversations()) == 2
    other.close()


def test_nothing_is_acknowledged_while_there_is_no_place_for_it(data, told):
    archive = opened(data)
    conversation = ask(archive, "before")
    shutil.rmtree(data.parent)
    data.parent.write_text("a file where the folder was")
    for _ in range(2):
        with pytest.raises(OcellusError) as raised:
            archive.add_turn(conversation, Turn(Role.PERSON, "not on the disk"))
        assert str(data) in raised.value.failed.advice
    data.parent.unlink()
    archive.add_turn(conversation, Turn(Role.PERSON, "on the disk"))
    whole, found = on_disk(data, told)
    assert whole == 120
    assert "on the disk" in found
    archive.close()


def test_the_conversation_on_the_screen_is_saved_again(loop, tmp_path):
    home = tmp_path / "data"
    home.mkdir()
    session = Session(home, {"why": [[0.0, "Because. "], [0.0, "So."]]})
    session.archive.tell = session.chat.noticed.emit
    session.start()

    async def way():
        await session.ask("hello there")
        for name in ("ocellus.sqlite", "ocellus.sqlite-wal", "ocellus.sqlite-shm"):
            (home / name).unlink()
        return await session.ask("why")

    answer = loop.run_until_complete(way())
    assert answer.text == "Because. So."
    assert [text for _, text, _, _ in session.stored()] == [
        *("hello there", "hello there", "why", "Because. So."),
    ]
    assert len(session.all_heard("noticed")) == 1
    loop.run_until_complete(session.close())
    archive = Archive(home / "ocellus.sqlite")
    assert len(archive.turns(archive.conversations()[0].id)) == 4
    archive.close()


def test_the_reader_is_let_into_folders_that_were_made_anew(loop, tmp_path):
    session = Session(tmp_path, reader="app.reader.service:make")
    session.start()

    async def way():
        await session.attach(RECEIPT.read_bytes(), "before.png")
        for folder in (session.store, session.inbox):
            shutil.rmtree(folder)
            folder.mkdir(0o700)
        session.reader.renew()
        await session.attach(RECEIPT.read_bytes(), "after.png")

    loop.run_until_complete(session.settle(way()))
    before, after = session.attachments.items
    assert (before.failed, after.failed) == (None, None)
    assert list(session.store.rglob(f"{after.picture.sha256}*"))
    assert session.reader.state.sentence == ""
    loop.run_until_complete(session.close())


@pytest.fixture
def mounted(tmp_path):
    """A file system of its own on a folder; where none can be mounted, the test is skipped."""
    folder = tmp_path / "stick"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a file system takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def test_a_disk_that_is_taken_away_is_noticed(mounted):
    archive = opened(mounted / "data")
    ask(archive, "before")
    subprocess.run(["umount", "-l", str(mounted)], check=True)
    ask(archive, "after")
    assert len(archive.heard) == 1
    assert on_disk(mounted / "data", {})[1] == ["after", "before"]
    archive.close()


@pytest.mark.parametrize("is_new", [True, False])
def test_a_read_only_disk_is_said_at_the_start(mounted, is_new):
    data = mounted / "data"
    if not is_new:
        fill(data / "ocellus.sqlite", conversations=1)
    before = {path.name for path in mounted.rglob("*")}
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    with pytest.raises(OcellusError) as raised:
        Archive(data / "ocellus.sqlite")
    assert f"whether you may write to {data}" in raised.value.failed.advice
    assert {path.name for path in mounted.rglob("*")} == before
    WindowLock(data).release()


def test_a_disk_that_becomes_read_only_loses_nothing(mounted):
    data = mounted / "data"
    archive = opened(data)
    conversation = ask(archive, "before")
    archive.copies.make()
    # Not `remount`: it is refused while files are open for writing.
    subprocess.run(["mount", "--bind", str(mounted), str(mounted)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(mounted)], check=True)
        with pytest.raises(OcellusError, match="No copy"):
            archive.copies.make()
    finally:
        subprocess.run(["umount", str(mounted)], check=True)
    assert archive.turns(conversation)[0].turn.text == "before"
    assert len(archive.copies.newest_first()) == 1
    archive.close()

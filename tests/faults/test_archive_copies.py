"""Copies of the archive: verified, three at most, and without what was deleted."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conversations import fill, whole_turns
from sessions import until

from app.archive import copies as module
from app.archive.archive import Archive
from app.archive.rows import Rows
from app.core.conversation import Role, Turn
from app.core.errors import ErrorKind, OcellusError
from app.session.chat.archive_copies import Copying

DAY = 86400


@pytest.fixture
def archive(path):
    archive = Archive(path)
    yield archive
    archive.close()


def ask(archive, text):
    conversation = archive.create()
    archive.add_turn(conversation, Turn(Role.PERSON, text))
    return conversation


def questions(copy):
    return [turn.text for turn in Rows.found_in(copy).turns.values()]


def age(copy, days):
    then = time.time() - days * DAY
    os.utime(copy, (then, then))


def names(archive):
    return [copy.name for copy in archive.copies.newest_first()]


def test_the_newest_copy_is_of_now_and_older_ones_are_a_day_apart(archive):
    for number in range(5):
        ask(archive, f"question {number}")
        archive.copies.make()
    assert names(archive) == [f"copy-00000{n}.sqlite" for n in (5, 2, 1)]
    newest, second, _ = archive.copies.newest_first()
    assert questions(newest) == [f"question {number}" for number in range(5)]
    assert not archive.copies.is_due()
    age(newest, 1.01)
    age(second, 2.5)
    assert archive.copies.is_due()
    archive.copies.make()
    assert names(archive) == [f"copy-00000{n}.sqlite" for n in (6, 5, 2)]


def test_the_clock_may_jump(archive):
    ask(archive, "before")
    archive.copies.make()
    (copy,) = archive.copies.newest_first()
    # Set back by a year: the copy is from the future.
    age(copy, -365)
    assert archive.copies.is_due()
    ask(archive, "after")
    archive.copies.make()
    assert not archive.copies.is_due()
    # What is newest is told by the number.
    assert questions(archive.copies.newest_first()[0]) == ["before", "after"]


def test_conversations_are_listed_by_use_when_the_clock_was_set_back(archive, monkeypatch):
    now = time.time()
    for jump, text in ((0, "first"), (-400 * DAY, "second"), (400 * DAY, "third"), (0, "fourth")):
        monkeypatch.setattr(time, "time", lambda jump=jump: now + jump)
        ask(archive, text)
    titles = [row.title for row in archive.conversations()]
    assert titles == ["fourth", "third", "second", "first"]


def test_a_copy_that_fails_its_check_replaces_none(archive, path, monkeypatch):
    ask(archive, "kept")
    archive.copies.make()
    before = {copy.name: copy.read_bytes() for copy in archive.copies.newest_first()}

    def scratched(fd):
        # As a bad disk does: what is read is not what was written.
        copy = next(iter(list(path.parent.glob("copies/*.part"))), None)
        if copy is not None:
            content = bytearray(copy.read_bytes())
            content[2 * 4096 : 3 * 4096] = os.urandom(4096)
            copy.write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setattr(module.os, "fsync", scratched)
        with pytest.raises(OcellusError, match="No copy of your conversations"):
            archive.copies.make()
    assert {p.name: p.read_bytes() for p in path.parent.glob("copies/*")} == before


def test_a_damaged_archive_makes_no_copy(archive, path):
    for number in range(900):
        ask(archive, f"question {number} " * 60)
    archive.copies.make()
    archive.close()
    (good,) = archive.copies.newest_first()
    content = good.read_bytes()
    archive = Archive(path)
    with path.open("r+b") as file:
        file.seek(100 * 4096)
        file.write(bytes(200 * 4096))
    with pytest.raises(OcellusError, match="No copy"):
        archive.copies.make()
    assert [copy.read_bytes() for copy in archive.copies.newest_first()] == [content]
    archive.close()


def test_what_is_deleted_leaves_the_copies_when_it_leaves_the_archive(archive, path):
    kept, gone = ask(archive, "a question to keep"), ask(archive, "my secret question " * 300)
    for _ in range(3):
        archive.copies.make()
    archive.delete(gone)
    archive.copies.make()
    # Until it is erased it can be brought back, from wherever.
    archive.restore(gone)
    archive.delete(gone)
    archive.purge()
    files = [file for file in path.parent.rglob("*") if file.is_file()]
    assert len(archive.copies.newest_first()) == 3
    for file in files:
        assert b"my secret" not in file.read_bytes(), file.name
    for copy in archive.copies.newest_first():
        assert questions(copy) == ["a question to keep"]
    assert [row.id for row in archive.conversations()] == [kept]


def test_a_copy_that_nothing_can_be_erased_from_goes_as_a_whole(archive):
    ask(archive, "kept")
    gone = ask(archive, "my secret question")
    archive.copies.make()
    (copy,) = archive.copies.newest_first()
    content = bytearray(copy.read_bytes())
    content[:100] = bytes(100)
    copy.write_bytes(content)
    archive.delete(gone)
    archive.purge()
    assert archive.copies.newest_first() == []


def test_a_copy_under_way_stops_when_it_is_told_to(path):
    fill(path, conversations=40, length=80)
    archive = Archive(path)
    errors = []

    def make():
        try:
            archive.copies.make()
        except OcellusError as error:
            errors.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    while thread.is_alive() and not errors:
        archive.copies.stop()
        time.sleep(0.001)
    thread.join()
    assert [error.failed.kind for error in errors] == [ErrorKind.UNREADABLE]
    assert list((path.parent / "copies").iterdir()) == []
    archive.close()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB; where none can be mounted, the test is skipped."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = sys.platform == "linux" and os.geteuid() == 0
    if mounted:
        mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_costs_the_new_copy_alone(small_disk, tmp_path):
    path = small_disk / "ocellus.sqlite"
    told = fill(path, length=4, copy_after=1)
    archive = Archive(path)
    before = names(archive)
    with contextlib.suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    with pytest.raises(OcellusError) as raised:
        archive.copies.make()
    assert raised.value.failed.kind is ErrorKind.DISK_FULL
    assert "No copy" in raised.value.failed.headline
    assert names(archive) == before
    assert sorted(p.name for p in (small_disk / "copies").iterdir()) == before
    (small_disk / "ballast").unlink()
    assert whole_turns(archive, told) == 120
    archive.copies.make()
    assert len(names(archive)) == 2
    archive.close()


def test_writing_goes_on_while_a_copy_is_made(path):
    fill(path, conversations=40, length=80)
    archive = Archive(path)
    conversation = archive.create()
    thread = threading.Thread(target=archive.copies.make)
    thread.start()
    written = 0
    while thread.is_alive():
        archive.add_turn(conversation, Turn(Role.PERSON, f"meanwhile {written}"))
        written += 1
    thread.join()
    assert written
    assert len(archive.turns(conversation)) == written
    copy = sqlite3.connect(archive.copies.newest_first()[0])
    count = copy.execute("SELECT count(*) FROM turns").fetchone()[0]
    assert 400 <= count <= 400 + written
    copy.close()
    archive.close()


def test_a_copy_is_made_daily_while_the_program_runs_and_at_its_end(loop, archive, path):
    ask(archive, "from the first day")
    copying = Copying(archive)
    heard = []
    copying.noticed.connect(heard.append)

    async def days():
        copying.check()
        await until(lambda: len(names(archive)) == 1)
        ask(archive, "from the second day")
        copying.check()
        age(archive.copies.newest_first()[0], 2)
        await until(lambda: not copying.is_running)
        copying.check()
        await until(lambda: len(names(archive)) == 2)
        # A folder that cannot be made is told once, and does no harm.
        shutil.rmtree(path.parent / "copies")
        (path.parent / "copies").write_text("in the way")
        for _ in range(3):
            await until(lambda: not copying.is_running)
            copying.check()
        await copying.close()
        (path.parent / "copies").unlink()
        await copying.last()

    loop.run_until_complete(days())
    assert [failed.headline for failed in heard] == [
        "No copy of your conversations could be made just now."
    ]
    (copy,) = archive.copies.newest_first()
    assert questions(copy) == ["from the first day", "from the second day"]


def test_a_run_in_which_nothing_changed_makes_no_copy(loop, path):
    for number in range(3):
        archive = Archive(path)
        if number == 0:
            ask(archive, "once")
        copying = Copying(archive)
        loop.run_until_complete(copying.close())
        loop.run_until_complete(copying.last())
        archive.close()
    assert [copy.name for copy in Path(path.parent, "copies").iterdir()] == ["copy-000001.sqlite"]

"""Two programs on one folder: the window's lock, and archives that are written by both."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from conversations import whole_turns
from data_folders import ask, on_disk, opened

from app.core.conversation import Role, Turn
from app.core.errors import OcellusError
from app.window_lock import WindowLock

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="open files stay on Windows")

OTHER = """
import sys
from pathlib import Path
from app.archive.archive import Archive
from app.core.conversation import Role, Turn

archive = Archive(Path(sys.argv[1]))
conversation = archive.create()
archive.add_turn(conversation, Turn(Role.PERSON, "of the other window"))
print("ready", flush=True)
for line in sys.stdin:
    archive.add_turn(conversation, Turn(Role.PERSON, line.strip()))
    print("written", flush=True)
archive.close()
"""


@contextmanager
def other_program(data):
    """Another program that has written a turn, and writes one for each line that it is given."""
    command = [sys.executable, "-c", OTHER, str(data / "ocellus.sqlite")]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "ready\n"
        yield other


def test_another_program_in_a_folder_made_anew_is_not_disturbed(data, told):
    archive = opened(data)
    conversation = ask(archive, "before")
    shutil.rmtree(data)
    with other_program(data) as other:
        for _ in range(2):
            with pytest.raises(OcellusError, match="taken the place"):
                archive.rename(conversation, "not saved")
        other.stdin.write("and more of it\n")
        other.stdin.flush()
        assert other.stdout.readline() == "written\n"
        assert {"of the other window", "and more of it"} <= set(on_disk(data, told)[1])
        other.stdin.close()
        assert other.wait(20) == 0
    # It has ended: what is here gets its place, and that other file is kept.
    archive.rename(conversation, "saved now")
    assert on_disk(data, told)[0] == 120
    assert len(list(data.glob("ocellus.other-*.sqlite"))) == 1
    archive.close()


def test_closing_beside_another_program_takes_nothing_from_it(data, told):
    archive = opened(data)
    ask(archive, "before")
    shutil.rmtree(data)
    with other_program(data) as other:
        log = (data / "ocellus.sqlite-wal").stat()
        archive.close()
        assert (data / "ocellus.sqlite-wal").stat().st_ino == log.st_ino
        other.stdin.write("more\n")
        other.stdin.close()
        assert other.stdout.readline() == "written\n"
    assert {"of the other window", "more"} <= set(on_disk(data, told)[1])


HOLD = """
import sys, time
from pathlib import Path
from app.window_lock import WindowLock
lock = WindowLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def hold(data):
    command = [sys.executable, "-c", HOLD, str(data)]
    holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_window_is_refused_and_a_killed_ones_lock_is_taken_over(data):
    with hold(data) as holder:
        with pytest.raises(OcellusError, match="already open"):
            WindowLock(data)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert (data / "window.lock").exists()
    lock = WindowLock(data)
    assert (data / "window.lock").stat().st_mode & 0o77 == 0
    lock.release()
    assert not (data / "window.lock").exists()


def test_a_lock_from_the_future_or_the_past_is_judged_by_its_process(data):
    for days in (400, -400):
        with hold(data) as holder:
            then = time.time() + days * 86400
            os.utime(data / "window.lock", (then, then))
            with pytest.raises(OcellusError, match="already open"):
                WindowLock(data)
            holder.kill()
            holder.wait()
        WindowLock(data).release()


def test_the_lock_of_a_folder_made_anew(data):
    lock = WindowLock(data)
    shutil.rmtree(data)
    lock.renew()
    command = [sys.executable, "-c", HOLD, str(data)]
    refused = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert "already open" in refused.stderr
    # Another window was quicker.
    shutil.rmtree(data)
    with hold(data) as holder:
        lock.renew()
        lock.release()
        with pytest.raises(OcellusError, match="already open"):
            WindowLock(data)
        holder.kill()


def test_two_programs_on_one_archive_wait_for_each_other(data):
    """No two windows open it; two that did would lose nothing."""
    first = opened(data)
    conversation = ask(first, "of the first")
    with other_program(data) as other:
        for number in range(50):
            other.stdin.write(f"other {number}\n")
            other.stdin.flush()
            first.add_turn(conversation, Turn(Role.PERSON, f"first {number}"))
            assert other.stdout.readline() == "written\n"
        other.stdin.close()
        assert other.wait(20) == 0
    assert len(first.turns(conversation)) == 51
    assert sorted(len(first.turns(row.id)) for row in first.conversations()) == [51, 51]
    first.close()
    check = sqlite3.connect(data / "ocellus.sqlite")
    assert check.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    check.close()


def test_commands_beside_the_window_leave_its_folder_alone(data, told, tmp_path):
    lock = WindowLock(data)
    archive = opened(data)
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    # What libraries left in this person's own cache is none of this test's.
    cache = str(tmp_path / "cache")
    environment = {**os.environ, "OCELLUS_HOME": str(data.parent), "XDG_CACHE_HOME": cache}
    listed = subprocess.run(
        [sys.executable, "-m", "app", "models"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before
    assert whole_turns(archive, told) == 120
    archive.close()
    lock.release()

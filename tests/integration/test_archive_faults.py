"""The archive when the process dies and when the disk is full."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.archive.archive import Archive, TurnState
from app.core.conversation import Role, Turn
from app.core.errors import ErrorKind, OcellusError

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from pathlib import Path
from app.archive.archive import Archive
from app.core.conversation import Role, Turn

archive = Archive(Path(sys.argv[1]))
conversation = archive.create()
archive.add_turn(conversation, Turn(Role.PERSON, "Count."))
turn = archive.add_turn(conversation, Turn(Role.MODEL, ""))
text, number = "", 0
while True:
    number += 1
    text += f"{number} "
    archive.update_text(turn, text, "open")
    print(number, flush=True)  # the acknowledgement: this much is on the disk
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("after", [1, 37, 150])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, after: int) -> None:
    path = tmp_path / "ocellus.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(after):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        rest = [line for line in writer.stdout.read().split("\n") if line]
    acknowledged = int(rest[-1]) if rest else after

    archive = Archive(path)
    assert archive.set_aside is None
    asked, answered = archive.turns(archive.conversations()[0].id)
    archive.close()
    assert asked.turn.text == "Count."
    assert answered.state is TurnState.INTERRUPTED
    numbers = [int(word) for word in answered.turn.text.split()]
    # One more than was acknowledged may have reached the disk before the kill.
    assert len(numbers) in (acknowledged, acknowledged + 1)
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.5 MB; where none can be mounted, the test is skipped."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = sys.platform == "linux" and os.geteuid() == 0
    if mounted:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)]
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Write until there is no space left."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_full_disk_is_said_and_what_was_stored_stays(small_disk: Path) -> None:
    archive = Archive(small_disk / "ocellus.sqlite")
    conversation = archive.create()
    turn = archive.add_turn(conversation, Turn(Role.MODEL, ""))
    ballast = small_disk / "ballast"
    free = os.statvfs(small_disk)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - 200_000))

    stored = ""

    def write_more_and_more() -> None:
        nonlocal stored
        for length in range(20_000, 2_000_000, 20_000):
            archive.update_text(turn, "x" * length, TurnState.OPEN)
            stored = "x" * length

    with pytest.raises(OcellusError) as refused:
        write_more_and_more()
    assert stored
    assert refused.value.failed.kind is ErrorKind.DISK_FULL
    assert str(small_disk) in refused.value.failed.advice
    assert archive.turns(conversation)[0].turn.text == stored

    ballast.unlink()
    archive.update_text(turn, "after space was made", TurnState.DONE)
    archive.close()
    archive = Archive(small_disk / "ocellus.sqlite")
    assert archive.set_aside is None
    assert archive.turns(conversation)[0].turn.text == "after space was made"
    archive.close()


def test_opening_on_a_full_disk_is_said(small_disk: Path) -> None:
    path = small_disk / "ocellus.sqlite"
    archive = Archive(path)
    archive.add_turn(archive.create(), Turn(Role.PERSON, "kept"))
    archive.close()
    ballast = small_disk / "ballast"
    fill(ballast)

    with pytest.raises(OcellusError) as refused:
        Archive(path)
    assert refused.value.failed.kind is ErrorKind.DISK_FULL
    ballast.unlink()
    archive = Archive(path)
    assert archive.set_aside is None
    assert archive.conversations()[0].title == "kept"
    archive.close()


def test_a_full_database_is_a_full_disk(tmp_path: Path) -> None:
    """The same without root: SQLite's own limit raises what a full disk raises."""
    archive = Archive(tmp_path / "ocellus.sqlite")
    conversation = archive.create()
    turn = archive.add_turn(conversation, Turn(Role.MODEL, "stored before"))
    connection: sqlite3.Connection = archive._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    with pytest.raises(OcellusError) as refused:
        archive.update_text(turn, "x" * 1_000_000, TurnState.OPEN)
    assert refused.value.failed.kind is ErrorKind.DISK_FULL
    with pytest.raises(OcellusError):
        archive.add_turn(conversation, Turn(Role.PERSON, "y" * 1_000_000))
    (stored,) = archive.turns(conversation)
    assert stored.turn.text == "stored before"

    connection.execute(f"PRAGMA max_page_count = {pages * 1000}").fetchall()
    archive.update_text(turn, "x" * 1_000_000, TurnState.DONE)
    assert len(archive.turns(conversation)[0].turn.text) == 1_000_000
    archive.close()

"""A picture dragged in from another program, a question typed, an answer that is right."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.desktop import ROOT, desktop, wait_for

RECEIPT = ROOT / "resources" / "samples" / "receipt.png"
QUESTION = "What is the total?"
TOTAL = "32.64"
MIDDLE = (700, 400)
COMPOSER = (900, 730)


@pytest.fixture
def screen(tmp_path):
    with desktop(tmp_path) as screen:
        yield screen


def turns(home: Path) -> list[tuple[str, str, str]]:
    """(role, text, state) of every turn, as another program finds them on the disk."""
    database = home / "data" / "ocellus.sqlite"
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT role, text, state FROM turns ORDER BY id").fetchall()


def pictures(home: Path) -> list[Path]:
    return sorted((home / "data" / "pictures").glob("*/*.png"))


def children_of(pid: int) -> list[int]:
    """Children of any of its threads: whichever began them."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for found in lists for word in found.read_text().split()]


def engine_of(pid: int) -> int:
    """The child that has torch mapped."""
    return next(
        child for child in children_of(pid) if "libtorch" in Path(f"/proc/{child}/maps").read_text()
    )


def ask(screen, window: str, question: str) -> None:
    screen.hand("windowfocus", "--sync", window)
    screen.hand("mousemove", *map(str, COMPOSER), "click", "1")
    screen.hand("type", "--delay", "10", question)
    screen.hand("key", "Return")


def open_window(screen):
    program = screen.start("-m", "app")
    return program, screen.window("^Ocellus$")


def answered(home: Path, count: int) -> str:
    """The text of the model's answer number `count`, once it is done."""

    def done() -> str:
        answers = [turn for turn in turns(home) if turn[0] == "model"]
        return answers[count - 1][1] if len(answers) >= count and answers[-1][2] == "done" else ""

    return str(wait_for(done, seconds=90, saying=f"answer {count}: {turns(home)}"))


@pytest.mark.timeout(300)
def test_a_dragged_receipt_is_asked_about_and_its_total_answered(screen, tmp_path):
    home = tmp_path / "home"
    program, window = open_window(screen)
    assert screen.drag("file", RECEIPT, MIDDLE) == "CopyAction"
    wait_for(lambda: pictures(home), seconds=30, saying="the picture in the store")
    ask(screen, window, QUESTION)
    assert TOTAL in answered(home, 1)
    assert turns(home)[0][:2] == ("person", QUESTION)

    # Killed with a question in its pipe: the next engine is asked it, and answers.
    engine = engine_of(program.pid)
    os.kill(engine, signal.SIGSTOP)
    ask(screen, window, "What is the subtotal?")
    wait_for(lambda: len(turns(home)) == 4, seconds=20, saying="the second question on the disk")
    os.kill(engine, signal.SIGKILL)
    assert answered(home, 2)
    assert engine_of(program.pid) != engine
    ask(screen, window, QUESTION)
    assert TOTAL in answered(home, 3)

    # Closed in the middle of a question: no process stays.
    everyone = [program.pid, *children_of(program.pid)]
    os.kill(engine_of(program.pid), signal.SIGSTOP)
    ask(screen, window, QUESTION)
    wait_for(lambda: len(turns(home)) == 8, seconds=20, saying="the last question on the disk")
    program.send_signal(signal.SIGTERM)
    assert program.wait(timeout=20) == 128 + signal.SIGTERM
    # Python's own helper of spawned processes ends a moment after its parent.
    wait_for(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone),
        seconds=5,
        saying="no process left",
    )


@pytest.mark.timeout(120)
def test_a_browser_gives_its_picture_and_an_address_alone_is_refused(screen, tmp_path):
    home = tmp_path / "home"
    open_window(screen)
    screen.drag("address", RECEIPT, MIDDLE)
    assert screen.drag("browser", RECEIPT, MIDDLE) == "CopyAction"
    wait_for(lambda: pictures(home), seconds=30, saying="the picture in the store")
    assert len(pictures(home)) == 1

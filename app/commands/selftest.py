"""`selftest`: whether every part of this installation works here."""

from __future__ import annotations

import platform
import sqlite3
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from app import __version__
from app.archive.archive import Archive
from app.catalog.catalog import Catalog
from app.commands.ask import question_turn
from app.commands.console import FAILED, OK, Console, console
from app.core.conversation import Ask, Picture, ReferenceMode, Role, Turn
from app.core.errors import OcellusError
from app.core.events import Ready, Text, WallsTried
from app.core.requests import GenerateAnswer, LoadModel, TryWalls
from app.core.words.devices import device_name
from app.core.words.sizes import size
from app.installed import find_catalog
from app.paths import Paths, find_paths
from app.workers.request_result import follow_blocking

SAMPLE = "receipt.png"
QUESTION = "What is the total?"


def add_arguments(parser: ArgumentParser) -> None:
    """Nothing can be chosen: every part is tried."""


def run(arguments: Namespace) -> int:  # noqa: ARG001 - as above
    """Try each part for real and print a line for it; 0 when all of them work."""
    paths = find_paths()
    print(f"Ocellus {__version__} on {platform.platform()}, Python {platform.python_version()}")
    with console() as children, children.engine, children.reader:
        test = SelfTest(paths, find_catalog(paths), children)
        parts: list[tuple[str, Callable[[], str]]] = [
            ("archive", test.archive),
            ("window", test.window),
            ("reader", test.take),
            ("text", test.read),
            ("engine", test.load),
            ("answer", test.answer),
        ]
        results = [_try(name, part) for name, part in parts]
        tell_walls(children)
    print("All parts work." if all(results) else "Some parts do not work.")
    return OK if all(results) else FAILED


def tell_walls(children: Console) -> None:
    """Have each child run against its walls, and print a line for each that stands or does not.

    A system that cannot set one is no broken installation.
    """
    with tempfile.TemporaryDirectory(prefix="ocellus-") as folder:
        # A file that nobody hands to the children.
        outside = Path(folder) / "outside"
        outside.write_text(QUESTION, "utf-8")
        for name, host in (("reader", children.reader), ("engine", children.engine)):
            try:
                for event in follow_blocking(host, TryWalls(str(outside))):
                    for wall in event.walls if isinstance(event, WallsTried) else ():
                        print(f"{'wall  ' if wall.stands else 'NONE  '} {name:8} {wall.words}")
            except OcellusError as error:
                print(f"NONE   {name:8} {error.failed.headline}")


def _try(name: str, part: Callable[[], str]) -> bool:
    began = time.monotonic()
    try:
        outcome, works = part(), True
    except OcellusError as error:
        outcome, works = f"{error.failed.headline} {error.failed.detail}".strip(), False
    except Exception as error:  # noqa: BLE001 - whatever a broken installation throws is the result
        outcome, works = f"{type(error).__name__}: {error}", False
    print(
        f"{'ok    ' if works else 'FAILED'} {name:8} {time.monotonic() - began:5.1f} s  {outcome}"
    )
    return works


class SelfTest:
    """One method per part; each returns what to print or raises."""

    def __init__(self, paths: Paths, catalog: Catalog, children: Console) -> None:
        self._paths = paths
        self._catalog = catalog
        self._children = children
        self._picture: Picture | None = None

    def archive(self) -> str:
        """Write a conversation and read it back from a new connection."""
        with tempfile.TemporaryDirectory(prefix="ocellus-") as folder:
            path = Path(folder) / "archive.sqlite"
            archive = Archive(path)
            conversation = archive.create()
            archive.add_turn(conversation, Turn(Role.PERSON, QUESTION))
            archive.close()
            archive = Archive(path)
            stored = archive.turns(conversation)[0].turn.text
            archive.close()
        if stored != QUESTION:
            raise ValueError(f"wrote {QUESTION!r}, read {stored!r}")
        return f"SQLite {sqlite3.sqlite_version}"

    def window(self) -> str:
        """Import the window's parts; drawing needs a display, importing does not."""
        import PySide6  # noqa: PLC0415 - the command line starts without Qt

        import app.ui.window.window  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]

        return f"PySide6 {PySide6.__version__}"

    def take(self) -> str:
        """Decode the sample in the reader's process."""
        self._picture = self._children.take(self._paths.resources / "samples" / SAMPLE)
        return f"{self._picture.width}×{self._picture.height} pixels"

    def read(self) -> str:
        """Find the sample's text."""
        if self._picture is None:
            raise ValueError("no picture to read")
        rows = self._children.read(self._picture).rows()
        if not any("total" in row.lower() for row in rows):
            raise ValueError(f"the sample's total was not found in {rows}")
        return f"{len(rows)} rows"

    def load(self) -> str:
        """Load the built-in model in the engine's process."""
        model = self._catalog.spec("builtin")
        for event in follow_blocking(self._children.engine, LoadModel(model)):
            if isinstance(event, Ready):
                return f"{model.title} on {device_name(event.device)}, {size(event.memory)}"
        raise ValueError("the model never became ready")

    def answer(self) -> str:
        """Ask for the sample's total and compare with what is printed on it."""
        sample = self._paths.resources / "samples" / SAMPLE
        turn = question_turn(self._children, [sample], QUESTION, ReferenceMode.AUTO)
        ask = Ask(self._catalog.spec("builtin"), (turn,))
        pieces = [
            event.piece
            for event in follow_blocking(self._children.engine, GenerateAnswer(ask))
            if isinstance(event, Text)
        ]
        answer = "".join(pieces).strip()
        expected = expected_total(turn.reference)
        if expected not in answer:
            raise ValueError(f"{QUESTION} {answer!r}, not {expected!r}")
        return f"{QUESTION} {answer}"


def expected_total(rows: tuple[str, ...]) -> str:
    """The amount on the sample's TOTAL row."""
    for row in rows:
        words = row.split()
        if words and words[0].upper().rstrip(":") == "TOTAL":
            return words[-1]
    raise ValueError(f"no TOTAL row in {rows}")

"""Both children for one command, with a picture store that goes away with it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from app.children import engine_child, reader_child
from app.core.conversation import Picture
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import PictureRead, PictureTaken
from app.core.files.disk_errors import is_full, not_written
from app.core.files.file_kinds import MAX_PICTURE
from app.core.files.handing import hand_over
from app.core.files.opening import cut_off
from app.core.reading import Reading
from app.core.requests import ReadPicture, TakePicture
from app.workers.host import Host
from app.workers.request_result import outcome_blocking

OK, FAILED, USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Console:
    """The reader and, where the command needs one, the engine."""

    reader: Host
    engine: Host
    inbox: Path

    def take(self, path: Path) -> Picture:
        """Decode a file into the store. Raises OcellusError in plain words."""
        handed = hand_over(path, self.inbox, path.name, MAX_PICTURE)
        request = TakePicture(str(handed), path.name, consume=True)
        taken = outcome_blocking(self.reader, request, PictureTaken)
        if taken is None:
            raise _silent("The reader returned no picture.")
        if taken.cut_off:
            complain(cut_off(path.name))
        return taken.picture

    def read(self, picture: Picture) -> Reading:
        """Find the text of a picture in the store. Raises OcellusError."""
        read = outcome_blocking(self.reader, ReadPicture(picture.sha256), PictureRead)
        if read is None:
            raise _silent("The reader returned no reading.")
        return read.reading


@contextmanager
def console() -> Generator[Console, None, None]:
    """Hosts for both children over a private picture store.

    A child starts when its host is entered, so that the engine imports torch
    while the reader is already at work; the command enters the one it needs.
    """
    with tempfile.TemporaryDirectory(prefix="ocellus-") as folder:
        store = Path(folder) / "pictures"
        inbox = Path(folder) / "inbox"
        yield Console(Host(reader_child(store, inbox)), Host(engine_child(store)), inbox)


@contextmanager
def full_disk_in_words() -> Generator[None, None, None]:
    """Raise OcellusError where what a command prints goes to a disk that is full."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if not is_full(error):
            raise
        # What is still held for it would be written, and fail, once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise not_written(
            error,
            "not all of the output was written",
            "Free some space, then run the command again.",
        ) from error


def actions_of(parser: ArgumentParser) -> Callable[[str, str], ArgumentParser]:
    """What adds actions to a command, by name and help; `--json` goes before or behind each."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    shared = ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", default=SUPPRESS)

    def add(name: str, words: str) -> ArgumentParser:
        return actions.add_parser(name, help=words, parents=[shared])

    return add


def say_failures(action: Callable[[], int], *, as_json: bool) -> int:
    """Do it, and return its exit code. Raises OcellusError; `as_json` that is a line of its own."""
    try:
        with full_disk_in_words():
            return action()
    except OcellusError as error:
        if not as_json:
            raise
        print(json.dumps({"failed": asdict(error.failed)}, ensure_ascii=False), flush=True)
        return FAILED


def complain(failed: Failed) -> None:
    """Say on stderr what happened and what to do; the raw text comes last."""
    print(failed.headline, file=sys.stderr)
    if failed.advice:
        print(failed.advice, file=sys.stderr)
    if failed.detail:
        print(f"\nDetails:\n{failed.detail}", file=sys.stderr)


def _silent(headline: str) -> OcellusError:
    return OcellusError.of(
        ErrorKind.INTERNAL, headline, "Please report this with the file at hand."
    )

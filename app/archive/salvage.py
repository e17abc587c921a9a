"""A damaged archive: what can be read of it, and of its copies, goes into a new file.

The new file is made whole under a passing name; only then the damaged one gives up its place. A
start that finds no archive but such a file was cut off between the two, and goes on from there.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.archive.database import is_damage, open_database
from app.archive.rebuild import insert
from app.archive.rows import Rows
from app.core.errors import ErrorKind, Failed
from app.core.files.atomic import publish

COMPANIONS = ("-wal", "-shm", "-journal")
KEPT_DAYS = 30
PART = ".new"


@dataclass(frozen=True, slots=True)
class Saved:
    """How many turns and conversations came over, of how many that were spoken of."""

    turns: int
    known_turns: int
    conversations: int
    known_conversations: int

    def __str__(self) -> str:
        turns = f"{self.turns} of {self.known_turns} questions and answers"
        if self.turns == self.known_turns:
            turns = f"All {self.turns} questions and answers"
        conversations = f"{self.conversations} of {self.known_conversations} conversations"
        return f"{turns}, in {conversations}, were saved"


def open_or_salvage(
    path: Path, store: Path | None, copies: Sequence[Path]
) -> tuple[sqlite3.Connection, Failed | None]:
    """A connection to the archive at `path`, and what is to be told where it was damaged or gone.

    `copies` are taken from where the file itself has nothing better, the newest first; `store`
    has the pictures. Raises sqlite3.Error, OSError and NewerSchemaError; what was there stays.
    """
    _finish_interrupted(path)
    _forget_old(path)
    if not _is_gone(path):
        try:
            return open_database(path), None
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not is_damage(error, path):
                raise
            detail = str(error)
    elif copies:
        detail = f"{path} was missing or empty"
    else:
        return open_database(path), None
    rows = _gather(path, copies)
    part = path.with_name(path.name + PART)
    _remove(part)
    connection = open_database(part)
    try:
        insert(connection, rows, store)
    finally:
        # The last to let go of it folds the log into the file.
        connection.close()
    kept = None if _is_gone(path) else _set_aside(path)
    publish(part, path)
    told = _in_words(_count(rows), kept, detail) if kept or rows.turns else None
    return open_database(path), told


def _is_gone(path: Path) -> bool:
    """Whether there is no archive at all: what is new begins with an empty file."""
    wal = path.with_name(path.name + "-wal")
    return not any(file.exists() and file.stat().st_size for file in (path, wal))


def _gather(damaged: Path, copies: Sequence[Path]) -> Rows:
    """The rows of the damaged file, completed from its copies."""
    rows = Rows()
    with suppress(OSError):
        rows = Rows.found_in(damaged)
    for copy in copies:
        with suppress(OSError):
            rows.complete_from(Rows.found_in(copy))
    return rows


def _finish_interrupted(path: Path) -> None:
    """Complete, or undo, what a crash left of an earlier salvage. Raises OSError."""
    part = path.with_name(path.name + PART)
    if part.exists():
        if path.exists():
            _remove(part)
        else:
            publish(part, path)


def _set_aside(path: Path) -> Path:
    """Rename the damaged database and its companions; returns where it is now. Raises OSError."""
    kept = aside(path, "damaged")
    for ending in (*COMPANIONS, ""):
        companion = path.with_name(path.name + ending)
        if companion.exists():
            companion.replace(kept.with_name(kept.name + ending))
    os.utime(kept)  # From now on its days are counted.
    return kept


def aside(path: Path, why: str) -> Path:
    """A free name beside `path` that says why a file is kept, and since when."""
    moment = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    for number in range(1, 1000):
        again = f"-{number}" if number > 1 else ""
        kept = path.with_name(f"{path.stem}.{why}-{moment}{again}{path.suffix}")
        if not kept.exists():
            break
    return kept


def is_any_kept(path: Path) -> bool:
    """Whether a damaged database is kept beside `path`."""
    return bool(list(_kept(path)))


def _kept(path: Path) -> Iterator[Path]:
    return path.parent.glob(f"{path.stem}.damaged-*{path.suffix}")


def _forget_old(path: Path) -> None:
    """Remove damaged files that have been kept long enough: they hold what was deleted since."""
    before = time.time() - KEPT_DAYS * 86400
    for kept in list(_kept(path)):
        with suppress(OSError):
            if kept.stat().st_mtime < before:
                _remove(kept)


def _in_words(saved: Saved, kept: Path | None, detail: str) -> Failed:
    """What happened, how much came over and where the damaged file is."""
    if kept is None:
        headline = "The file with your conversations was gone, so it was made anew from a copy."
        advice = f"{saved}. What was said since that copy was made is not among them."
    else:
        headline = "The file with your conversations was damaged, so a new one was made."
        advice = f"{saved}." if saved.known_turns else "Nothing of it could be read."
        advice += (
            f" The damaged file is kept for {KEPT_DAYS} days as {kept}, with all that was in it."
        )
    return Failed(ErrorKind.UNREADABLE, headline, advice, detail)


def _count(rows: Rows) -> Saved:
    """How much there is to be saved, and was."""
    conversations = {turn.conversation_id for turn in rows.turns.values()} | set(rows.conversations)
    return Saved(
        len(rows.turns),
        len(rows.known),
        len(conversations),
        len(conversations | set(rows.known.values())),
    )


def _remove(path: Path) -> None:
    for ending in ("", *COMPANIONS):
        path.with_name(path.name + ending).unlink(missing_ok=True)

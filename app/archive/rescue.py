"""An archive whose file was removed or replaced while it is open gets its place again, whole."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from app.archive.place import Place
from app.archive.salvage import COMPANIONS, PART, aside
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.files.atomic import publish, sync_file
from app.core.files.private import make_file, make_folder

_PASSING = ".part"


def rescue(connection: sqlite3.Connection, path: Path, place: Place) -> Failed:
    """Have everything that `connection` can still read lie at `path`, and close it.

    What lies there now is kept under another name. Returns what is to be told. Raises
    OcellusError, sqlite3.Error and OSError; `connection` stays open then.
    """
    if place.holds_database():
        # The log alone was removed. Closing writes what it held into the database.
        connection.close()
        return Failed(
            ErrorKind.UNREADABLE,
            "A file of Ocellus’s was removed while it was open. Nothing is lost.",
            f"Leave the files in {path.parent} alone while Ocellus is open.",
        )
    make_folder(path.parent)
    passing, part = (path.with_name(path.name + ending) for ending in (_PASSING, PART))
    passing.unlink(missing_ok=True)
    make_file(passing)
    try:
        connection.execute("VACUUM INTO ?", (str(passing),))
        sync_file(passing)
        if place.holds_log():
            # Ours: SQLite would write it into whatever database has its name.
            for ending in ("-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
        stranger = _step_aside(path) if path.exists() else None
        publish(passing, part)
    except BaseException:
        passing.unlink(missing_ok=True)
        raise
    connection.close()
    publish(part, path)
    if stranger is not None:
        return Failed(
            ErrorKind.UNREADABLE,
            "The file with your conversations was replaced while Ocellus was open.",
            f"All of them were saved again. The other file is kept as {stranger}.",
        )
    return Failed(
        ErrorKind.UNREADABLE,
        "The folder with your conversations was removed while Ocellus was open.",
        f"They were saved again in {path.parent}. Pictures in it are gone.",
    )


def _step_aside(path: Path) -> Path:
    """Rename what lies at `path` now, and its companions."""
    if _is_in_use(path):
        raise OcellusError.of(
            ErrorKind.UNREADABLE,
            "Another Ocellus has taken the place of your conversations, so nothing can be saved.",
            "Close the other window. What is on the screen here stays, and is saved after that.",
            str(path),
        )
    kept = aside(path, "other")
    for ending in (*COMPANIONS, ""):
        companion = path.with_name(path.name + ending)
        if companion.exists():
            companion.replace(kept.with_name(kept.name + ending))
    return kept


def _is_in_use(path: Path) -> bool:
    """Whether another program has this database open."""
    other = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)
    try:
        # Whoever has a database open that writes ahead holds a lock on it all the time.
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("ROLLBACK")
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    else:
        return False
    finally:
        other.close()

"""Opening the archive's file, keeping a damaged one, and errors in plain words."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.archive.schema import NewerSchemaError, migrate
from app.core.errors import ErrorKind, Failed, OcellusError

_LOCK_WAIT_SECONDS = 2.0
# SQLite reports a full disk under several names; with less than this free, that is what it was.
_FULL_BELOW_BYTES = 1 << 20
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WITHOUT_SPACE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


@contextlib.contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Raise what SQLite or the disk reports about the database at `path` as OcellusError."""
    try:
        yield
    except NewerSchemaError as error:
        raise OcellusError.of(
            ErrorKind.UNREADABLE,
            "Your conversations were written by a newer version of Ocellus.",
            f"Install that version, or move {path} away to begin afresh.",
            str(error),
        ) from error
    except (sqlite3.Error, OSError) as error:
        raise OcellusError(_failure(error, path)) from error


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, as opposed to busy, full or out of reach."""
    return _primary(error) in _DAMAGED


def open_database(path: Path) -> sqlite3.Connection:
    """A connection to a sound database of the newest version, open turns interrupted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Conversations are private; SQLite gives its other files the rights of this one.
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=_LOCK_WAIT_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
        _check(connection)
        migrate(connection)
        connection.execute("UPDATE turns SET state = 'interrupted' WHERE state = 'open'")
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    """Raise for pages that contradict each other; SQLite itself notices only some of them."""
    findings = [text for (text,) in connection.execute("PRAGMA quick_check(5)")]
    if findings != ["ok"]:
        damaged = sqlite3.DatabaseError("; ".join(findings))
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damaged


def set_aside(path: Path, error: sqlite3.Error) -> Failed:
    """Rename the damaged database and its companions. Raises OSError."""
    moment = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    kept = path.with_name(f"{path.stem}.damaged-{moment}{path.suffix}")
    for ending in ("-wal", "-shm", ""):
        companion = path.with_name(path.name + ending)
        if companion.exists():
            companion.replace(kept.with_name(kept.name + ending))
    return Failed(
        ErrorKind.UNREADABLE,
        "The file with your conversations is damaged, so a new one was begun.",
        f"The damaged file was kept as {kept}. If you have a backup of "
        f"{path.name}, close Ocellus and put it in its place.",
        str(error),
    )


def _failure(error: sqlite3.Error | OSError, path: Path) -> Failed:
    code = _primary(error) if isinstance(error, sqlite3.Error) else None
    full = code == sqlite3.SQLITE_FULL
    if code in _WITHOUT_SPACE or isinstance(error, OSError):
        full = _free_bytes(path) < _FULL_BELOW_BYTES
    if full:
        return Failed(
            ErrorKind.DISK_FULL,
            "The disk is full, so the conversation could not be saved.",
            f"Free some space where {path.parent} lies. What was saved before is still there.",
            str(error),
        )
    if code in _DAMAGED:
        return Failed(
            ErrorKind.UNREADABLE,
            "The file with your conversations is damaged.",
            "Start Ocellus again: it keeps the damaged file and begins a new one.",
            str(error),
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Failed(
            ErrorKind.UNREADABLE,
            "Another program is holding the file with your conversations.",
            "Close other windows of Ocellus, and programs that copy its files, then try again.",
            str(error),
        )
    return Failed(
        ErrorKind.UNREADABLE,
        "The file with your conversations could not be used.",
        f"See whether you may write to {path.parent} and whether the disk is sound.",
        f"{type(error).__name__}: {error}",
    )


def _primary(error: sqlite3.Error) -> int | None:
    """SQLite's result code without its refinement in the upper bytes."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _free_bytes(path: Path) -> int:
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free

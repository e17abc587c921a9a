"""Opening the archive's file, keeping a damaged one, and errors in plain words."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from app.archive.pages import PAGE_SIZE
from app.archive.schema import MIGRATIONS, NewerSchemaError, migrate, newest_tables, tables, version
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.files.disk_errors import is_full
from app.core.files.private import make_file, make_folder

_LOCK_WAIT_SECONDS = 2.0
# SQLite reports a full disk under several names; with less than this free, that is what it was.
_FULL_BELOW_BYTES = 1 << 20
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# What a database with a damaged header or schema is also answered with, while it is opened.
_DAMAGED_AT_OPENING = (*_DAMAGED, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT)
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
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise OcellusError(_failure(error, path)) from error


def is_damage(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> bool:
    """Whether the file that could not be opened is broken, and not busy, full or out of reach."""
    if isinstance(error, UnicodeDecodeError):
        # SQLite's own message quotes a damaged schema.
        return True
    code = _primary(error)
    if code == sqlite3.SQLITE_READONLY:
        # A damaged header can say so as well.
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return code in _DAMAGED_AT_OPENING


def open_database(path: Path) -> sqlite3.Connection:
    """A connection to a sound database of the newest version, open turns interrupted.

    Raises sqlite3.Error, OSError and NewerSchemaError.
    """
    make_folder(path.parent)
    # Conversations are private; SQLite gives its other files the rights of this one.
    make_file(path)
    connection = sqlite3.connect(path, timeout=_LOCK_WAIT_SECONDS, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE:d}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
        check(connection)
        migrate(connection)
        _check_tables(connection)
        connection.execute("UPDATE turns SET state = 'interrupted' WHERE state = 'open'")
    except BaseException:
        connection.close()
        raise
    return connection


def check(connection: sqlite3.Connection) -> None:
    """Raise for pages that contradict each other; SQLite itself notices only some of them.

    0.1 s for 100 MB. Raises sqlite3.DatabaseError.
    """
    if not 0 <= version(connection) <= len(MIGRATIONS):
        # A single changed byte can make the file look newer than it is.
        if version(connection) < 0 or tables(connection) == newest_tables():
            raise _damaged("the version is wrong")
        return
    findings = [str(text) for (text,) in connection.execute("PRAGMA integrity_check(5)")]
    if findings != ["ok"]:
        raise _damaged("; ".join(findings))


def _check_tables(connection: sqlite3.Connection) -> None:
    if tables(connection) != newest_tables():
        raise _damaged("the tables are not those that were made")


def _damaged(findings: str) -> sqlite3.DatabaseError:
    damaged = sqlite3.DatabaseError(findings)
    damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return damaged


def _failure(error: sqlite3.Error | OSError | UnicodeDecodeError, path: Path) -> Failed:
    code = _primary(error) if isinstance(error, sqlite3.Error) else None
    full = code == sqlite3.SQLITE_FULL
    if code in _WITHOUT_SPACE or isinstance(error, OSError):
        # SQLite does not hand the system's number on.
        full = _free_bytes(path) < _FULL_BELOW_BYTES or (
            isinstance(error, OSError) and is_full(error)
        )
    if full:
        return Failed(
            ErrorKind.DISK_FULL,
            "The disk is full, so the conversation could not be saved.",
            f"Free some space where {path.parent} is. What was saved before is still there.",
            str(error),
        )
    if code in _DAMAGED or isinstance(error, UnicodeDecodeError):
        return Failed(
            ErrorKind.UNREADABLE,
            "The file with your conversations is damaged.",
            "Start Ocellus again: it saves what can be read, and keeps the damaged file.",
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
        f"Check whether you may write to {path.parent} and whether the disk is sound.",
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

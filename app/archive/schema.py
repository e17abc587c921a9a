"""The archive's tables, and how a database of an older version gets there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from app.archive.checksums import add_missing
from app.archive.text import read_back

Step = str | Callable[[sqlite3.Connection], None]

# Each entry takes the database one version further; the version is PRAGMA user_version. An entry
# that was released is never edited: people's databases have run it.
MIGRATIONS: tuple[tuple[Step, ...], ...] = (
    (
        """
        CREATE TABLE conversations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL DEFAULT '',
            updated REAL NOT NULL,  -- seconds since 1970, UTC
            deleted REAL            -- when the person deleted it; NULL while it is in the list
        ) STRICT
        """,
        """
        CREATE TABLE turns (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            state TEXT NOT NULL,
            note TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        "CREATE INDEX turns_by_conversation ON turns (conversation_id, id)",
        "CREATE INDEX open_turns ON turns (id) WHERE state = 'open'",
        """
        CREATE TABLE pictures (
            sha256 TEXT PRIMARY KEY,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE turn_pictures (
            turn_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            sha256 TEXT NOT NULL REFERENCES pictures (sha256),
            name TEXT NOT NULL,
            PRIMARY KEY (turn_id, position)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX turns_by_picture ON turn_pictures (sha256)",
        """
        CREATE TABLE reference_rows (
            turn_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            row TEXT NOT NULL,
            PRIMARY KEY (turn_id, position)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    (
        # Of the words, and of what is attached to them; see checksums.py.
        "ALTER TABLE turns ADD COLUMN checksum INTEGER",
        "ALTER TABLE turns ADD COLUMN attached INTEGER",
        add_missing,
        # Which archive this is: ids of another one mean other turns.
        "CREATE TABLE identity (id TEXT NOT NULL) STRICT",
        "INSERT INTO identity VALUES (lower(hex(randomblob(16))))",
    ),
    (
        # The file itself is in the store. It stays while a turn shows one of its pages.
        """
        CREATE TABLE documents (
            sha256 TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            pages INTEGER NOT NULL,
            name TEXT NOT NULL,
            locked INTEGER NOT NULL,  -- 1 where it needs a password
            checksum INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE document_pages (
            document TEXT NOT NULL REFERENCES documents (sha256) ON DELETE CASCADE,
            number INTEGER NOT NULL,  -- counted from 1
            text TEXT NOT NULL,       -- as it is searched
            reading BLOB NOT NULL,    -- see documents.py
            checksum INTEGER NOT NULL,
            PRIMARY KEY (document, number)
        ) STRICT
        """,
        # Of which document a picture is which page; '' and 0 where it is none.
        "ALTER TABLE turn_pictures ADD COLUMN document TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE turn_pictures ADD COLUMN page INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX turns_by_document ON turn_pictures (document) WHERE document <> ''",
    ),
)


# The version from which on there are documents.
WITH_DOCUMENTS = 3


class NewerSchemaError(Exception):
    """The database was written by a later version of the program."""


def version(connection: sqlite3.Connection) -> int:
    """How many migrations this database has run; 0 for a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    connection: sqlite3.Connection, migrations: Sequence[Sequence[Step]] = MIGRATIONS
) -> None:
    """Bring the database to the newest version, each step whole or not at all.

    The connection is in autocommit mode. Raises NewerSchemaError for a version
    that this program does not know, and sqlite3.Error.
    """
    connection.text_factory = read_back
    present = version(connection)
    if present > len(migrations):
        raise NewerSchemaError(f"version {present}, known up to {len(migrations)}")
    for number in range(present, len(migrations)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another window may have taken this step while we waited for the lock.
            if version(connection) == number:
                for step in migrations[number]:
                    if isinstance(step, str):
                        connection.execute(step)
                    else:
                        step(connection)
                connection.execute(f"PRAGMA user_version = {number + 1:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Name and definition of all that there is. Raises sqlite3.Error."""
    return connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        " ORDER BY name"
    ).fetchall()


def newest_tables() -> list[tuple[str, str]]:
    """`tables` of a database of the newest version."""
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(fresh)
        return tables(fresh)
    finally:
        fresh.close()

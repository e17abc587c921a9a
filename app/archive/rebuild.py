"""A new database from the rows that were found in a damaged one and in its copies."""

from __future__ import annotations

import sqlite3
import struct
import time
from contextlib import suppress
from pathlib import Path

from app.archive.checksums import attached_checksum, turn_checksum
from app.archive.rows import FoundTurn, Rows
from app.archive.stored import TurnState
from app.archive.text import shown, title_of
from app.core.conversation import Role, Turn
from app.core.pictures import picture_path


def insert(run: sqlite3.Connection, rows: Rows, store: Path | None) -> None:
    """Put `rows` into an empty database, in one transaction.

    `store` has the pictures, for their sizes where these are lost. Raises sqlite3.Error.
    """
    run.execute("PRAGMA foreign_keys = OFF")
    run.execute("BEGIN IMMEDIATE")
    if rows.identity:
        run.execute("UPDATE identity SET id = ?", (rows.identity,))
    conversations = dict(rows.conversations)
    for turn_id, turn in sorted(rows.turns.items()):
        title, updated, deleted = conversations.get(turn.conversation_id, ("", time.time(), None))
        if not title and turn.role == Role.PERSON:
            names = [name for _, name, _, _ in rows.shown.get(turn_id, {}).values()]
            title = title_of(Turn(Role.PERSON, "\n".join([shown(turn.text), *map(shown, names)])))
        conversations[turn.conversation_id] = (title, updated, deleted)
    run.executemany(
        "INSERT INTO conversations VALUES (?, ?, ?, ?)",
        [(number, shown(title), *times) for number, (title, *times) in conversations.items()],
    )
    run.executemany(
        "INSERT INTO turns (id, conversation_id, role, text, state, note, checksum, attached)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [_turn_row(number, turn, rows) for number, turn in sorted(rows.turns.items())],
    )
    sizes = {
        sha256: size
        for named in rows.shown.values()
        for sha256, *_ in named.values()
        if (size := rows.pictures.get(sha256) or _size_of(store, sha256))
    }
    run.executemany(
        "INSERT INTO pictures VALUES (?, ?, ?)", [(sha256, *size) for sha256, size in sizes.items()]
    )
    run.executemany(
        "INSERT INTO turn_pictures VALUES (?, ?, ?, ?, ?, ?)",
        [
            (turn_id, place, sha256, shown(name), shown(document), page)
            for turn_id in rows.turns
            for place, (sha256, name, document, page) in rows.shown.get(turn_id, {}).items()
            if sha256 in sizes
        ],
    )
    run.executemany(
        "INSERT INTO reference_rows VALUES (?, ?, ?)",
        [
            (turn_id, place, shown(row))
            for turn_id in rows.turns
            for place, row in rows.read.get(turn_id, {}).items()
        ],
    )
    run.executemany("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)", rows.documents.values())
    run.executemany(
        "INSERT INTO document_pages VALUES (?, ?, ?, ?, ?)",
        [row for (document, _), row in rows.pages.items() if document in rows.documents],
    )
    # No number is given twice: somebody may still hold it.
    highest = {
        "conversations": max([*conversations, *rows.known.values(), 0]),
        "turns": max([*rows.turns, *rows.known, 0]),
    }
    for table, number in highest.items():
        run.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        run.execute(
            "INSERT INTO sqlite_sequence VALUES (?, ?)",
            (table, max(number, rows.numbers.get(table, 0))),
        )
    run.execute("COMMIT")


def _turn_row(number: int, turn: FoundTurn, rows: Rows) -> tuple[object, ...]:
    said = (number, turn.conversation_id, turn.role, turn.text, turn.note)
    read = rows.read.get(number, {})
    named = rows.shown.get(number, {})
    # What an older version wrote has no checksums yet; a wrong one stays wrong, and is told.
    checksum = turn_checksum(*said) if turn.checksum is None else turn.checksum
    attached = turn.attached
    if attached is None:
        attached = attached_checksum(
            [named[place] for place in sorted(named)], [read[place] for place in sorted(read)]
        )
    ending = TurnState.DONE if turn.role == Role.PERSON else TurnState.INTERRUPTED
    return (
        number,
        turn.conversation_id,
        shown(turn.role),
        shown(turn.text),
        shown(turn.state) or ending.value,
        shown(turn.note),
        checksum,
        attached,
    )


def _size_of(store: Path | None, sha256: str) -> tuple[int, int] | None:
    """Width and height of a stored PNG, from its header."""
    with suppress(OSError, struct.error):
        if store is not None:
            with picture_path(store, sha256).open("rb") as file:
                width, height = struct.unpack_from(">2I", file.read(24), 16)
            return width, height
    return None

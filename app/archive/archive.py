"""Conversations on disk: what was asked and answered stays, whatever happens.

One SQLite file in WAL mode with `synchronous=FULL`, so that a call that
returned has reached the disk. One connection, used from one thread; every call
is short. Errors are raised as OcellusError with words for the screen.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from app.archive.database import in_words, is_damage, open_database, set_aside
from app.core.conversation import Picture, Role, Turn
from app.core.errors import Failed

TITLE_LENGTH = 80


class TurnState(StrEnum):
    """How far a turn has come. Only a model's turn is ever open."""

    OPEN = "open"
    DONE = "done"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One line of the list of conversations; `updated` is in UTC."""

    id: int
    title: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as it lies on disk; `note` is the sentence shown beneath it."""

    id: int
    turn: Turn
    state: TurnState
    note: str


class Archive:
    """The conversations in the database at `path`, which is made where there is none.

    Answers that were being written when the program last ended are marked as
    interrupted. `set_aside` says in plain words that the file was damaged,
    where it was kept and that a new one was begun; it is None otherwise.

    Raises OcellusError when the file cannot be opened or a newer version wrote it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set_aside: Failed | None = None
        with in_words(self._path):
            try:
                self._connection = open_database(path)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.set_aside = set_aside(path, error)
                self._connection = open_database(path)

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        self._connection.close()

    # Conversations

    def create(self) -> int:
        """Begin a conversation. It has no title until its first question."""
        with self._transaction() as run:
            row = run.execute("INSERT INTO conversations (updated) VALUES (?)", (time.time(),))
            return _inserted(row)

    def conversations(self) -> list[ConversationRow]:
        """All that are not deleted, the one last written to first."""
        with in_words(self._path):
            rows = self._connection.execute(
                "SELECT id, title, updated FROM conversations WHERE deleted IS NULL"
                " ORDER BY updated DESC, id DESC"
            ).fetchall()
        return [
            ConversationRow(number, title, datetime.fromtimestamp(updated, UTC))
            for number, title, updated in rows
        ]

    def rename(self, conversation_id: int, title: str) -> None:
        """Give the conversation another title. Its place in the list stays."""
        self._change_conversation("title = ?", _storable(title.strip()), conversation_id)

    def delete(self, conversation_id: int) -> None:
        """Take it out of the list; `restore` brings it back until `purge`."""
        self._change_conversation("deleted = ?", time.time(), conversation_id)

    def restore(self, conversation_id: int) -> None:
        """Undo `delete`."""
        self._change_conversation("deleted = ?", None, conversation_id)

    def purge(self) -> tuple[str, ...]:
        """Erase what was deleted, and what was begun and never asked.

        Returns the hashes of pictures that no conversation names any longer:
        the caller removes them from the store.
        """
        with self._transaction() as run:
            run.execute(
                "DELETE FROM conversations WHERE deleted IS NOT NULL"
                " OR NOT EXISTS (SELECT 1 FROM turns WHERE conversation_id = conversations.id)"
            )
            orphans = run.execute(
                "DELETE FROM pictures WHERE NOT EXISTS"
                " (SELECT 1 FROM turn_pictures WHERE sha256 = pictures.sha256) RETURNING sha256"
            ).fetchall()
        with in_words(self._path):
            # Until the log is emptied, the erased words would still be readable in it.
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return tuple(sha256 for (sha256,) in orphans)

    def knows_picture(self, sha256: str) -> bool:
        """Whether a turn, also of a deleted conversation, names this picture."""
        with in_words(self._path):
            found = self._connection.execute(
                "SELECT 1 FROM pictures WHERE sha256 = ?", (sha256,)
            ).fetchone()
        return found is not None

    # Turns

    def add_turn(self, conversation_id: int, turn: Turn) -> int:
        """Store a turn and return its id.

        A person's turn is done at once, a model's is open until `update_text`
        says otherwise. The first question gives the conversation its title.
        """
        state = TurnState.DONE if turn.role is Role.PERSON else TurnState.OPEN
        with self._transaction() as run:
            changed = run.execute(
                "UPDATE conversations SET updated = ?, title = iif(title = '', ?, title)"
                " WHERE id = ?",
                (time.time(), _title(turn), conversation_id),
            )
            _expect_one(changed, "conversation", conversation_id)
            turn_id = _inserted(
                run.execute(
                    "INSERT INTO turns (conversation_id, role, text, state) VALUES (?, ?, ?, ?)",
                    (conversation_id, turn.role, _storable(turn.text), state),
                )
            )
            _insert_attached(run, turn_id, turn.pictures, turn.reference)
        return turn_id

    def attach(
        self, turn_id: int, pictures: Sequence[Picture], reference: Sequence[str] = ()
    ) -> None:
        """Replace a turn's pictures and read text.

        A question is stored before its pictures are decoded and read, so that
        it survives whatever happens meanwhile.
        """
        with self._transaction() as run:
            _expect_one(
                run.execute("UPDATE turns SET text = text WHERE id = ?", (turn_id,)),
                "turn",
                turn_id,
            )
            run.execute("DELETE FROM turn_pictures WHERE turn_id = ?", (turn_id,))
            run.execute("DELETE FROM reference_rows WHERE turn_id = ?", (turn_id,))
            _insert_attached(run, turn_id, pictures, reference)

    def update_text(self, turn_id: int, text: str, state: TurnState | str, note: str = "") -> None:
        """Replace a turn's text, state and note; on disk when this returns.

        Raises OcellusError (DISK_FULL among others); the text stored before
        stays, and a later call may succeed.
        """
        with self._transaction() as run:
            changed = run.execute(
                "UPDATE turns SET text = ?, state = ?, note = ? WHERE id = ?",
                (_storable(text), TurnState(state), _storable(note), turn_id),
            )
            _expect_one(changed, "turn", turn_id)

    def turns(self, conversation_id: int) -> list[StoredTurn]:
        """The conversation's turns in the order in which they were added."""
        with in_words(self._path):
            turns = self._connection.execute(
                "SELECT id, role, text, state, note FROM turns"
                " WHERE conversation_id = ? ORDER BY id",
                (conversation_id,),
            ).fetchall()
            pictures = self._connection.execute(
                "SELECT turn_id, sha256, width, height, turn_pictures.name"
                " FROM turn_pictures JOIN pictures USING (sha256)"
                " JOIN turns ON turns.id = turn_id WHERE conversation_id = ?"
                " ORDER BY turn_id, position",
                (conversation_id,),
            ).fetchall()
            reference = self._connection.execute(
                "SELECT turn_id, row FROM reference_rows JOIN turns ON turns.id = turn_id"
                " WHERE conversation_id = ? ORDER BY turn_id, position",
                (conversation_id,),
            ).fetchall()
        shown = _by_turn((turn_id, Picture(*fields)) for turn_id, *fields in pictures)
        read = _by_turn(reference)
        return [
            StoredTurn(
                number,
                Turn(Role(role), text, tuple(shown.get(number, ())), tuple(read.get(number, ()))),
                TurnState(state),
                note,
            )
            for number, role, text, state, note in turns
        ]

    # Ways through SQLite

    def _change_conversation(
        self, assignment: str, value: str | float | None, conversation_id: int
    ) -> None:
        with self._transaction() as run:
            changed = run.execute(
                f"UPDATE conversations SET {assignment} WHERE id = ?",  # noqa: S608 - ours alone
                (value, conversation_id),
            )
            _expect_one(changed, "conversation", conversation_id)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what happens inside reaches the disk, or none of it."""
        connection = self._connection
        with in_words(self._path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some errors, a full disk among them.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _insert_attached(
    run: sqlite3.Connection, turn_id: int, pictures: Sequence[Picture], reference: Sequence[str]
) -> None:
    run.executemany(
        "INSERT INTO pictures VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(picture.sha256, picture.width, picture.height) for picture in pictures],
    )
    run.executemany(
        "INSERT INTO turn_pictures VALUES (?, ?, ?, ?)",
        [
            (turn_id, position, picture.sha256, _storable(picture.name))
            for position, picture in enumerate(pictures)
        ],
    )
    run.executemany(
        "INSERT INTO reference_rows VALUES (?, ?, ?)",
        [(turn_id, place, _storable(row)) for place, row in enumerate(reference)],
    )


def _inserted(cursor: sqlite3.Cursor) -> int:
    if cursor.lastrowid is None:
        raise ValueError("nothing was inserted")
    return cursor.lastrowid


def _expect_one(cursor: sqlite3.Cursor, what: str, number: int) -> None:
    if cursor.rowcount != 1:
        raise LookupError(f"no {what} {number}")


def _by_turn(pairs: Iterable[tuple[int, object]]) -> dict[int, list]:
    grouped: dict[int, list] = {}
    for turn_id, value in pairs:
        grouped.setdefault(turn_id, []).append(value)
    return grouped


def _title(turn: Turn) -> str:
    """The first line of a question, or the first picture's name; empty for a model's turn."""
    if turn.role is not Role.PERSON:
        return ""
    lines = [*turn.text.split("\n"), *(picture.name for picture in turn.pictures)]
    line = next((" ".join(line.split()) for line in lines if line.strip()), "")
    if len(line) > TITLE_LENGTH:
        line = line[: TITLE_LENGTH - 1].rstrip() + "…"
    return _storable(line)


def _storable(text: str) -> str:
    """`text` with lone surrogates replaced: pasted text may hold them, UTF-8 may not."""
    return text.encode("utf-8", "replace").decode("utf-8")

"""Conversations on disk: what was asked and answered stays, whatever happens.

One SQLite file in WAL mode with `synchronous=FULL`, so that a call that
returned has reached the disk. One connection, used from one thread; every call
is short. Errors are raised as OcellusError with words for the screen.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.archive.attached import Orphans, delete_orphans, insert_attached
from app.archive.checksums import turn_checksum
from app.archive.copies import Copies
from app.archive.database import in_words, open_database
from app.archive.documents import Documents
from app.archive.place import Place
from app.archive.rescue import rescue
from app.archive.salvage import is_any_kept, open_or_salvage
from app.archive.stored import (
    ConversationRow,
    StoredTurn,
    TurnState,
    conversation_row,
    deleted_rows,
    read_turns,
)
from app.archive.text import storable, title_of
from app.core.conversation import Picture, Role, Turn
from app.core.errors import Failed, OcellusError

__all__ = ["Archive", "ConversationRow", "StoredTurn", "TurnState"]


class Archive:
    """The conversations in the database at `path`, which is made where there is none.

    Answers that were being written when the program last ended are marked as
    interrupted. Where the file was damaged or gone, what could be read of it and of its
    `copies` is in a new one, and `set_aside` says so in plain words; it is None otherwise.
    `store` is the folder of pictures. `tell` is called with what a person has to know of a
    write that succeeded all the same.

    Raises OcellusError when the file cannot be opened or a newer version wrote it.
    """

    def __init__(self, path: Path, store: Path | None = None) -> None:
        self._path = path
        self.copies = Copies(path, path.with_name("copies"))
        self.documents = Documents(self._transaction, self._reading)
        self.tell: Callable[[Failed], None] | None = None
        log = path.with_name(path.name + "-wal")
        with in_words(self._path):
            ended_early = log.exists() and log.stat().st_size > 0
            self._connection, self.set_aside = open_or_salvage(
                path, store, self.copies.newest_first()
            )
            self._place = Place(path)
        self._uncopied_from = -1 if ended_early else self._connection.total_changes

    @property
    def changed(self) -> bool:
        """Whether anything was written since it was opened, or before, by one that was killed."""
        return self._connection.total_changes > self._uncopied_from

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        if not self._place.holds():
            # SQLite leaves the log of whatever lies there now alone.
            with contextlib.suppress(OcellusError):
                self._move()
        self._connection.close()

    # Conversations

    def create(self) -> int:
        """Begin a conversation. It has no title until its first question."""
        with self._transaction() as run:
            row = run.execute("INSERT INTO conversations (updated) VALUES (?)", (time.time(),))
            return _inserted(row)

    def conversations(self) -> list[ConversationRow]:
        """All that are not deleted, those without a question and the last written to first."""
        with in_words(self._path):
            rows = self._connection.execute(
                "SELECT id, title, updated FROM conversations WHERE deleted IS NULL"
                # Turns are numbered in the order in which they came; clocks are set back.
                " ORDER BY (SELECT max(turns.id) FROM turns"
                " WHERE conversation_id = conversations.id) DESC NULLS FIRST, id DESC"
            ).fetchall()
        return [conversation_row(*row) for row in rows]

    def rename(self, conversation_id: int, title: str) -> None:
        """Give the conversation another title. Its place in the list stays."""
        self._change_conversation("title = ?", storable(title.strip()), conversation_id)

    def delete(self, conversation_id: int) -> None:
        """Take it out of the list; `restore` brings it back until `purge`."""
        self._change_conversation("deleted = ?", time.time(), conversation_id)

    def deleted(self) -> list[ConversationRow]:
        """What `restore` can bring back, the one deleted last first; `updated` says when."""
        with in_words(self._path):
            return deleted_rows(self._connection)

    def discard(self, conversation_id: int) -> None:
        """Have the next `purge` erase it, whenever it was deleted."""
        self._change_conversation("deleted = ?", 0.0, conversation_id)

    def restore(self, conversation_id: int) -> None:
        """Undo `delete`."""
        self._change_conversation("deleted = ?", None, conversation_id)

    def purge(self, before: float = math.inf) -> Orphans:
        """Erase what was deleted `before`, here and in the copies, and what was never asked in.

        `before` is in seconds since 1970. Returns what no conversation names any longer: the caller
        removes it from the store.
        """
        with in_words(self._path):
            deleted = self._connection.execute(
                "SELECT id FROM conversations WHERE deleted < ?", (before,)
            ).fetchall()
        # First, so that a crash between the two leaves nothing that is never erased.
        self.copies.forget([number for (number,) in deleted])
        with self._transaction() as run:
            run.execute(
                "DELETE FROM conversations WHERE deleted < ?"
                " OR NOT EXISTS (SELECT 1 FROM turns WHERE conversation_id = conversations.id)",
                (before,),
            )
            orphans = delete_orphans(run)
        with in_words(self._path):
            # Until the log is emptied, the erased words would still be readable in it.
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return orphans

    def knows_picture(self, sha256: str) -> bool:
        """Whether a turn, also of a deleted conversation, names this picture."""
        with in_words(self._path):
            found = self._connection.execute(
                "SELECT 1 FROM pictures WHERE sha256 = ?", (sha256,)
            ).fetchone()
        return found is not None

    def stored_names(self) -> frozenset[str] | None:
        """The hashes of all pictures and documents that turns name.

        None where that is not known for certain: a damaged file is kept that may name more.
        """
        if is_any_kept(self._path):
            return None
        with in_words(self._path):
            rows = self._connection.execute("SELECT sha256 FROM pictures").fetchall()
        return self.documents.names().union(sha256 for (sha256,) in rows)

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
                (time.time(), title_of(turn), conversation_id),
            )
            _expect_one(changed, "conversation", conversation_id)
            text = storable(turn.text)
            turn_id = _inserted(
                run.execute(
                    "INSERT INTO turns (conversation_id, role, text, state) VALUES (?, ?, ?, ?)",
                    (conversation_id, turn.role, text, state),
                )
            )
            run.execute(
                "UPDATE turns SET checksum = ? WHERE id = ?",
                (turn_checksum(turn_id, conversation_id, turn.role, text, ""), turn_id),
            )
            insert_attached(run, turn_id, turn.pictures, turn.reference)
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
            insert_attached(run, turn_id, pictures, reference)

    def update_text(self, turn_id: int, text: str, state: TurnState | str, note: str = "") -> None:
        """Replace a turn's text, state and note; on disk when this returns.

        Raises OcellusError (DISK_FULL among others); the text stored before
        stays, and a later call may succeed.
        """
        state, text, note = TurnState(state), storable(text), storable(note)
        with self._transaction() as run:
            said = run.execute(
                "SELECT conversation_id, role FROM turns WHERE id = ?", (turn_id,)
            ).fetchone()
            if said is None:
                raise LookupError(f"no turn {turn_id}")
            conversation_id, role = said
            checksum = turn_checksum(turn_id, conversation_id, role, text, note)
            run.execute(
                "UPDATE turns SET text = ?, state = ?, note = ?, checksum = ? WHERE id = ?",
                (text, state, note, checksum, turn_id),
            )

    def turns(self, conversation_id: int) -> list[StoredTurn]:
        """The conversation's turns in the order in which they were added."""
        with in_words(self._path):
            return read_turns(self._connection, conversation_id)

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
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with in_words(self._path):
            yield self._connection

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
        if not self._place.holds():
            self._move()

    def _move(self) -> None:
        """Have all of it under its name again, after the file there was removed or replaced.

        Raises OcellusError where that cannot be; the next write tries again.
        """
        with in_words(self._path):
            told = rescue(self._connection, self._path, self._place)
            self._connection = open_database(self._path)
            self._place = Place(self._path)
        self._uncopied_from = -1
        if self.tell is not None:
            self.tell(told)


def _inserted(cursor: sqlite3.Cursor) -> int:
    if cursor.lastrowid is None:
        raise ValueError("nothing was inserted")
    return cursor.lastrowid


def _expect_one(cursor: sqlite3.Cursor, what: str, number: int) -> None:
    if cursor.rowcount != 1:
        raise LookupError(f"no {what} {number}")

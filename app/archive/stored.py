"""What the archive hands out: lines of the list, and turns as they lie on the disk."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from app.archive.checksums import attached_checksum, document_checksum, turn_checksum
from app.archive.text import shown
from app.core.conversation import Picture, Role, Turn
from app.core.document import Document, DocumentKind


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
    """A turn as it lies on disk; `note` is the sentence shown beneath it.

    `text_damaged` and `attached_damaged` say that the text, or what belongs to it
    (pictures, their names and the text read from them), is not what was stored.
    """

    id: int
    turn: Turn
    state: TurnState
    note: str
    text_damaged: bool = False
    attached_damaged: bool = False


def conversation_row(number: int, title: object, updated: object) -> ConversationRow:
    """A line of the list; one whose time is damaged counts as the oldest."""
    seconds = updated if isinstance(updated, int | float) and math.isfinite(updated) else 0
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        moment = datetime.fromtimestamp(0, UTC)
    return ConversationRow(number, shown(title), moment)


def deleted_rows(connection: sqlite3.Connection) -> list[ConversationRow]:
    """Deleted conversations that were asked in, the last first. Raises sqlite3.Error."""
    rows = connection.execute(
        "SELECT id, title, deleted FROM conversations WHERE deleted > 0"
        " AND EXISTS (SELECT 1 FROM turns WHERE conversation_id = conversations.id)"
        " ORDER BY deleted DESC, id DESC"
    )
    return [conversation_row(*row) for row in rows.fetchall()]


def read_turns(connection: sqlite3.Connection, conversation_id: int) -> list[StoredTurn]:
    """The conversation's turns in their order, whatever state they are in. Raises sqlite3.Error."""
    turns = connection.execute(
        "SELECT id, role, text, state, note, checksum, attached FROM turns"
        " WHERE conversation_id = ? ORDER BY id",
        (conversation_id,),
    ).fetchall()
    pictures = _by_turn(
        connection.execute(
            "SELECT turn_id, sha256, width, height, turn_pictures.name, document, page"
            " FROM turn_pictures JOIN pictures USING (sha256)"
            " JOIN turns ON turns.id = turn_id WHERE conversation_id = ?"
            " ORDER BY turn_id, position",
            (conversation_id,),
        )
    )
    reference = _by_turn(
        connection.execute(
            "SELECT turn_id, row FROM reference_rows JOIN turns ON turns.id = turn_id"
            " WHERE conversation_id = ? ORDER BY turn_id, position",
            (conversation_id,),
        )
    )
    documents = _documents(connection, conversation_id)
    stored: list[StoredTurn] = []
    for number, role, text, state, note, checksum, attached in turns:
        read = [row for (row,) in reference.get(number, ())]
        named = [(sha256, *named) for sha256, _, _, *named in pictures.get(number, ())]
        who = _role(role, stored)
        turn = Turn(
            who,
            shown(text),
            tuple(_picture(documents, *row) for row in pictures.get(number, ())),
            tuple(map(shown, read)),
        )
        is_sound = checksum == turn_checksum(number, conversation_id, role, text, note)
        # A word that is no state: an answer may have been cut short, a question never is.
        fallback = TurnState.DONE if who is Role.PERSON else TurnState.INTERRUPTED
        known = state in TurnState.__members__.values()
        stored.append(
            StoredTurn(
                number,
                turn,
                TurnState(state) if known else fallback,
                shown(note),
                text_damaged=not (is_sound and known),
                attached_damaged=attached != attached_checksum(named, read)
                or any(document and document not in documents for _, _, document, _ in named),
            )
        )
    return stored


def _documents(connection: sqlite3.Connection, conversation_id: int) -> dict[str, Document]:
    """The documents of a conversation whose rows are as they were written, by their hashes."""
    rows = connection.execute(
        "SELECT DISTINCT documents.* FROM documents"
        " JOIN turn_pictures ON document = documents.sha256"
        " JOIN turns ON turns.id = turn_id WHERE conversation_id = ?",
        (conversation_id,),
    )
    return {
        sha256: Document(sha256, DocumentKind(kind), pages, name, bool(locked))
        for sha256, kind, pages, name, locked, checksum in rows
        if checksum == document_checksum(sha256, kind, pages, name, locked)
    }


def _picture(
    documents: dict[str, Document],
    sha256: object,
    width: int,
    height: int,
    name: object,
    document: str,
    page: int,
) -> Picture:
    known = documents.get(document)
    # A number that the disk has changed leads nowhere.
    if known is None or not 1 <= page <= known.pages:
        return Picture(shown(sha256), width, height, shown(name))
    return Picture(shown(sha256), width, height, shown(name), known, page)


def _role(role: object, before: list[StoredTurn]) -> Role:
    """Who speaks; where the word is damaged, whoever is next in turn."""
    if role in Role.__members__.values():
        return Role(role)
    if before and before[-1].turn.role is Role.PERSON:
        return Role.MODEL
    return Role.PERSON


def _by_turn(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    grouped: dict[int, list[tuple[Any, ...]]] = {}
    for turn_id, *values in rows:
        grouped.setdefault(turn_id, []).append(tuple(values))
    return grouped

"""All that can be read of an archive's file, in whatever state it is, and what a copy knows better.

Tables are told apart by the number and the types of a row's columns. A table or a column that is
added to the schema needs a place here too; a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.archive import checksums
from app.archive.pages import Lost, PageFile, Value
from app.core.words.hashes import is_sha256

_IDENTITY = re.compile(r"[0-9a-f]{32}")
_MOST_COLUMNS = 8

Shown = tuple[str, str, str, int]


@dataclass(slots=True)
class FoundTurn:
    """A turn's row. `checksum` and `attached` are None where an older version wrote it."""

    conversation_id: int
    role: str
    text: str
    state: str = ""
    note: str = ""
    checksum: int | None = checksums.LOST
    attached: int | None = checksums.LOST

    def is_sound(self, number: int) -> bool:
        """Whether it is what was stored under this number, as far as anybody can say."""
        said = (number, self.conversation_id, self.role, self.text, self.note)
        return self.checksum is None or self.checksum == checksums.turn_checksum(*said)


@dataclass(slots=True)
class Rows:
    """What was found: conversations as (title, updated, deleted), pictures as (width, height).

    `shown` has (hash, name, document, page) and `read` a row of text by position, for each
    turn's id; `known` are the ids of turns that are spoken of anywhere, `numbers` the highest
    ids given. `documents` and `pages` (by document and number) have whole rows that are as
    they were written: what is damaged of them is read from the document once more.
    """

    identity: str = ""
    conversations: dict[int, tuple[str, float, float | None]] = field(default_factory=dict)
    turns: dict[int, FoundTurn] = field(default_factory=dict)
    pictures: dict[str, tuple[int, int]] = field(default_factory=dict)
    shown: dict[int, dict[int, Shown]] = field(default_factory=dict)
    read: dict[int, dict[int, str]] = field(default_factory=dict)
    documents: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    pages: dict[tuple[str, int], tuple[Value, ...]] = field(default_factory=dict)
    known: dict[int, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def found_in(cls, path: Path) -> Rows:
        """Read the file at `path` and its write-ahead log. Raises OSError."""
        rows, pages = cls(), PageFile(path)
        for row in pages.table_rows():
            rows._take(row.number, row.values, whole=row.whole)
        for row in pages.index_rows():
            rows._take_indexed(row.values)
        rows.known |= {number: turn.conversation_id for number, turn in rows.turns.items()}
        return rows

    def is_attached_sound(self, turn_id: int) -> bool:
        """Whether a turn's pictures and read rows are those that were stored."""
        turn = self.turns[turn_id]
        pictures, read = self.shown.get(turn_id, {}), self.read.get(turn_id, {})
        checksum = checksums.attached_checksum(_in_order(pictures), _in_order(read))
        return turn.attached in (None, checksum)

    def complete_from(self, copy: Rows) -> None:
        """Take what is missing or damaged here from a copy of the same archive."""
        if self.identity and copy.identity and self.identity != copy.identity:
            return
        self.identity = self.identity or copy.identity
        self.conversations = copy.conversations | self.conversations
        self.pictures = copy.pictures | self.pictures
        self.documents = copy.documents | self.documents
        self.pages = copy.pages | self.pages
        self.known = copy.known | self.known
        for table, number in copy.numbers.items():
            self.numbers[table] = max(number, self.numbers.get(table, 0))
        for number, theirs in copy.turns.items():
            mine = self.turns.get(number)
            if mine is None:
                mine = self.turns[number] = replace(theirs, attached=checksums.LOST)
            elif not mine.is_sound(number) and theirs.is_sound(number):
                attached = theirs.attached if mine.attached == checksums.LOST else mine.attached
                mine = self.turns[number] = replace(theirs, attached=attached)
            if (
                mine.attached in (checksums.LOST, theirs.attached)
                and not self.is_attached_sound(number)
                and copy.is_attached_sound(number)
            ):
                mine.attached = theirs.attached
                self.shown[number] = dict(copy.shown.get(number, {}))
                self.read[number] = dict(copy.read.get(number, {}))

    def _take(self, number: int, values: tuple[Value | Lost, ...], *, whole: bool) -> None:
        """A row of one of the tables that have numbered rows."""
        match values:
            case (str(identity),) if _IDENTITY.fullmatch(identity):
                self.identity = identity
            case ("conversations" | "turns" as table, int(highest)):
                self.numbers[str(table)] = highest
            case (str(sha256), int(width), int(height)) if is_sha256(sha256):
                self.pictures[sha256] = (width, height)
            case (None, str(title), int() | float() as updated, None | int() | float() as deleted):
                if number > 0:
                    self.conversations[number] = (title, float(updated), deleted)
            case (None, int(conversation), str(role), str(text), *rest) if (
                number > 0 and 2 <= len(rest) <= _MOST_COLUMNS - 4
            ):
                turn = FoundTurn(conversation, role, text)
                if whole:
                    texts = [value if isinstance(value, str) else "" for value in rest[:2]]
                    turn.state, turn.note = texts
                    sums = [value if isinstance(value, int) else None for value in rest[2:]]
                    turn.checksum, turn.attached = (*sums, None, None)[:2]
                before = self.turns.get(number)
                if before is None or not before.is_sound(number):
                    self.turns[number] = turn
            case _:
                self._take_document(values)

    def _take_document(self, values: tuple[Value | Lost, ...]) -> None:
        """A row that says what a document is, or what was read on a page of it."""
        match values:
            case (str(sha256), str(), int(), str(), int(), int(checksum)) if is_sha256(sha256):
                if checksum == checksums.document_checksum(*values[:-1]):
                    self.documents[sha256] = _whole(values)
            case (str(document), int(page), str() as text, bytes(reading), int(checksum)):
                if checksum == checksums.page_checksum(document, page, text, reading):
                    self.pages[document, page] = _whole(values)
            case _:
                pass

    def _take_indexed(self, values: tuple[Value | Lost, ...]) -> None:
        """A row of an index or of a table without row numbers."""
        match values:
            case (int(turn), int(place), str(sha256), str(name), *page) if is_sha256(sha256):
                self.shown.setdefault(turn, {})[place] = (sha256, name, *_page(page))
            case (int(turn), int(place), str(row)):
                self.read.setdefault(turn, {})[place] = row
            case (int(conversation), int(turn), int(again)) if turn == again > 0:
                self.known.setdefault(turn, conversation)
            case _:
                pass


def _whole(values: tuple[Value | Lost, ...]) -> tuple[Value, ...]:
    return tuple(value for value in values if not isinstance(value, Lost))


def _page(columns: list[Value | Lost]) -> tuple[str, int]:
    """Of which document a picture is which page; an older version wrote nothing about it."""
    match columns:
        case [str(document), int(page)]:
            return document, page
        case _:
            return "", 0


def _in_order(placed: Mapping[int, Any]) -> list[Any]:
    return [placed[place] for place in sorted(placed)]

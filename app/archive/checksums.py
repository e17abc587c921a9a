"""Checksums of turns, so that a byte that the disk changed does not pass in silence.

CRC-32 over the UTF-8 bytes, each field with its length before it. It guards against chance, not
against people. A turn's state is left out: it changes when the program ends in the midst of an
answer, and a changed byte makes it a word that is no state.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable

# What no turn's checksum can be: for text of which a part is known to be lost.
LOST = -1


def turn_checksum(
    turn_id: object, conversation_id: object, role: object, text: object, note: object
) -> int:
    """Of what was said, by whom and where."""
    return _crc((turn_id, conversation_id, role, text, note))


def attached_checksum(
    pictures: Iterable[tuple[object, object, object, object]], rows: Iterable[object]
) -> int:
    """Of a turn's pictures and of the rows of text read from them.

    Each picture is (hash, name, document, page); before there were documents it was the
    first two, as it still is for what is no page.
    """
    named = [value for one in pictures for value in (one if one[2] else one[:2])]
    return _crc((len(named), *named, *rows))


def document_checksum(
    sha256: object, kind: object, pages: object, name: object, locked: object
) -> int:
    """Of what is known of a document."""
    return _crc((sha256, kind, pages, name, locked))


def page_checksum(document: object, number: object, text: object, reading: bytes) -> int:
    """Of what was read on a page."""
    return _crc((document, number, text, zlib.crc32(reading)))


def add_missing(connection: sqlite3.Connection) -> None:
    """Give each turn the checksums of what it holds now. `text_factory` is `read_back`."""
    shown: dict[int, list[tuple[object, object, object, object]]] = {}
    for turn_id, sha256, name in connection.execute(
        "SELECT turn_id, sha256, name FROM turn_pictures ORDER BY turn_id, position"
    ):
        shown.setdefault(turn_id, []).append((sha256, name, "", 0))
    read: dict[int, list[object]] = {}
    for turn_id, row in connection.execute(
        "SELECT turn_id, row FROM reference_rows ORDER BY turn_id, position"
    ):
        read.setdefault(turn_id, []).append(row)
    turns = connection.execute("SELECT id, conversation_id, role, text, note FROM turns")
    connection.executemany(
        "UPDATE turns SET checksum = ?, attached = ? WHERE id = ?",
        [
            (
                turn_checksum(turn_id, *said),
                attached_checksum(shown.get(turn_id, ()), read.get(turn_id, ())),
                turn_id,
            )
            for turn_id, *said in turns
        ],
    )


def _crc(values: Iterable[object]) -> int:
    checksum = 0
    for value in values:
        field = str(value).encode("utf-8", "surrogateescape")
        checksum = zlib.crc32(len(field).to_bytes(8, "big") + field, checksum)
    return checksum

"""What belongs to a turn: its pictures, the documents whose pages they are, and read text."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from app.archive.checksums import attached_checksum, document_checksum
from app.archive.schema import WITH_DOCUMENTS, version
from app.archive.text import storable
from app.core.conversation import Picture
from app.core.document import Document


@dataclass(frozen=True, slots=True)
class Orphans:
    """Hashes of what no conversation names any longer."""

    pictures: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


def insert_attached(
    run: sqlite3.Connection, turn_id: int, pictures: Sequence[Picture], reference: Sequence[str]
) -> None:
    """Give a turn, which has none yet, its pictures and read text. Raises sqlite3.Error."""
    shown = [
        (
            picture.sha256,
            storable(picture.name),
            picture.document.sha256 if picture.document is not None else "",
            picture.page,
        )
        for picture in pictures
    ]
    read = [storable(row) for row in reference]
    run.executemany(
        "INSERT INTO pictures VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(picture.sha256, picture.width, picture.height) for picture in pictures],
    )
    run.executemany(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [document_row(one.document) for one in pictures if one.document is not None],
    )
    run.executemany(
        "INSERT INTO turn_pictures VALUES (?, ?, ?, ?, ?, ?)",
        [(turn_id, position, *picture) for position, picture in enumerate(shown)],
    )
    run.executemany(
        "INSERT INTO reference_rows VALUES (?, ?, ?)",
        [(turn_id, place, row) for place, row in enumerate(read)],
    )
    run.execute(
        "UPDATE turns SET attached = ? WHERE id = ?", (attached_checksum(shown, read), turn_id)
    )


def document_row(document: Document) -> tuple[str, str, int, str, int, int]:
    """A row of `documents`, with its checksum."""
    row = (
        document.sha256,
        document.kind.value,
        document.pages,
        storable(document.name),
        int(document.locked),
    )
    return (*row, document_checksum(*row))


def delete_orphans(run: sqlite3.Connection) -> Orphans:
    """Take out the pictures and documents that no turn names. Raises sqlite3.Error."""
    pictures = run.execute(
        "DELETE FROM pictures WHERE NOT EXISTS"
        " (SELECT 1 FROM turn_pictures WHERE sha256 = pictures.sha256) RETURNING sha256"
    ).fetchall()
    documents: list[tuple[str]] = []
    # A copy may have been made by an older version.
    if version(run) >= WITH_DOCUMENTS:
        documents = run.execute(
            "DELETE FROM documents WHERE NOT EXISTS"
            " (SELECT 1 FROM turn_pictures WHERE document = documents.sha256) RETURNING sha256"
        ).fetchall()
    return Orphans(
        tuple(sha256 for (sha256,) in pictures), tuple(sha256 for (sha256,) in documents)
    )

"""Documents of conversations, with what was read on their pages.

A document is known here from the first question about one of its pages, with which it is
written (attached.py), until the last conversation that has one is erased.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from app.archive.checksums import page_checksum
from app.archive.text import storable
from app.core import wire
from app.core.reading import Page

# A page of 500 words: 85 kB as JSON, 16 kB at level 1, which takes 1 ms.
_LEVEL = 1

Opening = Callable[[], AbstractContextManager[sqlite3.Connection]]


@dataclass(frozen=True, slots=True)
class StoredPage:
    """What was read on page `number`, counted from 1.

    `text` is what is searched, `reading` a packed `Page`.
    """

    number: int
    text: str
    reading: bytes


def pack(page: Page) -> bytes:
    """The page as it is stored. For any thread: 10 ms for 500 words."""
    return zlib.compress(wire.encode(page), _LEVEL)


def unpack(packed: bytes) -> Page | None:
    """What `pack` was given; None for what this version cannot read, or nobody."""
    try:
        return wire.decode(zlib.decompress(packed), Page)
    except (zlib.error, wire.WireError):
        return None


class Documents:
    """The archive's documents. Every call may raise OcellusError, as the archive's own do."""

    def __init__(self, writing: Opening, reading: Opening) -> None:
        self._writing = writing
        self._reading = reading

    def names(self) -> frozenset[str]:
        """The hashes of all documents that turns name."""
        with self._reading() as connection:
            rows = connection.execute("SELECT sha256 FROM documents").fetchall()
        return frozenset(sha256 for (sha256,) in rows)

    def knows(self, sha256: str) -> bool:
        """Whether a turn, also of a deleted conversation, shows a page of this document."""
        with self._reading() as connection:
            return _is_there(connection, sha256)

    def keep_pages(self, document: str, pages: Iterable[StoredPage]) -> bool:
        """Keep what was read; it takes the place of an earlier reading of these pages.

        False, and nothing is kept, where no turn shows a page of this document.
        """
        rows = [
            (document, page.number, text, page.reading)
            for page in pages
            for text in (storable(page.text),)
        ]
        with self._writing() as run:
            if not _is_there(run, document):
                return False
            run.executemany(
                "INSERT OR REPLACE INTO document_pages VALUES (?, ?, ?, ?, ?)",
                [(*row, page_checksum(*row)) for row in rows],
            )
        return True

    def forget_pages(self, document: str) -> None:
        """Forget what was read of it."""
        with self._writing() as run:
            run.execute("DELETE FROM document_pages WHERE document = ?", (document,))

    def texts(self, document: str) -> dict[int, str]:
        """What is searched, of each page that was read, by its number."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT number, text FROM document_pages WHERE document = ? ORDER BY number",
                (document,),
            ).fetchall()
        return dict(rows)

    def page(self, document: str, number: int) -> Page | None:
        """What was read on this page; None where nothing was, or the disk has changed it."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT document, number, text, reading, checksum FROM document_pages"
                " WHERE document = ? AND number = ?",
                (document, number),
            ).fetchone()
        if row is None or page_checksum(*row[:4]) != row[4]:
            return None
        return unpack(row[3])


def _is_there(connection: sqlite3.Connection, sha256: str) -> bool:
    found = connection.execute("SELECT 1 FROM documents WHERE sha256 = ?", (sha256,)).fetchone()
    return found is not None

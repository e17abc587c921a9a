"""A document as the reader has checked and stored it."""

from __future__ import annotations

from dataclasses import replace

from app.core.document import Document
from app.core.errors import ErrorKind, OcellusError
from app.core.events import DocumentTaken
from app.core.requests import TakeDocument
from app.core.words.hashes import is_sha256
from app.session.pictures.ingest import Source
from app.workers.remote import Remote
from app.workers.request_result import outcome

_MOST_PAGES = 100_000


async def taken_document(reader: Remote, source: Source) -> Document:
    """Have a document checked and stored. Raises OcellusError and WorkCancelledError."""
    request = TakeDocument(str(source.path), source.name, source.password, source.consume)
    taken = await outcome(reader, request, DocumentTaken)
    if taken is None or not _plausible(taken.document):
        raise OcellusError.of(ErrorKind.INTERNAL, "The reader returned no document.")
    return replace(taken.document, name=source.name)


def _plausible(document: Document) -> bool:
    """Whether this can be one: a hostile file may have taken over the reader."""
    return is_sha256(document.sha256) and 0 < document.pages <= _MOST_PAGES

"""A document of one or more pages, as the reader keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DocumentKind(StrEnum):
    """What the pages of a document are."""

    PICTURE = "picture"
    TIFF = "tiff"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Document:
    """A file in the store, named by the SHA-256 of its bytes.

    `pages` counts them; `name` is what the person called it, for the screen
    only. `locked` says that its pages need the password again after a start.
    """

    sha256: str
    kind: DocumentKind
    pages: int
    name: str = ""
    locked: bool = False

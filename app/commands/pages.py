"""The pages of a document as one run of `read` asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.commands.documents import Chosen, DocumentReader
from app.commands.drawings import Drawings
from app.commands.formats import PagePictures
from app.core.document import Document
from app.core.errors import Failed, OcellusError
from app.core.export import ExportFormat
from app.core.language import PackSpec
from app.core.reading import Page


@dataclass(frozen=True, slots=True)
class Options:
    """How all files of a run are read. `label` tells runs apart whose results differ.

    With `drawings` each page is drawn too, also one that an earlier run has read.
    """

    form: ExportFormat
    chosen: Chosen
    label: str
    password: str = ""
    force: bool = False
    pack: PackSpec | None = None
    drawings: Drawings | None = None


def unread_note(page: Page) -> str:
    """What to say of a page with text in letters that the chosen languages do not have, or ""."""
    if not page.unread:
        return ""
    return (
        f"Page {page.number}: {page.unread} lines could not be read. If they are in another "
        "script, choose their language with --lang; `languages list` names what can be fetched."
    )


def read_pages(
    reader: DocumentReader, document: Document, options: Options, source: Path
) -> Iterator[tuple[Page, Failed | None]]:
    """The chosen pages with what failed at them. Raises OcellusError if all of them fail."""
    failures = 0
    pictures = PagePictures(reader, document, options.password)
    for read in reader.pages(document, options.chosen, options.password):
        failures += read.failure is not None
        if read.failure is not None and failures == read.total:
            raise OcellusError(read.failure)
        if options.drawings is not None:
            options.drawings.add(source, read.page, pictures)
        yield read.page, read.failure

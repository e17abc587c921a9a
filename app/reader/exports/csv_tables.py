"""The document's tables as comma-separated values."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from app.core.errors import ErrorKind, OcellusError
from app.core.reading import BlockKind, Page
from app.reader.exports.form import Output, Pictures
from app.text.tables import table_csv


def write(pages: Iterable[Page], target: Output, _pictures: Pictures | None) -> None:
    """Write UTF-8 with a byte order mark, an empty line between tables.

    Without the mark Excel takes the file for the system's old code page.
    Raises OcellusError for a document without tables, after all its pages.
    """
    found = False
    for page in pages:
        for block in page.blocks:
            if block.kind is not BlockKind.TABLE:
                continue
            target.write(b"\r\n" if found else codecs.BOM_UTF8)
            target.write(table_csv(block).encode())
            found = True
    if not found:
        raise OcellusError.of(
            ErrorKind.NO_TABLE,
            "No table was found, so there is nothing for a spreadsheet.",
            "Save it as plain text instead.",
        )

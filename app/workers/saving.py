"""Read text on its way into a file of the person's own, through the reader.

The window and the command line go the same way: the pages are put into the inbox, the reader
writes the form beside them, and what it wrote is copied to where the person wants it, which the
reader does not see. They differ in how they wait for the reader, and in what they show.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from app.core.cancelled import check
from app.core.document import Document
from app.core.export import ExportFormat
from app.core.files.disk_errors import not_written
from app.core.files.private import make_folder, open_file, write_all
from app.core.reading import Page
from app.core.requests import SaveReading
from app.core.wire import encode

_PIECE = 2**20


class Target(Protocol):
    """Where bytes go: a file, a pipe, standard output."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


class SaveJob:
    """One file: `add` its pages, have the reader do `request`, then `copy` the result.

    What passes through the inbox is gone at the end of the `with` block.
    """

    def __init__(
        self, inbox: Path, document: Document, form: ExportFormat, name: str, password: str = ""
    ) -> None:
        """`name` is what messages call the file, `password` opens the document."""
        self._inbox = inbox
        self._pages, self._written = (inbox / secrets.token_hex(16) for _ in range(2))
        self.request = SaveReading(
            document, str(self._pages), form, str(self._written), name, password
        )

    def __enter__(self) -> Self:
        """Raises OcellusError where there is no room for a temporary copy."""
        try:
            make_folder(self._inbox)
            # Unbuffered: a page is there for the reader when `add` returns.
            self._file = open_file(self._pages, new=True, buffered=False)
        except OSError as error:
            raise self._no_copy(error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        # Where the reader still has one open, the next start clears it away.
        for passing in (self._pages, self._written):
            with suppress(OSError):
                passing.unlink(missing_ok=True)

    def add(self, page: Page) -> None:
        """One more page. Raises OcellusError."""
        try:
            write_all(self._file, encode(page) + b"\n")
        except OSError as error:
            raise self._no_copy(error) from error

    def copy(self, target: Target, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Copy what the reader wrote. Raises what `target` does, OSError, WorkCancelledError."""
        with self._written.open("rb") as source:
            while piece := source.read(_PIECE):
                check(cancelled)
                target.write(piece)

    def _no_copy(self, error: OSError) -> Exception:
        return not_written(
            error,
            "the text was not saved, for which a temporary copy is needed",
            f"Free some space where {self._inbox} lies, then save it again.",
            f"Allow writing to {self._inbox}, then save it again.",
        )

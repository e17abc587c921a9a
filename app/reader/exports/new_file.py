"""Read text as a new file, whole or not at all: for the reader and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from app.core.errors import OcellusError
from app.core.export import ExportFormat
from app.core.files.placing import NewFile
from app.core.reading import Page
from app.reader.exports.form import Pictures
from app.reader.exports.forms import write


def write_new(
    pages: Iterable[Page],
    form: ExportFormat,
    target: Path,
    shown: Path,
    pictures: Pictures | None = None,
    words: Callable[[OSError, Path], OcellusError] | None = None,
) -> None:
    """Write the pages to `target`, which must not be there, and have them on the disk.

    What the disk refuses is told about `shown`, in these `words` where there
    are some. Raises that, and what `write` raises; nothing is left then.
    """
    with NewFile(target, shown, words) as output:
        try:
            write(pages, form, output, pictures)
            output.sync()
        except BaseException:
            with suppress(OSError):
                target.unlink()
            raise

"""A new file of read text, whole or not at all: for the reader and the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.core.errors import OcellusError
from app.core.files.placing import new_output
from app.reader.exports.form import Output


def write_new(
    target: Path,
    shown: Path,
    write_to: Callable[[Output], None],
    words: Callable[[OSError, Path], OcellusError] | None = None,
) -> None:
    """Have `write_to` fill the file `target`, which must not be there, and have it on the disk.

    What the disk refuses is told about `shown`, in these `words` where there
    are some. Raises that, and what `write_to` raises; nothing is left then.
    """
    with new_output(target, shown, words) as output:
        write_to(output)

"""Which read text goes to the model: one rule for the window and the command line."""

from __future__ import annotations

from app.core.cleaning import clean
from app.core.conversation import ReferenceMode
from app.core.reading import Reading

# Raw confidence from which a line is more than a guess at what may be texture.
CONFIDENT = 0.6


def reference_rows(reading: Reading, mode: ReferenceMode) -> tuple[str, ...]:
    """The reading's rows as they go out; none where they are not to.

    AUTO leaves a reading out in which nothing is certain: of a photograph without text the reader
    makes a few letters, which lead the model astray. ON sends whatever there is.
    """
    if mode is ReferenceMode.OFF or (mode is ReferenceMode.AUTO and not _is_confident(reading)):
        return ()
    return tuple(row for row in map(clean, reading.rows()) if row.strip())


def _is_confident(reading: Reading) -> bool:
    return any(
        line.confidence >= CONFIDENT and sum(map(str.isalnum, line.text)) >= 2
        for line in reading.lines
    )

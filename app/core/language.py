"""What the reader is told of a language that its bundled model does not read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackSpec:
    """A recognition model in a file on this disk, for use beside the bundled one.

    `path` is absolute; `sha256` and `size` (bytes) are those of the published
    file, and whoever opens it compares. `script` is how Unicode's names of the
    letters begin that the model is for: "CYRILLIC".
    """

    id: str
    title: str
    path: str
    sha256: str
    size: int
    script: str

"""What a child is kept from, and what became of that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Files:
    """The only files that a child may use, besides those of this installation and the system's.

    Folders in `writes` are made where they are missing; what is in them may be read as well.
    """

    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Walls:
    """What stands around a child; none of them opens an internet socket.

    `local` sockets lead to other programs on this machine. Without `files`,
    the child uses files as the person may.
    """

    local: bool = False
    files: Files | None = None


@dataclass(frozen=True, slots=True)
class Wall:
    """One wall: "network", "programs" or "files", whether it stands, and a sentence on it."""

    name: str
    stands: bool
    words: str

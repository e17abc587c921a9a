"""What the window asks of its children, and the form their work takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from app.core.conversation import Ask
from app.core.document import Document
from app.core.events import Event
from app.core.export import ExportFormat
from app.core.geometry import Box
from app.core.language import PackSpec
from app.core.model import ModelSpec


@dataclass(frozen=True, slots=True)
class LoadModel:
    """Have this model ready (engine)."""

    model: ModelSpec


@dataclass(frozen=True, slots=True)
class UnloadModel:
    """Give back the memory of the model; the next answer loads it again (engine)."""


@dataclass(frozen=True, slots=True)
class GenerateAnswer:
    """Answer this, loading its model first where needed (engine)."""

    ask: Ask


@dataclass(frozen=True, slots=True)
class TakePicture:
    """Decode the file at `path` and store it clean (reader).

    The reader's child sees the inbox alone, so that the file lies there.
    `name` is for the screen. `consume` deletes the file afterwards.
    """

    path: str
    name: str = ""
    consume: bool = False


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """Find the text of a stored picture, with this language pack too (reader)."""

    sha256: str
    pack: PackSpec | None = None


@dataclass(frozen=True, slots=True)
class TakeCrops:
    """Store parts of a stored picture as pictures; a `CropTaken` follows for each box (reader).

    Each is turned by `turned` degrees clockwise, as the picture is for reading.
    """

    sha256: str
    boxes: tuple[Box, ...]
    turned: float = 0.0


@dataclass(frozen=True, slots=True)
class TakeDocument:
    """Check the file at `path` and store it; `DocumentTaken` follows (reader).

    `Failed` of kind PASSWORD asks for the `password`.
    """

    path: str
    name: str = ""
    password: str = ""
    consume: bool = False


@dataclass(frozen=True, slots=True)
class TakePage:
    """Store one page as a clean picture; `PictureTaken` follows (reader)."""

    document: Document
    page: int
    password: str = ""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """Read these pages, counted from 1; a `PageRead` follows for each (reader).

    No pages are all pages. Pictures are read with the language `pack` too.
    """

    document: Document
    pages: tuple[int, ...] = ()
    password: str = ""
    pack: PackSpec | None = None


@dataclass(frozen=True, slots=True)
class SaveReading:
    """Write pages that were read to `path`, a new file in the inbox (reader).

    It is whole when `Finished` comes, and for whoever asked to bring to its
    place; `name` is what messages call it. `pages` is a file in the inbox with
    a `Page` on each line, as the wire has it: a long document would hold up
    the pipe. `document` has their pictures.
    """

    document: Document
    pages: str
    form: ExportFormat
    path: str
    name: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class TryWalls:
    """Run against the walls; `WallsTried` follows (both children).

    `outside` is a file that nobody has handed to the child.
    """

    outside: str


Request = (
    LoadModel
    | UnloadModel
    | GenerateAnswer
    | TakePicture
    | ReadPicture
    | TakeCrops
    | TakeDocument
    | TakePage
    | ReadDocument
    | SaveReading
    | TryWalls
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A request on its way to a child. Numbers grow; none is used twice."""

    number: int
    request: Request


@dataclass(frozen=True, slots=True)
class Reply:
    """An event on its way back. `Finished` or `Failed` is a request's last."""

    number: int
    event: Event


class Service(Protocol):
    """What runs inside a child. One request at a time, in the order of their numbers."""

    def handle(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """Do the work, yielding events; the last is `Finished` or `Failed`.

        `cancelled` is cheap and may be called from inside a forward pass.
        """
        ...

    def close(self) -> None:
        """Let go of everything; no request follows."""
        ...

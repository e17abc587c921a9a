"""Who said what about which pictures, and everything one answer needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.document import Document
from app.core.model import ModelSpec


class Role(StrEnum):
    """Who speaks in a turn."""

    PERSON = "person"
    MODEL = "model"


class ReferenceMode(StrEnum):
    """Whether the text that the reader found goes into the prompt.

    AUTO sends it when the picture holds text.
    """

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean picture in the store, named by the SHA-256 of its PNG file.

    `width` and `height` are in pixels after EXIF orientation; `name` is what
    the person called it, for the screen only. One that shows a page of a PDF or
    TIFF names its `document` and the number of the `page`, counted from 1.
    """

    sha256: str
    width: int
    height: int
    name: str = ""
    document: Document | None = None
    page: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's question or one model's answer.

    `reference` holds the reader's lines for this turn's pictures in reading
    order, one string per line; it is empty when none is to be sent.
    """

    role: Role
    text: str
    pictures: tuple[Picture, ...] = ()
    reference: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. Temperature 0 is greedy."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_new_tokens: int = 1024
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """Everything an answer needs. The last turn is the person's.

    With `quick` the model sees each picture as a whole at the size of one tile, and
    no tiles of it: a fraction of the tokens, and of the detail.
    """

    model: ModelSpec
    turns: tuple[Turn, ...]
    sampling: Sampling = Sampling()
    quick: bool = False

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures of all turns, in the order in which the prompt names them."""
        return tuple(picture for turn in self.turns for picture in turn.pictures)

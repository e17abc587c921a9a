"""What the children tell the window, one small frozen dataclass each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.conversation import Picture
from app.core.document import Document
from app.core.errors import Failed
from app.core.reading import Page, Reading
from app.core.walls import Wall


class Stage(StrEnum):
    """What a loading engine is busy with."""

    STARTING = "starting"
    READING_WEIGHTS = "reading-weights"
    WARMING_UP = "warming-up"


class FinishReason(StrEnum):
    """Why an answer ended."""

    END = "end"
    LENGTH = "length"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Loading:
    """The model is on its way; `done` of `total` steps (bytes, weights) of this stage."""

    stage: Stage
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """The model `model` (its id) waits on `device` ("cuda", "cpu"); `memory` in bytes."""

    model: str
    device: str
    memory: int


@dataclass(frozen=True, slots=True)
class Seen:
    """How the pictures reached the model, once per answer, before its first text.

    `grid` is (rows, columns) of the last picture's tiles, `tiles` counts the
    tiles of all pictures with their overviews, `tokens` the whole prompt,
    `scale` how much of the last picture's width reached the model (1 is all),
    `reference_sent` of `reference_total` lines of read text fitted the context.
    With `quick` more would have reached it, but was not asked for. `forgotten`
    of the oldest turns did not fit any longer.
    """

    grid: tuple[int, int]
    tiles: int
    tokens: int
    scale: float
    reference_sent: int = 0
    reference_total: int = 0
    quick: bool = False
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer, and the probability of each token that it took."""

    piece: str
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Stats:
    """What an answer took. Seconds are wall clock in the engine.

    `prefill_seconds` is the time to the first token, pictures included,
    `context` how many tokens prompt and answer may have together, `memory` the
    bytes that weights and kept conversations take where the model runs.
    """

    prompt_tokens: int = 0
    new_tokens: int = 0
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0
    context: int = 0
    memory: int = 0

    @property
    def tokens_per_second(self) -> float:
        """How fast the tokens after the first came; 0 where there were none."""
        later = self.new_tokens - 1
        return later / self.decode_seconds if later > 0 and self.decode_seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Finished:
    """The request is complete."""

    reason: FinishReason = FinishReason.END
    stats: Stats = Stats()


@dataclass(frozen=True, slots=True)
class PictureTaken:
    """A file or pasted data became a clean picture in the store.

    `cut_off` says that the file ended early, and the picture with it; `full` is
    (width, height) of one that had to be made smaller.
    """

    picture: Picture
    cut_off: bool = False
    full: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class PictureRead:
    """The text of a picture."""

    sha256: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class CropTaken:
    """A part of a picture, by its place among those asked for; None where nothing is in it."""

    place: int
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class DocumentTaken:
    """A file was checked and stored; `cut_off` as with `PictureTaken`."""

    document: Document
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class PageRead:
    """One page of a document, as soon as it is read; `done` of `total` with it.

    A page that cannot be read comes without blocks and with its `failure`;
    the others follow.
    """

    sha256: str
    page: Page
    done: int
    total: int
    failure: Failed | None = None


@dataclass(frozen=True, slots=True)
class WallsTried:
    """What happened when a child ran against its walls."""

    walls: tuple[Wall, ...]


Event = (
    Loading
    | Ready
    | Seen
    | Text
    | Finished
    | Failed
    | PictureTaken
    | PictureRead
    | CropTaken
    | DocumentTaken
    | PageRead
    | WallsTried
)

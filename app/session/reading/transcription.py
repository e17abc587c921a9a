"""One picture that the model writes out: its parts, and how far it is with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.conversation import Picture
from app.core.errors import Failed
from app.core.model import ModelSpec
from app.core.reading import Reading
from app.text.regions import Region


@dataclass(frozen=True, slots=True)
class TranscriptionProgress:
    """How far the model is with a picture: `done` of `total` parts.

    Of these, `kept` could not be read by it and keep the reader's text, as the
    lines `kept_lines` of the reading. A question that goes first makes it
    wait; `failed` says why it ended early.
    """

    done: int = 0
    total: int = 0
    kept: int = 0
    kept_lines: frozenset[int] = frozenset()
    running: bool = False
    waiting: bool = False
    failed: Failed | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every part has had its turn."""
        return 0 < self.total <= self.done


@dataclass(slots=True)
class Transcription:
    """The parts of one picture, and what became of them by their place."""

    picture: Picture
    model: ModelSpec
    original: Reading
    parts: tuple[Region, ...]
    crops: dict[int, Picture | None] = field(default_factory=dict[int, "Picture | None"])
    done: set[int] = field(default_factory=set[int])
    kept: dict[int, frozenset[int]] = field(default_factory=dict[int, frozenset[int]])
    failed: Failed | None = None

    def progress(self, *, running: bool, waiting: bool) -> TranscriptionProgress:
        """How far it is, while it is `running` or not."""
        return TranscriptionProgress(
            len(self.done),
            len(self.parts),
            len(self.kept),
            frozenset[int]().union(*self.kept.values()),
            running=running,
            waiting=waiting,
            failed=self.failed,
        )

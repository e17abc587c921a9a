"""The requests that a child has not ended yet, and how much it said to each."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field, replace

from app.core.errors import ErrorKind, Failed
from app.core.events import (
    CropTaken,
    DocumentTaken,
    Event,
    Finished,
    Loading,
    PageRead,
    PictureRead,
    PictureTaken,
    Ready,
    Seen,
    Text,
    WallsTried,
)
from app.core.requests import GenerateAnswer, Reply, Request
from app.core.wire import WireError

# Words have four or five a token, and no text is of the longest tokens (blanks, 128) alone.
_CHARACTERS_PER_TOKEN = 64
_LEAST_CHARACTERS, _LEAST_ANSWER = 2**20, 2**17
_LONGEST_PIECE = 2**16
_LONGEST_NAME = 4096
_LONGEST_SENTENCE = 2000
_LONGEST_DETAIL = 2**16
_FEW = 16
_MOST_EVENTS: dict[type, int] = {
    Text: 50_000,
    Loading: 200_000,
    Ready: _FEW,
    Seen: _FEW,
    WallsTried: _FEW,
    PictureTaken: _FEW,
    PictureRead: _FEW,
    DocumentTaken: _FEW,
    CropTaken: 100_000,
    PageRead: 100_000,
}


@dataclass(slots=True)
class _Open:
    characters: int
    said: int = 0
    events: Counter[type] = field(default_factory=Counter[type])
    overrun: bool = False


class Ledger:
    """Open requests by number. Any thread may write in it; one takes notes of replies."""

    def __init__(self, name: str) -> None:
        """`name` is what a person calls the child."""
        self._name = name
        self._lock = threading.Lock()
        self._open: dict[int, _Open] = {}

    def open(self, number: int, request: Request) -> None:
        """A request is sent; numbers only grow."""
        most = _LEAST_CHARACTERS
        if isinstance(request, GenerateAnswer):
            most = max(_LEAST_ANSWER, request.ask.sampling.max_new_tokens * _CHARACTERS_PER_TOKEN)
        with self._lock:
            self._open[number] = _Open(most)

    @property
    def oldest(self) -> int:
        """The first request that has not ended, whose events are next; 0 for none."""
        with self._lock:
            return next(iter(self._open), 0)

    def is_overrun(self, number: int) -> bool:
        """Whether this one has said more than it may and not ended yet."""
        with self._lock:
            return number in self._open and self._open[number].overrun

    def note(self, reply: Reply) -> Reply | None:
        """The reply as it may be handed on; None for one that nobody waits for.

        Too much of what is right ends the request with a Failed. Raises
        WireError for an event that no child of ours would send.
        """
        number, event = reply.number, reply.event
        with self._lock:
            one = self._open.get(number)
            if one is None:
                return None
            if isinstance(event, Finished | Failed):
                del self._open[number]
                if one.overrun:
                    return None
                return (
                    replace(reply, event=_shortened(event)) if isinstance(event, Failed) else reply
                )
            if one.overrun or (isinstance(event, Loading | Ready | Seen) and one.events[Text]):
                return None
            _check(event)
            one.events[type(event)] += 1
            if isinstance(event, Text):
                one.said += len(event.piece)
            if one.said <= one.characters and one.events[type(event)] <= _MOST_EVENTS[type(event)]:
                return reply
            one.overrun = True
            return Reply(number, self._too_much(one))

    def _too_much(self, one: _Open) -> Failed:
        return Failed(
            ErrorKind.TOO_LONG,
            f"The {self._name} said more than fits here and was stopped.",
            "What came until then is kept. Please try once more.",
            f"{one.said} characters; "
            + ", ".join(f"{n} {t.__name__}" for t, n in one.events.items()),
        )


def _check(event: Event) -> None:
    match event:
        case Text(piece, probabilities):
            if len(piece) > _LONGEST_PIECE or len(probabilities) > _LONGEST_PIECE:
                raise WireError(f"a text of {len(piece)} characters")
        case Ready(model, device):
            if len(model) > _LONGEST_NAME or len(device) > _LONGEST_NAME:
                raise WireError(f"a name of {max(len(model), len(device))} characters")
        case _:
            pass


def _shortened(failed: Failed) -> Failed:
    return replace(
        failed,
        headline=failed.headline[:_LONGEST_SENTENCE],
        advice=failed.advice[:_LONGEST_SENTENCE],
        # The end of a traceback says more than its beginning.
        detail=failed.detail[-_LONGEST_DETAIL:],
    )

"""The requests that are open at one child, and what has arrived for each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.core.errors import Failed
from app.core.events import Event, Finished, Loading, Text
from app.core.requests import Reply, Request

# More at once would keep the window from anything else.
_MOST_CHARACTERS = 16_384
_MANY = 50


class Inbox:
    """Events of one request on their way to the coroutine that waits for them."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._arrived = asyncio.Event()

    def put(self, event: Event) -> None:
        """Add an event and wake the coroutine; where much waits, the last `Loading` is enough."""
        waiting = self._events
        if isinstance(event, Loading) and len(waiting) > _MANY and isinstance(waiting[-1], Loading):
            waiting.pop()
        self._events.append(event)
        self._arrived.set()

    async def get(self) -> Event:
        """The next event; texts that arrived together come as one, up to a length."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        event = self._events.popleft()
        if not isinstance(event, Text):
            return event
        texts, length = [event], len(event.piece)
        while self._events and isinstance(following := self._events[0], Text):
            length += len(following.piece)
            if length > _MOST_CHARACTERS:
                break
            texts.append(following)
            self._events.popleft()
        return Text(
            "".join(text.piece for text in texts),
            tuple(chance for text in texts for chance in text.probabilities),
        )


@dataclass(slots=True, eq=False)
class Call:
    """A request, what it is `about`, its number at the child that has it, and its events."""

    request: Request
    about: str = ""
    number: int = 0
    arrived: int = 0
    abandoned: bool = False
    inbox: Inbox = field(default_factory=Inbox)


class Streams:
    """Open requests by number. `cancel` is told the watermark to set."""

    def __init__(self, cancel: Callable[[int], None]) -> None:
        self._cancel = cancel
        self._calls: dict[int, Call] = {}

    def open(self, call: Call) -> None:
        """Begin to gather events of this request; numbers only grow."""
        self._calls[call.number] = call

    def deliver(self, reply: Reply) -> None:
        """Sort in a reply; one for a request that is not open is dropped."""
        call = self._calls.get(reply.number)
        if call is None:
            return
        call.arrived += 1
        call.inbox.put(reply.event)
        if isinstance(reply.event, Finished | Failed):
            del self._calls[reply.number]
            self._cancel_abandoned()

    def abandon(self, call: Call) -> None:
        """Nobody waits for this request any longer."""
        call.abandoned = True
        if self._calls.get(call.number) is call:
            self._cancel_abandoned()

    def take_out(self, number: int) -> Call | None:
        """The request of this number, which is not open here any more."""
        return self._calls.pop(number, None)

    def take_all(self) -> list[Call]:
        """All requests that somebody waits for, in their order; none is open here any more."""
        calls = [call for call in self._calls.values() if not call.abandoned]
        self._calls.clear()
        return calls

    def _cancel_abandoned(self) -> None:
        # The watermark cancels all requests up to a number, so one that others wait before has
        # to wait itself until they are through.
        level = 0
        for number, call in self._calls.items():
            if not call.abandoned:
                break
            level = number
        if level:
            self._cancel(level)

"""The requests that are open at one child, and what has arrived for each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from app.core.errors import Failed
from app.core.events import Event, Finished, Text
from app.core.requests import Reply


class Inbox:
    """Events of one request on their way to the coroutine that waits for them."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._arrived = asyncio.Event()

    def put(self, event: Event) -> None:
        """Add an event and wake the coroutine."""
        self._events.append(event)
        self._arrived.set()

    async def get(self) -> Event:
        """The next event; texts that arrived together come as one."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        event = self._events.popleft()
        if not isinstance(event, Text):
            return event
        texts = [event]
        while self._events and isinstance(following := self._events[0], Text):
            texts.append(following)
            self._events.popleft()
        return Text(
            "".join(text.piece for text in texts),
            tuple(chance for text in texts for chance in text.probabilities),
        )


class Streams:
    """Open requests by number. `cancel` is told the watermark to set."""

    def __init__(self, cancel: Callable[[int], None]) -> None:
        self._cancel = cancel
        self._inboxes: dict[int, Inbox] = {}
        self._abandoned: set[int] = set()

    def open(self, number: int) -> Inbox:
        """Begin to gather events of this request; numbers only grow."""
        return self._inboxes.setdefault(number, Inbox())

    def deliver(self, reply: Reply) -> None:
        """Sort in a reply; one for a request that is not open is dropped."""
        inbox = self._inboxes.get(reply.number)
        if inbox is None:
            return
        inbox.put(reply.event)
        if isinstance(reply.event, Finished | Failed):
            del self._inboxes[reply.number]
            self._abandoned.discard(reply.number)
            self._cancel_abandoned()

    def abandon(self, number: int) -> None:
        """Nobody waits for this request any longer."""
        if number in self._inboxes:
            self._abandoned.add(number)
            self._cancel_abandoned()

    def end(self, event: Finished | Failed) -> None:
        """End every open request with this event."""
        inboxes = list(self._inboxes.values())
        self._inboxes.clear()
        self._abandoned.clear()
        for inbox in inboxes:
            inbox.put(event)

    def _cancel_abandoned(self) -> None:
        # The watermark cancels all requests up to a number, so one that others wait before has
        # to wait itself until they are through.
        level = 0
        for number in self._inboxes:
            if number not in self._abandoned:
                break
            level = number
        if level:
            self._cancel(level)

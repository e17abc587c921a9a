"""The page that will be next, taken while a person looks at the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from app.core.conversation import Picture
from app.core.errors import OcellusError
from app.session.documents.pages import OpenDocument
from app.session.reading.preemptible import Preemptible

TakePage = Callable[[OpenDocument, int], Awaitable[Picture]]
Tell = Callable[[Picture], None]


class PagePrefetch:
    """At most one page is wanted; it is taken among `work`, which gives way to people.

    `tell` hears of each page that was taken.
    """

    def __init__(self, work: Preemptible, take_page: TakePage, tell: Tell) -> None:
        self._work = work
        self._take_page = take_page
        self._tell = tell
        self._wanted: tuple[OpenDocument, int] | None = None
        self._waiting: asyncio.Task[None] | None = None
        # What is being taken at this moment, and the task that does it.
        self._now: tuple[OpenDocument, int, asyncio.Task[object]] | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether there is a page to be taken."""
        return self._wanted is not None

    def want(self, known: OpenDocument, page: int | None) -> None:
        """This page from now on; None for none."""
        is_there = page is None or page in known.pictures
        self._wanted = None if page is None or is_there else (known, page)

    def begin(self) -> None:
        """Take what is wanted as soon as nothing else is under way."""
        self.pause()
        if self._wanted is not None:
            self._waiting = asyncio.create_task(self._work.run(self.take))
            self._waiting.add_done_callback(self._ended)

    def pause(self) -> None:
        """Leave the reader to something else; what is wanted stays so."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    async def take(self) -> None:
        """Take what is wanted now. A page that cannot be taken is told of when it is turned to."""
        task = asyncio.current_task()
        if self._wanted is None or task is None:
            return
        known, page = wanted = self._wanted
        self._now = known, page, task
        try:
            if page not in known.pictures:
                self._tell(await self._take_page(known, page))
        except OcellusError:
            pass
        finally:
            self._now = None
        if self._wanted == wanted:
            self._wanted = None

    async def taken(self, known: OpenDocument, page: int) -> None:
        """Wait for this page if it is being taken already; it may not come all the same."""
        if self._now is not None and self._now[0] is known and self._now[1] == page:
            await asyncio.wait([self._now[2]])

    async def close(self) -> None:
        """Let go of what is under way."""
        waiting = self._waiting
        self._wanted = None
        self.pause()
        if waiting is not None:
            await asyncio.wait([waiting])

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._waiting is task:
            self._waiting = None

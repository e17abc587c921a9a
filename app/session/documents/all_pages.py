"""Reading every page of a document, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing

from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import PageRead
from app.core.reading import Page
from app.core.requests import ReadDocument
from app.session.documents.page_prefetch import PagePrefetch
from app.session.documents.pages import OpenDocument
from app.session.reading.readings import Readings
from app.workers.remote import Remote
from app.workers.request_result import follow

Arrived = Callable[[OpenDocument, Page, Failed | None], None]


class AllPages:
    """Reads what is unread, among the work that steps aside for whatever a person waits for.

    `arrived` takes each page. Between two of them the page that will be next on the screen
    is taken, where `ahead` wants one.
    """

    def __init__(
        self, reader: Remote, readings: Readings, ahead: PagePrefetch, arrived: Arrived
    ) -> None:
        self._reader = reader
        self._readings = readings
        self._ahead = ahead
        self._arrived = arrived
        # Whether the attempt that is under way brought a page.
        self._brought = False

    async def read(self, known: OpenDocument, first: int) -> Failed | None:
        """Every page that was not read yet, from page `first` on; why it ended early."""
        while known.unread(first):
            try:
                await self._readings.batch.run(lambda: self._attempt(known, first))
            except WorkCancelledError:
                return None  # The reader is being closed.
            except OcellusError as error:
                if not self._goes_on(known, first, error.failed):
                    return error.failed
        return None

    def _goes_on(self, known: OpenDocument, first: int, failed: Failed) -> bool:
        """Whether to read on after this, with a reader that was started again.

        A page that ends the reader as the first of its pages is left out from then on.
        """
        if failed.kind is not ErrorKind.CHILD_DIED or not self._reader.state.running:
            return False
        if not self._brought and (unread := known.unread(first)):
            self._arrived(known, Page(0, 0, (), unread[0]), failed)
        return True

    async def _attempt(self, known: OpenDocument, first: int) -> None:
        """Read what is unread. Raises OcellusError and WorkCancelledError."""
        pages = known.unread(first)
        wanted = set(pages)
        self._brought = False
        request = ReadDocument(known.document, pages, known.password, self._readings.pack)
        since = time.monotonic()
        async with aclosing(follow(self._reader, request)) as events:
            async for event in events:
                match event:
                    case PageRead(page=page, failure=failure) if page.number in wanted:
                        wanted.discard(page.number)
                        now = time.monotonic()
                        self._brought = True
                        known.timed += 1
                        known.seconds += now - since
                        since = now
                        self._arrived(known, page, failure)
                        if self._ahead.is_wanted:
                            # The rest is asked for anew: one request after the other is served.
                            break
                    case _:
                        pass
        if self._ahead.is_wanted:
            await self._ahead.take()
        elif wanted & set(known.unread(first)):
            raise OcellusError.of(ErrorKind.INTERNAL, "The reader left out pages of the document.")

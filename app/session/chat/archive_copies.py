"""Copies of the conversations: one a day while the program runs, one when it ends."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, QTimer, Signal

from app.archive.archive import Archive
from app.core.errors import Failed, OcellusError

# Not in the first minute, in which models are loaded.
_FIRST_MS = 60_000
_CHECK_MS = 600_000


class Copying(QObject):
    """Has copies made in a thread of their own; the window and the answers go on meanwhile."""

    noticed = Signal(Failed)  # no copy could be made; told once

    def __init__(self, archive: Archive, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._archive = archive
        self._thread = ThreadPoolExecutor(1, "copies")
        self._task: asyncio.Task[None] | None = None
        self._told = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.check)

    @property
    def is_running(self) -> bool:
        """Whether a copy is being made."""
        return self._task is not None

    def start(self) -> None:
        """From now on look now and then whether a copy is due."""
        self._timer.start(_FIRST_MS)

    def check(self) -> None:
        """Make a copy where the newest is a day old."""
        self._timer.setInterval(_CHECK_MS)
        if self._task is None and self._archive.copies.is_due():
            self._task = asyncio.create_task(self._make())

    async def close(self) -> None:
        """Give up what is under way, so that the archive is nobody else's."""
        self._timer.stop()
        if self._task is not None:
            self._archive.copies.stop()
            await asyncio.wait([self._task])

    async def last(self) -> None:
        """Make the copy of this run, where anything has changed in it."""
        if self._archive.changed or self._archive.copies.is_due():
            self._told = True  # There is no window any more to tell it in.
            await self._make()
        self._thread.shutdown()

    async def _make(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._archive.copies.make)
        except OcellusError as error:
            if not self._told:
                self._told = True
                self.noticed.emit(error.failed)
        finally:
            self._task = None

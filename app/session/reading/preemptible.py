"""Long work at the reader that lets something more urgent pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Preemptible:
    """Runs attempts; while something urgent is under way they are cancelled and start anew."""

    def __init__(self) -> None:
        self._urgent = 0
        self._attempts: set[asyncio.Task[Any]] = set()
        self._free = asyncio.Event()
        self._free.set()

    @contextmanager
    def stepping_aside(self) -> Generator[None, None, None]:
        """Leave the reader to what is done inside."""
        self._urgent += 1
        self._free.clear()
        for attempt in self._attempts:
            attempt.cancel()
        try:
            yield
        finally:
            self._urgent -= 1
            if self._urgent == 0:
                self._free.set()

    async def run(self, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the first attempt that nothing made way for. Raises what that raises."""
        while True:
            await self._free.wait()
            attempt = asyncio.create_task(begin())
            self._attempts.add(attempt)
            try:
                await asyncio.wait([attempt])
            finally:
                self._attempts.discard(attempt)
                attempt.cancel()
            if not attempt.cancelled():
                return attempt.result()

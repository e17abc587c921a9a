"""Work on strangers' files in a thread that can be left alone when it goes on too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import TypeVar

import psutil

from app.core.cancelled import check

Result = TypeVar("Result")

# Cancellation is promised within 200 ms.
_POLL_SECONDS = 0.02
_SOON_SECONDS = 0.1
_WEIGH_EVERY = 5


class StuckError(Exception):
    """A library neither returns in time nor can be stopped: this process has to end."""


class Watched:
    """A thread of its own for one piece of work after the other."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "watched")

    def run(
        self,
        work: Callable[[Callable[[], bool]], Result],
        cancelled: Callable[[], bool],
        seconds: float,
        growth: int,
    ) -> Result:
        """What `work` returned or raised; its argument says whether it is still wanted.

        Raises WorkCancelledError as soon as `cancelled` says so, though the work itself
        ends only at its next check. Raises StuckError when the work takes
        longer than `seconds`, or this process grows by `growth` bytes meanwhile.
        """
        left = threading.Event()
        began: list[float] = []

        def step() -> Result:
            check(left.is_set)
            began.append(time.monotonic())
            return work(left.is_set)

        future = self._thread.submit(step)
        try:
            self._wait(future, cancelled, began, seconds, growth)
            return future.result()
        finally:
            left.set()
            future.cancel()

    def later(self, work: Callable[[], None]) -> None:
        """Do this when what runs now is over; waits for it if that is soon."""
        wait_for([self._thread.submit(work)], _SOON_SECONDS)

    def close(self) -> None:
        """End the thread once its work is done."""
        self._thread.shutdown(cancel_futures=True)

    def _wait(
        self,
        future: Future[Result],
        cancelled: Callable[[], bool],
        began: list[float],
        seconds: float,
        growth: int,
    ) -> None:
        process = psutil.Process()
        most = process.memory_info().rss + growth
        turns = 0
        while not wait_for([future], _POLL_SECONDS).done:
            check(cancelled)
            if began and time.monotonic() - began[0] > seconds:
                raise StuckError(f"more than {seconds:.0f} seconds")
            turns += 1
            if turns % _WEIGH_EVERY == 0 and process.memory_info().rss > most:
                raise StuckError(f"more than {growth // 2**20} MB of memory")

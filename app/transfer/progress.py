"""How far a transfer is, how fast, and how long it still takes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_SPAN = 10.0  # seconds over which the speed is taken


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """Bytes on the disk of all bytes; `speed` in bytes per second, `left` in seconds."""

    done: int
    total: int
    speed: float
    left: float | None


class Meter:
    """Counts from any thread, reports from one.

    Speed is of the bytes that arrived in the last seconds, since blocks end in
    bursts; what is done counts in whole blocks, since only those stay.
    """

    def __init__(self, report: Callable[[TransferProgress], None]) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._done = self._total = self._arrived = 0
        self._samples: deque[tuple[float, int]] = deque()

    def begin(self, done: int, total: int) -> None:
        """What of all bytes is on the disk already."""
        with self._lock:
            self._done, self._total = done, total
            self._samples.append((time.monotonic(), 0))

    def arrive(self, size: int) -> None:
        """Bytes came from the network."""
        with self._lock:
            self._arrived += size

    def keep(self, size: int) -> None:
        """Bytes are on the disk for good; negative where kept ones turned out to be wrong."""
        with self._lock:
            self._done += size

    def say(self) -> None:
        """Report, once it has begun. A listener that went away does not end the transfer."""
        with self._lock:
            if not self._samples:
                return
            now = time.monotonic()
            self._samples.append((now, self._arrived))
            while now - self._samples[0][0] > _SPAN and len(self._samples) > 2:
                self._samples.popleft()
            since, before = self._samples[0]
            speed = (self._arrived - before) / max(now - since, 1e-3)
            left = (self._total - self._done) / speed if speed else None
            progress = TransferProgress(self._done, self._total, speed, left)
        try:
            self._report(progress)
        except OSError:  # the window was closed: nobody reads our pipe any more
            self._report = _unheard


def _unheard(_: TransferProgress) -> None:
    """Nobody listens."""

"""What a transfer does when the network fails it: wait, try again, give up in words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx2

from app.core.errors import ErrorKind, Failed, OcellusError

_T = TypeVar("_T")
_LONGEST_BACKOFF = 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Sizes and times.

    Each of the `workers` asks for one block at a time, so that a kill costs
    `workers` × `block` at most (16 MiB), whatever the sockets between hold.
    A download gives up after `attempts` failures without a byte in between,
    and after `first_attempts` when nobody has answered yet.
    """

    block: int = 4 << 20
    workers: int = 4
    attempts: int = 8
    first_attempts: int = 3
    backoff: float = 1.0
    longest_wait: float = 120.0


class PausedError(OcellusError):
    """The person stopped the transfer; what is on the disk stays."""

    def __init__(self) -> None:
        super().__init__(
            Failed(
                ErrorKind.NETWORK,
                "The download is paused.",
                "Start it again to go on: what is on the disk stays.",
            )
        )


class TryAgainError(httpx2.HTTPError):
    """An answer that another try may better, after `seconds` at least."""

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Waiting:
    """The connection failed and is about to be tried again, for the `attempt`th of `attempts`."""

    attempt: int
    attempts: int

    @property
    def words(self) -> str:
        """For a person."""
        return f"Waiting for the hub, try {self.attempt} of {self.attempts}."


class RetryBudget:
    """Shared by all threads of one transfer; also their common cancellation."""

    def __init__(self, pace: Pace, server: str = "hub") -> None:
        """`server` is what a person is told that does not answer."""
        self._pace = pace
        self._server = server
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._answered = False
        self.waiting: Waiting | None = None  # until something has worked again
        self.failure: BaseException | None = None

    @property
    def stopped(self) -> bool:
        """Whether all threads are to end."""
        return self._stop.is_set()

    def pause(self) -> None:
        """End all threads; from any thread, or a signal's handler."""
        self._stop.set()

    def fail(self, error: BaseException) -> None:
        """End all threads for this reason, if it is the first."""
        with self._lock:
            if self.failure is None and not isinstance(error, PausedError):
                self.failure = error
        self._stop.set()

    def check(self) -> None:
        """Raise PausedError when all are to end."""
        if self._stop.is_set():
            raise PausedError

    def wait(self, seconds: float) -> None:
        """Sleep; raises PausedError as soon as all are to end."""
        if self._stop.wait(seconds):
            raise PausedError

    def insist(self, what: Callable[[], _T], measure: Callable[[], int] = lambda: 0) -> _T:
        """Call `what` until it works; a larger `measure` than before forgives earlier failures.

        Raises OcellusError when it failed too often, PausedError.
        """
        failures, before = 0, measure()
        while True:
            self.check()
            try:
                found = what()
            except httpx2.HTTPError as error:
                self.check()  # a connection that the end of all has closed
                unreached = isinstance(
                    error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError
                )
                self._answered = self._answered or not unreached
                now = measure()
                failures = 1 if now > before else failures + 1
                before = now
                pace = self._pace
                attempts = pace.attempts if self._answered else pace.first_attempts
                if failures >= attempts:
                    raise self._lost(error) from error
                self.waiting = Waiting(failures + 1, attempts)
                asked = error.seconds if isinstance(error, TryAgainError) else 0.0
                backoff = min(pace.backoff * 2 ** (failures - 1), _LONGEST_BACKOFF)
                self.wait(max(backoff, min(asked, pace.longest_wait)))
            else:
                self._answered = True
                self.waiting = None
                return found

    def _lost(self, error: httpx2.HTTPError) -> OcellusError:
        headline, again = f"The {self._server} cannot be reached.", "Then start the download again"
        if isinstance(error, httpx2.ProxyError):
            headline = "The proxy does not let the download through."
        elif self._answered and isinstance(error, httpx2.ReadTimeout):
            headline = f"The {self._server} is too slow: next to nothing came for a long time."
        elif self._answered:
            headline = f"The connection to the {self._server} was lost."
        return OcellusError.of(
            ErrorKind.NETWORK,
            headline,
            "Check the internet connection, and the mirror's or proxy's address if you set one. "
            f"{again}: it goes on where it was.",
            str(error) or type(error).__name__,
        )


def retry_after(response: httpx2.Response) -> float:
    """Seconds that the answer asks to wait, as a number or a date; 0 where it says nothing.

    A date is taken against the answer's own clock where it tells one, so that a
    wrong clock here does no harm.
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    until, now = _date(text), _date(response.headers.get("date", "")) or datetime.now(UTC)
    return max((until - now).total_seconds(), 0.0) if until else 0.0


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

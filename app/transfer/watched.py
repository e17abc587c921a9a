"""The work of a transfer in a thread of its own, watched by the one that waits for it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from app.core.errors import ErrorKind, OcellusError
from app.transfer.patience import PausedError, RetryBudget, Waiting
from app.transfer.progress import Meter

Result = TypeVar("Result")

_BEAT = 0.2  # seconds between two reports
_GRACE = 1.0  # seconds for threads to end; those that wait for the network then die with us


def _unheard(_: Waiting | None) -> None:
    """Nobody listens."""


class Watched:
    """Runs the work once, and tells the meter and who waits how it goes.

    A pause need not wait until a silent connection, a slow disk or a long hash
    comes back. What such a thread has not finished is lost as in a kill, that
    is, it costs its block.
    """

    def __init__(
        self,
        patience: RetryBudget,
        meter: Meter,
        report_waiting: Callable[[Waiting | None], None] = _unheard,
    ) -> None:
        self._patience, self._meter = patience, meter
        self._report_waiting, self._told_waiting = report_waiting, None

    def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns. Raises OcellusError, of which PausedError is one, and OSError."""
        found: list[Result] = []

        def body() -> None:
            try:
                found.append(work())
            except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
                self._patience.fail(error)

        thread = threading.Thread(target=body, daemon=True)
        thread.start()
        try:
            while thread.is_alive() and not self._patience.stopped:
                thread.join(_BEAT)
                self._say_waiting()
                self._meter.say()
        finally:
            self._patience.pause()  # also where Ctrl+C has ended the wait
        thread.join(_GRACE)
        if found:
            self._meter.say()
            return found[0]
        match self._patience.failure:
            case None:
                raise PausedError
            case OcellusError() | OSError() as error:
                raise error
            case error:
                raise OcellusError.of(
                    ErrorKind.INTERNAL,
                    "A fault in Ocellus ended the download.",
                    "What is on the disk is kept: start it again. If that fails, report this.",
                    type(error).__name__,
                ) from error

    def _say_waiting(self) -> None:
        now = self._patience.waiting
        if now != self._told_waiting:
            self._told_waiting = now
            try:
                self._report_waiting(now)
            except OSError:  # nobody reads our pipe any more
                self._report_waiting = _unheard


@contextmanager
def pausing_at_sigterm(pause: Callable[[], None]) -> Generator[None, None, None]:
    """Have SIGTERM pause a transfer that is run in the process's main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: pause())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)

"""Whether a child still answers, and the thread that looks."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.workers.limits import Limits
from app.workers.vitals import Vitals

_TICK = 0.5


@dataclass(frozen=True, slots=True)
class Signs:
    """What the host knows of a child at one moment.

    `newest` was sent last, and the one at work is `flooding` if it said too much;
    `message` counts the messages whose first bytes are here, `partial` while the
    last is not complete.
    """

    newest: int
    flooding: bool
    message: int
    partial: bool


class Watch:
    """Judges by vitals and signs, tick by tick."""

    def __init__(self, limits: Limits, vitals: Vitals) -> None:
        self._limits = limits
        self._vitals = vitals
        # For each thing that may stand still: how it looked, and for how long it has so.
        self._still: dict[str, tuple[Hashable, float]] = {}

    def tick(self, seconds: float, signs: Signs) -> str | None:
        """What the child did wrong ("did not answer for 60 seconds"); None while all is well.

        `seconds` have passed since the last tick.
        """
        vitals, limits = self._vitals, self._limits
        patience = limits.silence if vitals.is_settled else limits.start
        unanswered = (
            ("beats", vitals.beats, True),
            ("received", vitals.received, signs.newest > vitals.received),
            ("message", signs.message, signs.partial),
        )
        for name, look, matters in unanswered:
            if self._stood(name, look, seconds, matters=matters) >= patience:
                return f"did not answer for {_spoken(patience)}"
        work, steps = vitals.working, vitals.steps
        if self._stood("work", (work, steps), seconds, matters=work != 0) >= limits.work:
            return f"made no progress for {_spoken(limits.work)}"
        # Not by what has arrived: a child that obeyed may have left a full pipe behind.
        told = vitals.is_settled and 0 < work <= vitals.watermark
        patience = limits.flood if signs.flooding else limits.obey
        if self._stood("told", (work, signs.flooding), seconds, matters=told) >= patience:
            return f"did not stop within {_spoken(patience)}"
        return None

    def begin_anew(self) -> None:
        """Count from now."""
        self._still.clear()

    def _stood(self, name: str, look: Hashable, seconds: float, *, matters: bool) -> float:
        """For how many seconds this has looked the same."""
        before = self._still.get(name)
        if not matters:
            self._still.pop(name, None)
            return 0.0
        stood = before[1] + seconds if before is not None and before[0] == look else 0.0
        self._still[name] = (look, stood)
        return stood


class Watchdog:
    """Looks at a child twice a second from a thread of its own, until `stop`."""

    def __init__(
        self, watch: Watch, limits: Limits, look: Callable[[], Signs], end: Callable[[str], None]
    ) -> None:
        """`end` is called, once, with what the child did wrong; "" where it is dead already."""
        self._watch = watch
        self._look = look
        self._end = end
        self._interval = min(_TICK, limits.silence / 10)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self, pid: int) -> None:
        """Watch this process from now on."""
        self._pid = pid
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _run(self) -> None:
        before, dead = time.monotonic(), 0
        while not self._stopped.wait(self._interval):
            # A process that it started may hold its pipe open, so nobody else sees its end.
            dead += _has_ended(self._pid)
            if dead > 2:
                self._end("")
                return
            now = time.monotonic()
            # A machine that slept, or had no time for this thread, had none for the child.
            passed, before = min(now - before, 2 * self._interval), now
            wrong = self._watch.tick(passed, self._look())
            if wrong is None:
                continue
            if _is_traced(self._pid):
                self._watch.begin_anew()
                continue
            self._end(wrong)
            return


def _has_ended(pid: int) -> bool:
    """Whether the process has, where the system tells without a burial."""
    if not hasattr(os, "waitid"):
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except OSError:
        return True


def _is_traced(pid: int) -> bool:
    """Whether a debugger holds the process."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("TracerPid:"):
                return int(line.split()[1]) != 0
    return False


def _spoken(seconds: float) -> str:
    if seconds >= 120:
        return f"{seconds / 60:.0f} minutes"
    return "1 second" if seconds == 1 else f"{seconds:g} seconds"

"""A child as the session sees it: requests in, events out, on the window's loop."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QObject, Signal

from app.core.errors import ErrorKind, Failed
from app.core.events import Event, Finished, FinishReason
from app.core.requests import Reply, Request
from app.workers.host import LEAVE_SECONDS, TERMINATE_SECONDS, ChildSpec, Host
from app.workers.mailbox import Mailbox
from app.workers.streams import Streams
from app.workers.thread import ReceivingThread

RESTARTS = 2
RESTART_SECONDS = 300.0
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class RemoteState:
    """Whether the child runs, and a plain sentence about it where there is something to say.

    `can_restart` asks for a button: the child died too often to be started
    again by itself.
    """

    running: bool
    sentence: str = ""
    can_restart: bool = False


class Remote(QObject):
    """One child: its process, its thread, and the streams that are open to it."""

    stateChanged = Signal(object)  # RemoteState
    died = Signal(object)  # Failed

    def __init__(
        self,
        spec: ChildSpec,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._spec = spec
        self._clock = clock
        self._life: _Life | None = None
        self._deaths: deque[float] = deque(maxlen=RESTARTS)
        self._closed = False
        self._state = RemoteState(running=False)

    @property
    def state(self) -> RemoteState:
        """As last announced."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        return self._life.host.pid if self._life else None

    def start(self) -> None:
        """Start the child; returns at once."""
        if self._life is None and not self._closed:
            self._begin("")

    def restart(self) -> None:
        """Start it again after it died too often."""
        if self._life is None and not self._closed:
            self._deaths.clear()
            self._begin(f"The {self._spec.name} was started again.")

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The events of one request; the last is one Finished or Failed.

        Texts that arrive together are joined, so that there are at most 30 a
        second. Closing the generator early cancels the request: use it within
        `contextlib.aclosing`, for nothing closes a forgotten one.
        """
        if self._life is None:
            yield self._absent()
            return
        streams = self._life.streams
        number = self._life.host.send(request)
        inbox = streams.open(number)
        try:
            while True:
                event = await inbox.get()
                yield event
                if isinstance(event, Finished | Failed):
                    return
        finally:
            streams.abandon(number)

    def stop(self) -> None:
        """Cancel everything that was sent so far."""
        if self._life is not None:
            self._life.host.cancel(self._life.host.newest)

    async def close(self) -> None:
        """End the child within a second or so, whatever it is doing.

        Streams that are still open end as stopped.
        """
        self._closed = True
        life, self._life = self._life, None
        if life is None:
            return
        life.streams.end(Finished(FinishReason.STOPPED))
        life.mailbox.close()
        for end, seconds in (
            (life.host.leave, LEAVE_SECONDS),
            (life.host.terminate, TERMINATE_SECONDS),
            (life.host.kill, TERMINATE_SECONDS),
        ):
            end()
            if await _finished(life.thread, seconds):
                break
        life.thread.wait(int(TERMINATE_SECONDS * 1000))
        self._announce(RemoteState(running=False))

    def _begin(self, sentence: str) -> None:
        # No parent: the thread puts into it until its end, even after this object's.
        host, mailbox = Host(self._spec), Mailbox()
        self._life = _Life(host, mailbox, ReceivingThread(host, mailbox), Streams(host.cancel))
        mailbox.delivered.connect(self._deliver)
        self._life.thread.begin()
        self._announce(RemoteState(running=True, sentence=sentence))

    def _deliver(self, items: object) -> None:
        for item in cast("tuple[Reply | Failed, ...]", items):
            if self._life is None:
                return
            if isinstance(item, Reply):
                self._life.streams.deliver(item)
            else:
                self._end_life(self._life, item)

    def _end_life(self, life: _Life, failed: Failed) -> None:
        life.mailbox.close()
        self._life = None
        now = self._clock()
        recent = [death for death in self._deaths if now - death < RESTART_SECONDS]
        if len(recent) < RESTARTS:
            self._deaths.append(now)
            self._begin(f"{failed.headline} It was started again.")
        else:
            self._announce(
                RemoteState(
                    running=False,
                    sentence=f"The {self._spec.name} keeps stopping and is switched off.",
                    can_restart=True,
                )
            )
        # Only now, so that whoever is told may ask the new child at once.
        life.streams.end(failed)
        self.died.emit(failed)

    def _absent(self) -> Failed:
        return Failed(
            ErrorKind.CHILD_DIED,
            f"The {self._spec.name} is not running.",
            "Try again to start it once more.",
        )

    def _announce(self, state: RemoteState) -> None:
        self._state = state
        self.stateChanged.emit(state)


@dataclass(frozen=True, slots=True)
class _Life:
    """Everything that belongs to one process and ends with it."""

    host: Host
    mailbox: Mailbox
    thread: ReceivingThread
    streams: Streams


async def _finished(thread: ReceivingThread, seconds: float) -> bool:
    """Whether the thread, which ends with its child, has ended in this time."""
    end = time.monotonic() + seconds
    while not thread.isFinished():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(_POLL_SECONDS)
    return True

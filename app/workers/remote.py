"""A child as the session sees it: requests in, events out, on the window's loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.errors import ErrorKind, Failed
from app.core.events import Event, Finished
from app.core.log import Word
from app.core.requests import Reply, Request, TakeDocument, TakePicture
from app.workers.host import ChildSpec
from app.workers.life import Life
from app.workers.setting_aside import SetAside, culprit_of
from app.workers.streams import Call

RESTARTS = 2
RESTART_SECONDS = 300.0
# After so long with one request's events the window gets its turn.
_TURN_SECONDS = 0.01
_LOG = logging.getLogger(__name__)


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
    """One child: its process, its thread, and the streams that are open to it.

    When it dies it is started again, and what waited behind the request that it
    worked on is sent once more. A file that ended one that takes strangers'
    files is set aside, and does not count towards switching it off.
    """

    stateChanged = Signal(RemoteState)
    died = Signal(Failed)

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
        self._life: Life | None = None
        self._deaths: deque[float] = deque(maxlen=RESTARTS)
        self._closed = False
        self._renewed = False
        self._state = RemoteState(running=False)
        self._aside = SetAside()
        self._blaming: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> RemoteState:
        """As last announced."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        return self._life.host.pid if self._life else None

    @property
    def is_working(self) -> bool:
        """Whether the child is at a request; one that has only arrived does not count."""
        return self._life is not None and self._life.host.vitals.working != 0

    def start(self) -> None:
        """Start the child; returns at once."""
        if self._life is None and not self._closed:
            self._begin("")

    def restart(self) -> None:
        """Start it again after it died too often."""
        if self._life is None and not self._closed:
            self._deaths.clear()
            self._begin(f"The {self._spec.name} was started again.")

    def renew(self) -> None:
        """Start another child in this one's place, and ask it what was not answered yet.

        Its walls let a child into the folders that were there when it began, not into those
        that were made anew under their names.
        """
        if self._life is not None:
            self._renewed = True
            self._life.host.kill()

    def forgive(self, path: Path) -> None:
        """Try this file again though it ended the child: a person wants it so."""
        self._aside.forgive(path)

    def forgive_document(self, sha256: str) -> None:
        """The same for a document in the store, with all its pages."""
        self._aside.forgive_document(sha256)

    async def stream(self, request: Request, about: str = "") -> AsyncGenerator[Event, None]:
        """The events of one request; the last is one Finished or Failed.

        Texts that arrive together are joined, so that there are at most 30 a
        second. Closing the generator early cancels the request: use it within
        `contextlib.aclosing`, for nothing closes a forgotten one. `about` names
        the picture of a request that knows only its hash.
        """
        refused = await self._refusal(request, about)
        if refused is not None or self._life is None:
            yield refused or self._absent()
            return
        call = Call(request, about)
        self._life.send(call)
        since = started = self._clock()
        how = Word("given up")
        try:
            while True:
                event = await call.inbox.get()
                if isinstance(event, Finished | Failed):
                    how = Word(event.reason if isinstance(event, Finished) else event.kind)
                yield event
                if isinstance(event, Finished | Failed):
                    return
                if self._clock() - since > _TURN_SECONDS:
                    await asyncio.sleep(0)
                    since = self._clock()
        finally:
            self._abandon(call)
            seconds = self._clock() - started
            _LOG.info("%s %d: %s, %.2f s", type(request), call.number, how, seconds)

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
        await life.end()
        self._announce(RemoteState(running=False))

    def _begin(self, sentence: str) -> None:
        self._life = Life.of(self._spec)
        self._life.mailbox.delivered.connect(self._deliver)
        self._life.thread.begin()
        self._announce(RemoteState(running=True, sentence=sentence))

    def _deliver(self, items: tuple[Reply | Failed, ...]) -> None:
        for item in items:
            if self._life is None:
                return
            if isinstance(item, Reply):
                self._life.streams.deliver(item)
            else:
                self._end_life(self._life, item)

    def _abandon(self, call: Call) -> None:
        call.abandoned = True
        if self._life is not None:
            self._life.streams.abandon(call)

    def _end_life(self, life: Life, failed: Failed) -> None:
        life.mailbox.close()
        self._life = None
        if self._renewed:
            self._renewed = False
            self._begin("")
            self._send_again(life.streams.take_all(), failed)
            return
        guilty = life.streams.take_out(life.host.guilty)
        by_file = guilty is not None and self._blames(guilty, failed)
        waiting = life.streams.take_all()
        now = self._clock()
        recent = [death for death in self._deaths if now - death < RESTART_SECONDS]
        if by_file or len(recent) < RESTARTS:
            if not by_file:
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
        if guilty is not None and not by_file:
            guilty.inbox.put(failed)
        self._send_again(waiting, failed)
        self.died.emit(failed)

    def _send_again(self, calls: Iterable[Call], failed: Failed) -> None:
        """Ask the new child what the old one said nothing to; the others have failed."""
        for call in calls:
            if self._life is not None and call.arrived == 0:
                self._life.send(call)
            else:
                call.inbox.put(failed)

    def _blames(self, call: Call, failed: Failed) -> bool:
        """Whether a file ended the child; the request is told once it has its name."""
        if not self._spec.takes_files:
            return False
        task = asyncio.ensure_future(self._blame(call, failed))
        self._blaming.add(task)
        task.add_done_callback(self._blaming.discard)
        return True

    async def _blame(self, call: Call, failed: Failed) -> None:
        # Reads the file, which may be large.
        culprit = await asyncio.to_thread(culprit_of, call.request, call.arrived, call.about)
        if culprit is None:
            self._deaths.append(self._clock())
        else:
            failed = self._aside.blame(culprit, failed)
            if isinstance(call.request, TakePicture | TakeDocument):
                self._aside.remember_file(call.request.path, culprit.key)
        call.inbox.put(failed)

    async def _refusal(self, request: Request, about: str) -> Failed | None:
        """What there is to say against a request before it is sent."""
        if not self._spec.takes_files:
            return None
        if isinstance(request, TakePicture | TakeDocument):
            if not self._aside.may_know(request):
                return None
            culprit = await asyncio.to_thread(culprit_of, request, 0)
            if culprit is not None and self._aside.refusal(culprit) is not None:
                self._aside.remember_file(request.path, culprit.key)
        else:
            culprit = culprit_of(request, 0, about)
        return self._aside.refusal(culprit)

    def _absent(self) -> Failed:
        return Failed(
            ErrorKind.CHILD_DIED,
            f"The {self._spec.name} is not running.",
            "Try again to start it once more.",
        )

    def _announce(self, state: RemoteState) -> None:
        self._state = state
        self.stateChanged.emit(state)

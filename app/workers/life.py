"""One process of a child, from its start to its end, with all that belongs to it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from app.core.events import Finished, FinishReason
from app.workers.host import LEAVE_SECONDS, TERMINATE_SECONDS, ChildSpec, Host
from app.workers.mailbox import Mailbox
from app.workers.streams import Call, Streams
from app.workers.thread import ReceivingThread

_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Life:
    """A process, the thread that receives from it, and the streams that are open to it."""

    host: Host
    mailbox: Mailbox
    thread: ReceivingThread
    streams: Streams

    @classmethod
    def of(cls, spec: ChildSpec) -> Life:
        """All of it, before the process is started by `thread.begin`."""
        # No parent: the thread puts into the mailbox until its end, even after its owner's.
        host, mailbox = Host(spec), Mailbox()
        return cls(host, mailbox, ReceivingThread(host, mailbox), Streams(host.cancel))

    def send(self, call: Call) -> None:
        """Ask the child, and open a stream for what it says."""
        call.number = self.host.send(call.request)
        call.arrived = 0
        self.streams.open(call)

    async def end(self) -> None:
        """End it within a second or so, whatever it is doing; open streams end as stopped."""
        for call in self.streams.take_all():
            call.inbox.put(Finished(FinishReason.STOPPED))
        self.mailbox.close()
        for end, seconds in (
            (self.host.leave, LEAVE_SECONDS),
            (self.host.terminate, TERMINATE_SECONDS),
            (self.host.kill, TERMINATE_SECONDS),
        ):
            end()
            if await self._has_ended(seconds):
                break
        self.thread.wait(int(TERMINATE_SECONDS * 1000))

    async def _has_ended(self, seconds: float) -> bool:
        """Whether the thread, which ends with the process, has ended in this time."""
        last = time.monotonic() + seconds
        while not self.thread.isFinished():
            if time.monotonic() > last:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

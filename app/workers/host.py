"""One child process and the pipe to it. No Qt here: the command line uses it too."""

from __future__ import annotations

import contextlib
import itertools
import logging
import multiprocessing
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Generator
from multiprocessing import resource_tracker
from types import TracebackType
from typing import Self

from app.core.errors import Failed
from app.core.events import Event, Finished
from app.core.log import Word
from app.core.requests import Numbered, Reply, Request
from app.core.wire import WireError, decode, encode
from app.interrupts import held
from app.workers import epitaph
from app.workers.child import ChildSpec, run_child
from app.workers.ledger import Ledger
from app.workers.vitals import Vitals
from app.workers.watchdog import Signs, Watch, Watchdog

__all__ = ["ChildGoneError", "ChildSpec", "Host"]

LEAVE_SECONDS = 0.7
TERMINATE_SECONDS = 0.3
# A killed process that waits for a drive which is gone stays until that comes back.
_DEAD_SECONDS = 3.0
_DROPPING_SECONDS = 0.001
_LOG = logging.getLogger(__name__)


class ChildGoneError(Exception):
    """The child ended, or sent what no child of ours sends and was ended."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.headline)
        self.failed = failed


class Host:
    """Starts one child, numbers the requests to it and cancels them by watermark.

    Sending, cancelling and ending may be done from any thread; `receive` (or
    `ask`, which uses it) from one. On Linux the child dies with the thread
    that called `start`, so that thread has to live as long as the child.
    """

    def __init__(self, spec: ChildSpec) -> None:
        # Never fork: a forked copy of a process with threads (Qt, onnxruntime) may deadlock.
        context = multiprocessing.get_context("spawn")
        self.spec = spec
        self._ours, self._theirs = context.Pipe()
        self.vitals = Vitals(context)
        self._process = context.Process(
            target=run_child,
            args=(spec, self._theirs, self.vitals, os.getpid()),
            name=f"ocellus-{spec.name}",
            daemon=True,
        )
        self._numbers = itertools.count(1)
        self._newest = 0
        self._sending = threading.Lock()
        # A pipe takes little before its reader is up (8 KiB on Windows) and the window must not
        # wait for that, so a thread of its own writes.
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._sender = threading.Thread(target=self._write, name=f"to-{spec.name}", daemon=True)
        self._ending = threading.Lock()
        self._ended = False
        self._ledger = Ledger(spec.name)
        self._messages, self._partial = 0, False
        self._wrong = ""
        self._misspoken = 0
        watch = Watch(spec.limits, self.vitals)
        self._watchdog = Watchdog(watch, spec.limits, self._signs, self._condemn)

    @property
    def pid(self) -> int | None:
        """The child's process id; None before `start`."""
        return None if self._ended else self._process.pid

    @property
    def newest(self) -> int:
        """The number of the request that was sent last; 0 before the first."""
        return self._newest

    @property
    def guilty(self) -> int:
        """The number of the request that ended the child; 0 where it was at none."""
        return self._misspoken or self.vitals.working

    def start(self) -> None:
        """Start the child; returns before it is up. Raises OSError when there is no room for it."""
        with held(), _interrupts_later():
            self._process.start()
        _LOG.info("%s: process %d", Word(self.spec.name), self._process.pid or 0)
        # With our copy open, the end of the child would not end the pipe.
        self._theirs.close()
        self._sender.start()
        self._watchdog.start(self._process.pid or 0)

    def send(self, request: Request) -> int:
        """Send the request and return its number; to a dead child, nothing is sent."""
        with self._sending:
            self._newest = next(self._numbers)
            self._ledger.open(self._newest, request)
            self._outbox.put(encode(Numbered(self._newest, request)))
            return self._newest

    def cancel(self, number: int) -> None:
        """Cancel the request of this number and all before it."""
        self.vitals.watermark = max(self.vitals.watermark, number)

    def receive(self) -> Reply:
        """The next reply, whenever it comes. Raises ChildGoneError.

        One that says more than it may is cut off with a Failed.
        """
        while True:
            try:
                reply = self._ledger.note(self._message())
            except WireError as error:
                self.kill()
                raise ChildGoneError(self._bury(str(error))) from None
            if reply is None:
                # Not as fast as it can: a child that does not stop talking would leave the
                # interpreter to nobody else until it is ended.
                time.sleep(_DROPPING_SECONDS)
                continue
            if self._ledger.is_overrun(reply.number):
                self.cancel(reply.number)
            return reply

    def ask(self, request: Request) -> Generator[Event, None, None]:
        """The request's events, blocking; the last is one Finished or Failed.

        Leaving the generator early, by ^C too, cancels the request.
        """
        number = self.send(request)
        ended = False
        try:
            while not ended:
                reply = self.receive()
                if reply.number == number:
                    ended = isinstance(reply.event, Finished | Failed)
                    yield reply.event
        except ChildGoneError as gone:
            ended = True
            yield gone.failed
        finally:
            if not ended:
                self.cancel(number)

    def leave(self) -> None:
        """Ask the child to drop its work and end itself; returns at once."""
        self.cancel(self._newest)
        self._outbox.put(b"")
        self._outbox.put(None)

    def terminate(self) -> None:
        """End the child by SIGTERM (on Windows the same as `kill`)."""
        with self._ending:
            if not self._ended and self._process.pid is not None:
                self._process.terminate()

    def kill(self) -> None:
        """End the child in a way that it cannot refuse."""
        with self._ending:
            if not self._ended and self._process.pid is not None:
                self._process.kill()

    def close(self) -> None:
        """End the child, politely first, and wait for it: a second or so at most."""
        if self._process_started():
            self.leave()
            if not self._wait(LEAVE_SECONDS):
                self.terminate()
                self._wait(TERMINATE_SECONDS)
        self._bury()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _message(self) -> Reply:
        try:
            self._ours.poll(None)
            self._messages, self._partial = self._messages + 1, True
            data = self._ours.recv_bytes(self.spec.limits.message)
            self._partial = False
            return decode(data, Reply)
        except (EOFError, OSError) as error:
            # The pipe ended, or announced a message beyond all bounds: that error has no number.
            lied = isinstance(error, OSError) and error.errno is None
            raise ChildGoneError(self._bury(str(error) if lied else "")) from None

    def _signs(self) -> Signs:
        flooding = self._ledger.is_overrun(self.vitals.working)
        return Signs(self._newest, flooding, self._messages, self._partial)

    def _condemn(self, wrong: str) -> None:
        """End the child for what the watchdog saw; `receive` says it."""
        self._wrong = wrong
        self.kill()
        # Whoever waits at the pipe must not wait for what holds it open.
        with self._ending, contextlib.suppress(OSError):
            if not self._ended and sys.platform != "win32":
                with socket.socket(fileno=os.dup(self._ours.fileno())) as pipe:
                    pipe.shutdown(socket.SHUT_RDWR)

    def _process_started(self) -> bool:
        return not self._ended and self._process.pid is not None

    def _wait(self, seconds: float) -> bool:
        self._process.join(seconds)
        return self._process.exitcode is not None

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (data := self._outbox.get()) is not None:
                self._ours.send_bytes(data)

    def _bury(self, misspoken: str = "") -> Failed:
        """Make sure that the child has ended, let go of it, and say why it did."""
        exitcode = None
        self._watchdog.stop()
        if self._process_started():
            if not self._wait(TERMINATE_SECONDS):
                self.kill()
                self._wait(_DEAD_SECONDS)
            exitcode = self._process.exitcode
        with self._ending:
            if not self._ended:
                self._ended = True
                _LOG.info("%s: ended with %s", Word(self.spec.name), exitcode)
                self._outbox.put(None)
                if self._sender.ident is not None:
                    self._sender.join(_DEAD_SECONDS)
                self._ours.close()
                self._theirs.close()
                if exitcode is not None or self._process.pid is None:
                    self._process.close()
        if misspoken:
            # It may be done with its work, and wait, when what it sent is looked at.
            self._misspoken = self._ledger.oldest
        name, output = self.spec.name, self.spec.output
        if self._wrong:
            return epitaph.condemned(name, self._wrong, output)
        if misspoken:
            return epitaph.misspoke(name, misspoken, output)
        return epitaph.ended(name, exitcode, output)


@contextlib.contextmanager
def _interrupts_later() -> Generator[None, None, None]:
    """Start a process in here that ^C in the terminal does not reach before it can ignore it."""
    if sys.platform == "win32":
        yield
        return
    # Starting this one itself would let them through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

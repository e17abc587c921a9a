"""One child process and the pipe to it. No Qt here: the command line uses it too."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import queue
import threading
from collections.abc import Generator
from types import TracebackType
from typing import Self

from app.core.errors import ErrorKind, Failed
from app.core.events import Event, Finished
from app.core.requests import Numbered, Reply, Request
from app.core.wire import WireError, decode, encode
from app.workers.child import ChildSpec, run_child

__all__ = ["ChildGoneError", "ChildSpec", "Host"]

MAX_REPLY = 64 * 2**20
LEAVE_SECONDS = 0.7
TERMINATE_SECONDS = 0.3
_LOG_TAIL = 4096


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
        self._watermark = context.RawValue("Q", 0)
        self._process = context.Process(
            target=run_child,
            args=(spec, self._theirs, self._watermark, os.getpid()),
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

    @property
    def pid(self) -> int | None:
        """The child's process id; None before `start`."""
        return None if self._ended else self._process.pid

    @property
    def newest(self) -> int:
        """The number of the request that was sent last; 0 before the first."""
        return self._newest

    def start(self) -> None:
        """Start the child; returns before it is up. Raises OSError when there is no room for it."""
        self._process.start()
        # With our copy open, the end of the child would not end the pipe.
        self._theirs.close()
        self._sender.start()

    def send(self, request: Request) -> int:
        """Send the request and return its number; to a dead child, nothing is sent."""
        with self._sending:
            self._newest = next(self._numbers)
            self._outbox.put(encode(Numbered(self._newest, request)))
            return self._newest

    def cancel(self, number: int) -> None:
        """Cancel the request of this number and all before it."""
        self._watermark.value = max(self._watermark.value, number)

    def receive(self) -> Reply:
        """The next reply, whenever it comes. Raises ChildGoneError."""
        try:
            return decode(self._ours.recv_bytes(MAX_REPLY), Reply)
        except (EOFError, OSError):
            # The pipe ended or announced a message beyond all bounds.
            raise ChildGoneError(self._bury()) from None
        except WireError as error:
            self.kill()
            raise ChildGoneError(self._bury(str(error))) from None

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

    def _process_started(self) -> bool:
        return not self._ended and self._process.pid is not None

    def _wait(self, seconds: float) -> bool:
        self._process.join(seconds)
        return self._process.exitcode is not None

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (data := self._outbox.get()) is not None:
                self._ours.send_bytes(data)

    def _bury(self, reason: str = "") -> Failed:
        """Make sure that the child has ended, let go of it, and say why it did."""
        exitcode = None
        if self._process_started():
            if not self._wait(TERMINATE_SECONDS):
                self.kill()
                self._process.join()
            exitcode = self._process.exitcode
        with self._ending:
            if not self._ended:
                self._ended = True
                self._outbox.put(None)
                if self._sender.ident is not None:
                    self._sender.join()
                self._ours.close()
                self._theirs.close()
                self._process.close()
        return self._epitaph(exitcode, reason)

    def _epitaph(self, exitcode: int | None, reason: str) -> Failed:
        name = self.spec.name
        advice = "Please try once more."
        if exitcode == -9:
            advice = (
                "The system ended it, which mostly means that memory ran out. "
                "Close other programs or choose a smaller model, then try once more."
            )
        lines = (
            [f"exit code {exitcode}"] if reason == "" else [f"not one of our messages: {reason}"]
        )
        return Failed(
            ErrorKind.CHILD_DIED,
            f"The {name} stopped unexpectedly.",
            advice,
            "\n".join([*lines, self._log_tail()]).strip(),
        )

    def _log_tail(self) -> str:
        if self.spec.log is None:
            return ""
        try:
            with self.spec.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_TAIL))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""

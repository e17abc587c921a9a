"""What runs inside a child process, around the service that does its work."""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import logging
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from app.core import quiet
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import Event, Finished, FinishReason, PageRead, WallsTried
from app.core.log import Word, describe, log_libraries, start_log
from app.core.requests import Numbered, Reply, Service, TryWalls
from app.core.walls import Wall, Walls
from app.core.wire import decode, encode
from app.sandbox.walls import raise_walls, try_walls
from app.workers.limits import Limits
from app.workers.vitals import Vitals

LEAVE_SECONDS = 0.4
_PR_SET_PDEATHSIG = 1
_NO_ROOM = ("failed to map segment", "annot allocate memory", "paging file is too small")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What a child is made of.

    `name` is what a person calls it ("engine"). `factory` is
    "package.module:function"; it is imported inside the child and called with
    `config`. What the child prints goes to the file `output`, or nowhere; it
    logs to the file `log`, or not at all. It does its work within `walls`. One
    that `takes_files` works on strangers' files: one that ends it is set aside.
    The file `log` needs a folder of its own: a child behind walls sees all of it,
    and makes and renames the log's older files there.
    """

    name: str
    factory: str
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    output: Path | None = None
    log: Path | None = None
    walls: Walls = field(default_factory=Walls)
    limits: Limits = field(default_factory=Limits)
    takes_files: bool = False


def run_child(
    spec: ChildSpec, connection: Connection[Any, Any], vitals: Vitals, parent: int
) -> None:
    """The child's main function: answer requests until the pipe ends. Does not return."""
    _settle_in(spec.output, parent)
    # Before the service's own imports: no library has run yet.
    quiet.settle()
    around = spec.walls
    if spec.log is not None:
        start_log(spec.log)
        around = _with_folder(around, spec.log.parent)
    walls = raise_walls(around)
    for wall in walls:
        print(wall.words, flush=True)  # noqa: T201 - to the output
        _LOG.info("Wall %s: %s", Word(wall.name), Word("stands" if wall.stands else "none"))
    _Child(spec, connection, vitals, walls).serve()


def _with_folder(walls: Walls, folder: Path) -> Walls:
    """The walls with this folder handed in, too; one that is not there must not keep them down."""
    if walls.files is None or not os.path.isdir(folder):  # noqa: PTH112 - raises nothing
        return walls
    # First: into the last of them go passing files of libraries.
    return replace(walls, files=replace(walls.files, writes=(folder, *walls.files.writes)))


class _Child:
    """One service, the requests that wait for it, and the thread that receives them."""

    def __init__(
        self,
        spec: ChildSpec,
        connection: Connection[Any, Any],
        vitals: Vitals,
        walls: tuple[Wall, ...],
    ) -> None:
        self._spec = spec
        self._walls = walls
        self._connection = connection
        self._vitals = vitals
        self._requests: queue.SimpleQueue[Numbered | None] = queue.SimpleQueue()
        self._leaving = threading.Event()
        self._service: Service | None = None

    def serve(self) -> None:
        for work in (self._beat, self._receive):
            threading.Thread(target=work, name=work.__name__, daemon=True).start()
        started = time.monotonic()
        try:
            # At once, not with the first request: the heavy imports are done when it comes.
            self._ready_service()
        except Exception as error:  # noqa: BLE001 - the first request tries again and reports it
            traceback.print_exc()
            _LOG.error("No service: %s", describe(error))
        _LOG.info("Ready after %.2f s", time.monotonic() - started)
        log_libraries()
        self._vitals.settle()
        while (numbered := self._requests.get()) is not None:
            self._vitals.working = numbered.number
            self._answer(numbered)
            self._vitals.working = 0
        _LOG.info("Leaving")
        if self._service is not None:
            with suppress(Exception):
                self._service.close()
        # Without the interpreter's own end: libraries with threads of their own may hang in it.
        os._exit(0)

    def _answer(self, numbered: Numbered) -> None:
        started = time.monotonic()
        count = size = 0
        for reply in self._replies(numbered):
            self._vitals.step()
            self._send(reply)
            count, size = count + 1, size + len(reply)
        kind, seconds = type(numbered.request), time.monotonic() - started
        _LOG.info("%s %d: %d events, %d bytes, %.2f s", kind, numbered.number, count, size, seconds)

    def _beat(self) -> None:
        """Show that this process gets to run, whatever its work is busy with."""
        while True:
            self._vitals.beat()
            time.sleep(self._spec.limits.beat)

    def _receive(self) -> None:
        with suppress(EOFError, OSError):
            while data := self._connection.recv_bytes():
                numbered = decode(data, Numbered)
                self._requests.put(numbered)
                self._vitals.received = numbered.number
        # The window is gone or wants us gone. A forward pass may never come back to the queue.
        self._leaving.set()
        self._requests.put(None)
        time.sleep(LEAVE_SECONDS)
        os._exit(0)

    def _replies(self, numbered: Numbered) -> Iterator[bytes]:
        number = numbered.number

        def cancelled() -> bool:
            self._vitals.step()
            return self._vitals.watermark >= number or self._leaving.is_set()

        if cancelled():
            yield encode(Reply(number, Finished(FinishReason.STOPPED)))
            return
        if isinstance(numbered.request, TryWalls):
            tried = try_walls(self._spec.walls, Path(numbered.request.outside), self._walls)
            yield encode(Reply(number, WallsTried(tried)))
            yield encode(Reply(number, Finished()))
            return
        last: Event | None = None
        try:
            for event in self._ready_service().handle(numbered.request, cancelled):
                reply, sent = self._fitting(number, event)
                yield reply
                if isinstance(sent, Finished | Failed):
                    return
            last = self._internal("the service ended without a result")
        except OcellusError as error:
            last = error.failed
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the child lives on whatever it is
            last = self._failed(error)
        yield encode(Reply(number, last))

    def _fitting(self, number: int, event: Event) -> tuple[bytes, Event]:
        """The event on the wire; in the place of one that is too long for it, a Failed."""
        data = encode(Reply(number, event))
        if len(data) <= self._spec.limits.message:
            return data, event
        failed = Failed(
            ErrorKind.TOO_LARGE,
            "There is more on this page than Ocellus can take."
            if isinstance(event, PageRead)
            else f"The {self._spec.name} found more than Ocellus can take.",
            detail=f"{type(event).__name__} of {len(data)} bytes",
        )
        if isinstance(event, PageRead):
            event = replace(event, page=replace(event.page, blocks=()), failure=failed)
        else:
            event = failed
        return encode(Reply(number, event)), event

    def _ready_service(self) -> Service:
        if self._service is None:
            module, _, function = self._spec.factory.partition(":")
            make = getattr(importlib.import_module(module), function)
            self._service = cast("Service", make(self._spec.config))
        return self._service

    def _failed(self, error: BaseException) -> Failed:
        detail = traceback.format_exc()
        _LOG.info("Failed: %s", describe(error))
        # A library that finds no room for itself has words of the system's only.
        if isinstance(error, MemoryError) or any(words in str(error) for words in _NO_ROOM):
            return Failed(
                ErrorKind.OUT_OF_MEMORY,
                f"There is not enough memory for the {self._spec.name}.",
                "Close other programs, then try once more.",
                detail,
            )
        return self._internal(detail)

    def _internal(self, detail: str) -> Failed:
        return Failed(
            ErrorKind.INTERNAL,
            f"Something went wrong in the {self._spec.name}.",
            "Try once more. If it happens again, please report it with the details.",
            detail,
        )

    def _send(self, reply: bytes) -> None:
        try:
            self._connection.send_bytes(reply)
        except OSError:
            os._exit(0)


def _settle_in(output: Path | None, parent: int) -> None:
    """Make this process end with its parent and keep quiet on the terminal."""
    # ^C in a terminal reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        # The thread that waits for the pipe's end needs the interpreter's lock, the kernel not.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
        with suppress(OSError):
            # When memory runs out, a child has to go and the window to stay.
            Path("/proc/self/oom_score_adj").write_text("500", "ascii")
    _redirect(output)
    faulthandler.enable()


def _redirect(output: Path | None) -> None:
    """Send file descriptors 1 and 2, and Python's streams, to this file."""
    try:
        opened = os.open(os.devnull, os.O_WRONLY) if output is None else _open_output(output)
    except OSError:
        opened = os.open(os.devnull, os.O_WRONLY)
    # The two streams live as long as the process.
    for descriptor in (1, 2):
        os.dup2(opened, descriptor)
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115


def _open_output(output: Path) -> int:
    """Anew for each life: what an earlier one printed says nothing about this one's end."""
    output.parent.mkdir(parents=True, exist_ok=True)
    return os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)

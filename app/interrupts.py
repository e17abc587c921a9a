"""What ^C and SIGTERM do, from the program's first moment to its last.

Standard library only, and little of it: this is there before anything else.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM)
# One entry while the main thread must not be interrupted; what came meanwhile is in it.
_held: list[list[int]] = []


def end_at_once() -> None:
    """From now on they end the process quietly, with 130 or 143; nothing needs tidying up.

    An exception instead would come out of whatever is being imported or, in
    the midst of Qt's work, of C++ that cannot bear one.
    """
    if sys.argv[1:2] == ["--multiprocessing-fork"]:
        return  # A child of a frozen program starts here too, and leaves ^C to its parent.
    _install(_exit)
    if sys.platform != "win32":
        # Whoever started this process may have held them back until now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _NUMBERS)


def end_by(end: Callable[[int], None]) -> None:
    """From now on they call `end` with the exit code that the process should end with."""
    _install(lambda number, _: end(_code(number)))


@contextmanager
def end_in_order() -> Iterator[None]:
    """In here the first of them raises KeyboardInterrupt, so that what was begun is tidied up.

    Whatever becomes of it on its way, SystemExit with the exit code comes out.
    """
    came: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        if _held:
            _held[-1].append(number)
            return
        if came:
            _exit(number, frame)
        came.append(number)
        # What is interrupted while it is being deleted has nobody to tell.
        sys.unraisablehook = lambda _: None
        raise KeyboardInterrupt

    before = [(number, signal.getsignal(number)) for number in _NUMBERS]
    _install(interrupt)
    try:
        yield
    except BaseException:
        if not came:
            raise
    finally:
        for number, handler in before:
            with suppress(ValueError, TypeError):
                signal.signal(number, handler)
    if came:
        raise SystemExit(_code(came[0]))


@contextmanager
def held() -> Iterator[None]:
    """In here nothing that `end_in_order` would raise comes up; it does at the end.

    A process that is only half started when its parent leaves complains.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    late: list[int] = []
    _held.append(late)
    try:
        yield
    finally:
        _held.remove(late)
        if late:
            signal.raise_signal(late[0])


def _install(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _NUMBERS:
        # A background job of a script has ^C ignored, and keeps it so.
        if signal.getsignal(number) != signal.SIG_IGN:
            with suppress(ValueError):  # Not the main thread: a test's, perhaps.
                signal.signal(number, handler)


def _exit(number: int, _: FrameType | None) -> None:
    with suppress(Exception):
        sys.stdout.flush()
    os._exit(_code(number))


def _code(number: int) -> int:
    """As a shell has it."""
    return 128 + number

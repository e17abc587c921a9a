"""The window's own log, and what nobody caught in it."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from app.core.log import describe, log_libraries, log_to

_LOG = logging.getLogger(__name__)


@contextmanager
def window_log(file: Path) -> Generator[None, None, None]:
    """In here the process has a log; exceptions that nobody catches are noted in it, too."""
    before, before_in_thread = sys.excepthook, threading.excepthook

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        _LOG.error("Uncaught: %s", describe(error))
        before(kind, error, trace)

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            _LOG.error("Uncaught in a thread: %s", describe(args.exc_value))
        before_in_thread(args)

    with log_to(file):
        log_libraries()
        sys.excepthook, threading.excepthook = uncaught, uncaught_in_thread
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook = before, before_in_thread
            _LOG.info("The window has ended")


def note_unawaited(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The loop's handler of what a task raised and nobody asked for."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        _LOG.error("Not awaited: %s", describe(error))
    loop.default_exception_handler(context)

"""A process's log: kinds of events, sizes, durations, versions; no words or names of a person's.

What the program's modules log goes there, what libraries log does not: they name files. Of what
a record is filled with, only numbers, types, the values of enumerations and `Word`s are written
out; of an exception its type and the places in the program's modules, never its message.
"""

from __future__ import annotations

import copy
import logging
import os
import platform
import re
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from enum import Enum
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from app import __version__
from app.core.files.private import FILE_RIGHTS, make_folder

MOST_BYTES = 512 * 1024
"""Of one file; there are two older ones beside the one that is written."""
_OLDER = 2
_PROGRAM = "app"
_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
_LIBRARIES = ("PySide6", "torch", "transformers", "bitsandbytes", "onnxruntime", "PIL")
_MOST_CAUSES = 4

_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_LOG = logging.getLogger(__name__)


class Word(str):
    """A word of the program's own, or a version: this text may stand in the log."""

    __slots__ = ()


def start_log(file: Path) -> logging.Handler:
    """From now on this process's log is `file`; begins with what is running here.

    Never raises: where the log cannot be written, there is none, and each record tries again.
    """
    handler = _LogFile(file)
    handler.setFormatter(_Formatter(_FORMAT))
    logger = logging.getLogger(_PROGRAM)
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    if logging.lastResort is not None:
        # Warnings go on to stderr as well, as they do without a log.
        logger.addHandler(logging.lastResort)
    _LOG.info(
        "Started: Ocellus %s, Python %s, %s %s, %s, %d processors",
        Word(__version__),
        Word(platform.python_version()),
        Word(platform.system()),
        Word("".join(re.findall(r"^[\d.]+", platform.release()))),
        Word(platform.machine()),
        os.cpu_count() or 0,
    )
    return handler


@contextmanager
def log_to(file: Path) -> Generator[None, None, None]:
    """In here this process's log is `file`."""
    handler = start_log(file)
    try:
        yield
    finally:
        logger = logging.getLogger(_PROGRAM)
        logger.removeHandler(handler)
        if logging.lastResort is not None:
            logger.removeHandler(logging.lastResort)
        logger.setLevel(logging.NOTSET)
        handler.close()


def log_libraries() -> None:
    """Note the versions of the large libraries that this process has imported."""
    for name in _LIBRARIES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str):
            _LOG.info("With %s %s", Word(name), Word(version))


def describe(error: BaseException) -> Word:
    """The types of an exception and its causes, and where in the program's modules they came by."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < _MOST_CAUSES:
        number = f" {cause.errno}" if isinstance(cause, OSError) and cause.errno else ""
        places = [
            f"{name}:{line} {frame.f_code.co_name}"
            for frame, line in traceback.walk_tb(cause.__traceback__)
            if (name := str(frame.f_globals.get("__name__"))).split(".")[0] == _PROGRAM
        ]
        parts.append(f"{type(cause).__name__}{number} at {', '.join(places) or 'no place of ours'}")
        cause = cause.__cause__ or cause.__context__
    return Word("; caused by ".join(parts))


class _LogFile(RotatingFileHandler):
    """Small files for this person alone; one that cannot be written stops nobody's work."""

    def __init__(self, file: Path) -> None:
        # Opened by the first record, and after an error by the next one again.
        super().__init__(file, "a", MOST_BYTES, _OLDER, "utf-8", delay=True)

    def _open(self) -> TextIOWrapper:
        make_folder(Path(self.baseFilename).parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(self.baseFilename, flags, FILE_RIGHTS)
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's
        """A disk that is full, a folder that is gone or not ours: the record is lost."""
        self._let_go()

    def close(self) -> None:
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        """Close the file, whatever becomes of what it still holds."""
        stream, self.stream = self.stream, None  # type: ignore[assignment] - logging does so too
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.close()


class _Formatter(logging.Formatter):
    """Writes out what is safe to write out."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        safe = copy.copy(record)
        if isinstance(record.args, tuple):
            safe.args = tuple(_safe(one) for one in record.args)
        elif record.args:
            safe.args = _Named({name: _safe(one) for name, one in record.args.items()})
        # What other handlers have kept of the exception holds its message.
        safe.exc_text = safe.stack_info = None
        return super().format(safe)

    def formatException(self, ei: _Caught) -> str:  # noqa: N802 - logging's
        return describe(ei[1]) if ei[1] is not None else ""


class _Named(dict[str, object]):
    """What a record is filled with by name, or a table that was given in place of one value."""

    def __repr__(self) -> str:
        return "<dict>"


def _safe(value: object) -> object:
    match value:
        case Word() | bool() | int() | float() | None | Enum():
            return value
        case type():
            return value.__name__
        case _:
            # Its kind alone: a path, an error, a person's words.
            return f"<{type(value).__name__}>"

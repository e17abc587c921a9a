"""The program's own command line as a child, and what it says line by line."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from app.core.errors import ErrorKind, Failed
from app.core.log import Word

_PATIENCE_MS = 5000
_LONGEST_LINE = 1 << 20
_TAIL = 4096
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """How the program starts itself: its words, and the folder to start it in."""

    words: tuple[str, ...]
    folder: Path


class Command(QObject):
    """One run with `--json`: a line is an object. Either `ended` or `failed` comes last, once.

    The child ends with `stop`, and by itself once nobody reads what it says.
    """

    # dict[str, Any], which Qt would copy as a `dict`: one line, without its failures.
    said = Signal(object)
    ended = Signal()  # it did its work, or was stopped
    failed = Signal(Failed)

    def __init__(self, line: CommandLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._line = line
        self._failed: Failed | None = None
        self._stopped = False
        self._done = False
        self._rest = b""
        self._errors = b""
        self._process = QProcess(self)
        self._process.setWorkingDirectory(str(line.folder))
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._misfire)

    @property
    def pid(self) -> int:
        """The child's process id; 0 while there is none."""
        return self._process.processId()

    def start(self, arguments: Sequence[str], said: str = "") -> None:
        """Start it with these arguments; `said` is what it reads from stdin."""
        program, *words = self._line.words
        # Not what comes behind them: names and folders.
        _LOG.info("Command: %s", Word(" ".join(arguments[:2])))
        self._process.start(program, [*words, *arguments])
        if said:
            self._process.write(f"{said}\n".encode())
        self._process.closeWriteChannel()

    def stop(self) -> None:
        """Have it end soon; what it has written stays. `ended` follows, even if it is over."""
        self._stopped = True
        if self._done:
            return
        # On Windows this reaches programs with a window only.
        self._process.terminate()
        QTimer.singleShot(_PATIENCE_MS, self, self.kill)

    def kill(self) -> None:
        """End it in a way that it cannot refuse."""
        if not self._done:
            self._process.kill()

    def _read(self) -> None:
        self._rest += bytes(self._process.readAllStandardOutput().data())
        *lines, self._rest = self._rest.split(b"\n")
        self._rest = self._rest[-_LONGEST_LINE:]
        for line in lines:
            try:
                plain = json.loads(line)
            except ValueError:
                continue
            if not isinstance(plain, dict):
                continue
            table = cast("dict[str, Any]", plain)
            if "failed" in table:
                self._failed = _failed(table["failed"])
            elif not self._stopped:
                self.said.emit(table)

    def _read_errors(self) -> None:
        self._errors = (self._errors + bytes(self._process.readAllStandardError().data()))[-_TAIL:]

    def _misfire(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._finish(-1)

    def _finish(self, code: int, *_: object) -> None:
        if self._done:
            return
        self._read()
        self._read_errors()
        self._done = True
        kind = self._failed.kind if self._failed else None
        _LOG.info("Command: ended with %d, %s", code, kind)
        if self._stopped or (code == 0 and self._failed is None):
            self.ended.emit()
            return
        self.failed.emit(self._failed or self._unexplained(code))

    def _unexplained(self, code: int) -> Failed:
        raw = self._errors.decode("utf-8", "replace") or self._process.errorString()
        return Failed(
            ErrorKind.CHILD_DIED,
            "This stopped unexpectedly.",
            "Start it again: it goes on where it was.",
            f"exit code {code}\n{raw}",
        )


def _failed(plain: object) -> Failed:
    table = cast("dict[str, Any]", plain) if isinstance(plain, dict) else {}
    try:
        kind = ErrorKind(str(table.get("kind")))
    except ValueError:
        kind = ErrorKind.INTERNAL
    words = [str(table.get(name, "")) for name in ("headline", "advice", "detail")]
    return Failed(kind, words[0] or "This did not work.", *words[1:])

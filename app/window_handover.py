"""How a second start hands its files to the window that is open already.

A local socket in the user's own folder, which only the user may open: it carries one line of
JSON, the paths, and one word back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_MOST_BYTES = 1 << 20
_TAKEN = b"taken\n"
# A window that has just been started listens within seconds.
_PATIENCE_SECONDS = 15.0
_STEP_MS = 2000
# Less than the path of a socket may have anywhere.
_LONGEST_PATH = 100


class HandOver(QObject):
    """Listens beside the lock; needs the loop. Without a place to listen there is nothing to do."""

    handed = Signal(list)  # of Path; empty where only the window is wanted

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = _name(data)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        self.listen()

    def listen(self) -> None:
        """Take the place, also from a window that was killed; only the lock's holder may."""
        self._server.close()
        if self._name:
            QLocalServer.removeServer(self._name)
            self._server.listen(self._name)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MOST_BYTES:
                socket.abort()
            return
        paths = _paths(bytes(socket.readLine(_MOST_BYTES).data()))
        if paths is None:
            socket.abort()
            return
        socket.write(_TAKEN)
        socket.flush()
        self.handed.emit(paths)


def hand_over(data: Path, files: list[Path]) -> bool:
    """Give these files to the window that holds the lock; whether it took them.

    Waits for a window that is just being opened.
    """
    line = json.dumps([os.fsdecode(path.absolute()) for path in files]).encode() + b"\n"
    if not (name := _name(data)):
        return False
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        socket = QLocalSocket()
        socket.connectToServer(name)
        if socket.waitForConnected(_STEP_MS):
            socket.write(line)
            while socket.state() is QLocalSocket.LocalSocketState.ConnectedState:
                if socket.canReadLine():
                    return bytes(socket.readLine().data()) == _TAKEN
                if not socket.waitForReadyRead(_STEP_MS) and time.monotonic() > until:
                    break
        time.sleep(0.1)
    return False


def _name(data: Path) -> str:
    """Where the socket is: in the user's folder, or a pipe of this name on Windows.

    Empty where there is no place that is the user's alone.
    """
    path = str(data / "window.socket")
    if sys.platform != "win32" and len(os.fsencode(path)) <= _LONGEST_PATH:
        return path
    name = f"ocellus-{hashlib.sha256(os.fsencode(data)).hexdigest()[:24]}"
    if sys.platform == "win32":
        return name
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return str(Path(runtime) / name) if runtime else ""


def _paths(line: bytes) -> list[Path] | None:
    """The paths of a line; None for what no window of ours sends."""
    with contextlib.suppress(ValueError):
        named = json.loads(line)
        if isinstance(named, list):
            words = cast("list[object]", named)
            if all(isinstance(word, str) and word for word in words):
                return [Path(str(word)) for word in words]
    return None

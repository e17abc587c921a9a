"""A child as the session sees it: requests in, events out, on the window's loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.core.events import Event
from app.core.requests import Request
from app.workers.host import ChildSpec


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
    """One child: its process, its thread, and the streams that are open to it."""

    stateChanged = Signal(object)  # RemoteState
    died = Signal(object)  # Failed

    def __init__(self, spec: ChildSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        raise NotImplementedError

    @property
    def state(self) -> RemoteState:
        """As last announced."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the child; returns at once."""
        raise NotImplementedError

    def restart(self) -> None:
        """Start it again after it died too often."""
        raise NotImplementedError

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The events of one request; the last is one Finished or Failed.

        Closing the generator early cancels the request: use it within
        `contextlib.aclosing`.
        """
        raise NotImplementedError
        yield

    def stop(self) -> None:
        """Cancel everything that was sent so far."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the child within a second or so, whatever it is doing."""
        raise NotImplementedError

"""The time of the event loop's turns, shared among all that draw text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

# One turn of the event loop draws for about this long; the rest waits for the next turn.
_TURN_MS = 12


class Turns(QObject):
    """Several answers that each kept to their time would still stop the window together."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spent = 0.0
        # Those who came last go first: of a conversation its end is on the screen.
        self._waiting: list[tuple[QObject, Callable[[], None]]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    @property
    def is_over(self) -> bool:
        """Whether this turn's time is used up: what is left to do has to wait."""
        return self._spent > _TURN_MS

    def has(self, owner: QObject) -> bool:
        """Whether this one waits."""
        return any(one is owner for one, _ in self._waiting)

    def spend(self, milliseconds: float) -> None:
        """Somebody drew for so long."""
        self._spent += milliseconds
        self._timer.start(0)

    def wait(self, owner: QObject, work: Callable[[], None]) -> None:
        """Call `work` in a later turn, unless its owner is gone by then; once, however often."""
        self.forget(owner)
        self._waiting.append((owner, work))
        self._timer.start(0)

    def forget(self, owner: QObject) -> None:
        """What it wanted done is done or no longer wanted."""
        self._waiting = [one for one in self._waiting if one[0] is not owner]

    def _next(self) -> None:
        self._spent = 0.0
        while self._waiting and not self.is_over:
            owner, work = self._waiting.pop()
            if isValid(owner):
                work()

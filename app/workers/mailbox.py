"""Gathers what arrives in a thread and hands it to the window, some times a second."""

from __future__ import annotations

import threading
import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

PER_SECOND = 30
MOST_WAITING = 1000


class Mailbox(QObject):
    """Any thread puts items in; they come out in the thread that made the mailbox.

    An item that comes after a quiet time is delivered at once, what follows is
    gathered, so that there are at most 30 deliveries a second: a signal per
    token would keep the window busy with nothing else. Where much waits, so does
    whoever puts more: a child that says more than a window can take is held up
    at its pipe.
    """

    delivered = Signal(tuple)  # items, in the order in which they were put
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Condition()
        self._items: list[object] = []
        self._weight = 0
        self._announced = False
        self._closed = False
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._arrived.connect(self._schedule, Qt.ConnectionType.QueuedConnection)

    def put(self, item: object, weight: int = 1) -> None:
        """Add an item, from any thread, as soon as there is room. After `close` it is dropped."""
        # The signal is emitted under the lock: `close` cannot return, and this
        # object cannot be deleted, while another thread is in the middle of it.
        with self._lock:
            self._lock.wait_for(lambda: self._closed or self._weight < MOST_WAITING)
            if self._closed:
                return
            self._items.append(item)
            self._weight += weight
            if not self._announced:
                self._announced = True
                self._arrived.emit()

    def close(self) -> None:
        """Deliver nothing more."""
        self.seal()
        self._timer.stop()

    def seal(self) -> None:
        """Take nothing more, from any thread; nobody waits to put any longer."""
        with self._lock:
            self._closed = True
            self._items.clear()
            self._lock.notify_all()

    def _schedule(self) -> None:
        wait = self._last + 1 / PER_SECOND - time.monotonic()
        if wait <= 0:
            self._deliver()
        else:
            self._timer.start(int(wait * 1000) + 1)

    def _deliver(self) -> None:
        with self._lock:
            items = tuple(self._items)
            self._items.clear()
            self._weight = 0
            self._announced = False
            self._lock.notify_all()
        self._last = time.monotonic()
        if items:
            self.delivered.emit(items)

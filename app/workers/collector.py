"""Collects Python's garbage in the window's thread."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500


class Collector(QObject):
    """Keeps cyclic garbage from being collected in a worker thread.

    Python collects in whichever thread happens to allocate. Qt objects among
    the garbage would then be destroyed outside their own thread, which Qt
    answers with warnings at best. So the automatic collection is off while
    this object is at work, and a timer does the same by the same thresholds.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(INTERVAL_MS)

    def settle(self) -> None:
        """Take what is there by now, modules and the window, as there to stay.

        To walk through all of it takes longer than a window may stand still.
        """
        gc.freeze()

    def stop(self) -> None:
        """Give the collection back to Python; only when no worker thread runs any more."""
        self._timer.stop()
        gc.unfreeze()
        gc.collect()
        gc.enable()

    def _collect(self) -> None:
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return

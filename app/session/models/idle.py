"""A model that nobody asks gives its memory back after a time."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.session.chat.entry import ChatState
from app.session.models.models import Models
from app.session.preferences import Preferences

MINUTE_MS = 60_000


class Idle(QObject):
    """Counts from the end of the last answer or load; 0 minutes of the settings are never."""

    def __init__(
        self,
        models: Models,
        preferences: Preferences,
        parent: QObject | None = None,
        *,
        minute_ms: int = MINUTE_MS,
    ) -> None:
        super().__init__(parent)
        self._models = models
        self._preferences = preferences
        self._minute_ms = minute_ms
        self._busy = False
        self._stopped = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(models.unload)
        models.loadingChanged.connect(self._start)
        preferences.changed.connect(self._start)

    def note(self, state: ChatState) -> None:
        """Take note of whether questions are under way."""
        self._busy = state.busy
        self._start()

    def stop(self) -> None:
        """Count no longer, for good."""
        self._stopped = True
        self._timer.stop()

    def _start(self, *_news: object) -> None:
        minutes = self._preferences.settings.idle_minutes
        ready = self._models.load_state.ready is not None
        current = self._models.current
        # The built-in one takes next to nothing.
        large = current is not None and not current.for_trying
        if minutes and ready and large and not self._busy and not self._stopped:
            self._timer.start(minutes * self._minute_ms)
        else:
            self._timer.stop()

"""One call after many reasons for it, which come at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Soon(QTimer):
    """Calls `action` once the event loop has its turn, however often it was asked to until then."""

    def __init__(self, parent: QObject, action: Callable[[], object]) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self.timeout.connect(action)

    def ask(self, *_reasons: object) -> None:
        """For signals too, whatever they carry."""
        self.start(0)

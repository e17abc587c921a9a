"""Three dots that pulse while an answer has not begun."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.ui.widgets.theme import Theme

_TICK_MS = 60
_TICKS_PER_TURN = 22


class Waiting(QWidget):
    """Moves only while it is on the screen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tick = 0
        self.setAccessibleName("The answer has not begun yet")
        self.setFixedSize(QSize(46, 22))
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._turn)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to move."""
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Cost nothing."""
        super().hideEvent(event)
        self._clock.stop()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Three dots, each a third of a turn behind the one before."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        color = self._theme.color("accent")
        for dot in range(3):
            phase = 2 * math.pi * (self._tick / _TICKS_PER_TURN - dot / 6)
            strength = 0.5 + 0.5 * math.sin(phase)
            color.setAlphaF(0.25 + 0.7 * strength)
            painter.setBrush(color)
            radius = 3.0 + strength
            painter.drawEllipse(QPointF(8 + 14 * dot, self.height() / 2), radius, radius)

    def _turn(self) -> None:
        self._tick = (self._tick + 1) % _TICKS_PER_TURN
        self.update()

"""A bar of the memory that a model needs against the memory that is free."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.catalog.fit import Fit
from app.ui.models.model_text import colour
from app.ui.widgets.theme import Theme

_HEIGHT = 8


class FitBar(QWidget):
    """The outline is the free memory; the filling what is needed, beyond it if need be."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fit: Fit | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(QSize(150, _HEIGHT + 2))
        theme.changed.connect(self.update)

    def show_fit(self, fit: Fit | None, words: str) -> None:
        """Show these figures; `words` say the same to those who cannot see it."""
        self._fit = fit
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.setVisible(fit is not None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The free memory, and what is needed of it."""
        fit = self._fit
        if fit is None:
            return
        scale = self.width() / max(fit.needed, fit.free, 1)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(0.5, 0.5, self.width() - 1, _HEIGHT)
        round_path = QPainterPath()
        round_path.addRoundedRect(whole, _HEIGHT / 2, _HEIGHT / 2)
        painter.setClipPath(round_path)
        free, needed = fit.free * scale, fit.needed * scale
        painter.fillRect(whole, self._theme.color("sunken"))
        painter.fillRect(
            QRectF(0, 0, min(free, needed), _HEIGHT + 2), self._theme.color(colour(fit))
        )
        if needed > free:
            # What is missing, beyond a mark where the free memory ends.
            painter.fillRect(
                QRectF(free, 0, needed - free, _HEIGHT + 2), self._theme.color("danger_soft")
            )
            painter.setPen(QPen(self._theme.color("danger"), 2))
            painter.drawLine(round(free), 0, round(free), _HEIGHT + 2)
        painter.setClipping(False)
        edge = "danger" if needed > free else "strong_border"
        painter.setPen(QPen(self._theme.color(edge), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(round_path)

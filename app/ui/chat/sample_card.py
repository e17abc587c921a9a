"""A bundled picture that one click opens, with a question to go with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QEnterEvent,
    QFont,
    QImage,
    QImageReader,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui.widgets.theme import Theme

_CORNER = 10


class SampleCard(QAbstractButton):
    """The upper part of the picture above its title and question."""

    def __init__(
        self, theme: Theme, picture: Path, title: str, question: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image: QImage | None = None
        self.picture = picture
        self.question = question
        self.setText(title)
        self.setAccessibleName(f"Try the sample “{title}”: {question}")
        self.setToolTip(f"Open this sample and ask “{question}”")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        # After the window is up: its first appearance waits for no picture.
        QTimer.singleShot(0, self, self._load)

    def sizeHint(self) -> QSize:
        """Room for the picture and two lines."""
        return QSize(200, 172)

    def minimumSizeHint(self) -> QSize:
        """Narrow windows crop the picture."""
        return QSize(120, 172)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Picture, title, question."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        lit = self.underMouse() or self.hasFocus()
        card = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(card, _CORNER, _CORNER)
        painter.fillPath(shape, self._theme.color("surface"))
        painter.save()
        painter.setClipPath(shape)
        top = QRectF(card.left(), card.top(), card.width(), card.height() - 60)
        painter.fillRect(top, self._theme.color("sunken"))
        if self._image is not None:
            _paint_picture(painter, self._image, top)
        painter.restore()
        self._paint_words(painter, card)
        painter.setPen(QPen(self._theme.color("accent" if lit else "border"), 2 if lit else 1))
        painter.drawPath(shape)

    def _paint_words(self, painter: QPainter, card: QRectF) -> None:
        left, width = card.left() + 12, card.width() - 24
        metrics = self.fontMetrics()
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        above = QRectF(left, card.bottom() - 52, width, 20)
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(self.font())
        painter.setPen(self._theme.color("muted"))
        below = QRectF(left, card.bottom() - 31, width, 20)
        question = metrics.elidedText(self.question, Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, question)

    def _load(self) -> None:
        image = QImageReader(str(self.picture), b"png").read()
        if image.isNull():
            return
        pixels = round(self.sizeHint().width() * 2 * 1.3)
        self._image = image.scaledToWidth(
            min(pixels, image.width()), Qt.TransformationMode.SmoothTransformation
        )
        self.update()


def _paint_picture(painter: QPainter, image: QImage, place: QRectF) -> None:
    """The upper part of `image` across the whole width of `place`."""
    height = min(image.height(), place.height() * image.width() / place.width())
    painter.drawImage(place, image, QRectF(0, 0, image.width(), height))

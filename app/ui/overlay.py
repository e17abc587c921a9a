"""The lines that the reader found, drawn over their picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from app.core.reading import Line
from app.ui.theme import Theme

_UNSURE = 0.8


class TextOverlay:
    """Boxes over a picture, in its pixels. One may be marked."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._boxes: list[QRectF] = []
        self._unsure: list[bool] = []
        self.marked: int | None = None

    def show(self, lines: tuple[Line, ...]) -> None:
        """Replace the boxes by those of `lines`."""
        self._boxes = [
            QRectF(line.box.left, line.box.top, line.box.width, line.box.height) for line in lines
        ]
        self._unsure = [line.confidence < _UNSURE for line in lines]
        self.marked = None

    def box(self, index: int) -> QRectF:
        """The box of the line with this index."""
        return self._boxes[index]

    def at(self, point: QPointF) -> int | None:
        """Index of the smallest box below `point`, or None."""
        hits = [index for index, box in enumerate(self._boxes) if box.contains(point)]
        return min(
            hits,
            key=lambda index: self._boxes[index].width() * self._boxes[index].height(),
            default=None,
        )

    def paint(self, painter: QPainter, to_view: QTransform) -> None:
        """Draw all boxes, unsure ones dashed. Their colours are the pictures', not the window's."""
        for index, box in enumerate(self._boxes):
            shape = to_view.mapRect(box).adjusted(-1, -1, 1, 1)
            unsure = self._unsure[index]
            color = self._theme.color("box_unsure" if unsure else "box")
            if index == self.marked:
                mark = self._theme.color("mark")
                painter.setBrush(_thin(mark, 0.32))
                painter.setPen(QPen(mark, 2.0))
            else:
                painter.setBrush(_thin(color, 0.10))
                pen = QPen(_thin(color, 0.85), 1.25)
                if unsure:
                    pen.setStyle(Qt.PenStyle.DashLine)
                painter.setPen(pen)
            painter.drawRoundedRect(shape, 3, 3)


def _thin(color: QColor, alpha: float) -> QColor:
    color = QColor(color)
    color.setAlphaF(alpha)
    return color

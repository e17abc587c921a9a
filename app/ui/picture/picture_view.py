"""One picture: fitted, zoomed and moved about."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QSizePolicy, QWidget

from app.ui.picture.picture_loader import Levels
from app.ui.widgets.theme import Theme

_LARGEST = 16.0
_STEP = 1.25
_WHEEL_STEP = 1.0015
_MARGIN = 16
_MOVE = 40.0
_NOTCH, _WHEEL_MOVE = 120, 60.0
_HOLDS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)


class PictureView(QWidget):
    """Paints a picture at any scale. It is dragged with the left or the middle button.

    The wheel zooms; with `scrolls`, for pages, it goes from page to page, and zooms with Ctrl.
    """

    zoomChanged = Signal(float)
    pageTurned = Signal(int)  # 1 for the next page, -1 for the one before

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._levels: Levels | None = None
        self.scrolls = False
        self._fitted, self._wide = True, False
        # How far the wheel went on at a page's end, and whether it came in from below.
        self._beyond, self._from_below = 0.0, False
        self._scale = 1.0
        self._offset = QPointF()
        self._held: QPointF | None = None
        self._dragged = False
        self.setObjectName("pictureView")
        self.setAccessibleName("Picture")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.grabGesture(Qt.GestureType.PinchGesture)
        theme.changed.connect(self.update)

    @property
    def scale(self) -> float:
        """Screen points per pixel of the picture."""
        return self._scale

    @property
    def has_picture(self) -> bool:
        """Whether there is one to paint: not before it has come from the disk."""
        return self._levels is not None

    def show_picture(self, levels: Levels | None, name: str = "") -> None:
        """Show this picture fitted, or nothing; across the view where the one before was."""
        self._levels = levels
        self.setAccessibleDescription(name)
        fit = self.fit_width if self._wide and self.scrolls else self.fit
        fit()

    def reveal(self, place: QRectF) -> None:
        """Bring this part of the picture into view, in its pixels."""
        box = self.to_view().mapRect(place)
        if not self._fitted and not place.isEmpty() and not QRectF(self.rect()).contains(box):
            self._move_by(QRectF(self.rect()).center() - box.center())
        self.update()

    def crop(self, place: QRectF) -> QImage:
        """This part of the picture in its own pixels; an empty one outside of it."""
        inside = place.intersected(self._picture_rect()).toAlignedRect()
        if self._levels is None or inside.isEmpty():
            return QImage()
        return self._levels.images[0].copy(inside)

    def fit(self) -> None:
        """Show all of it, not larger than its pixels."""
        self._fitted, self._wide = True, False
        self._refit()

    def fit_width(self) -> None:
        """Show all of its width, from the top; from the end where the wheel came from there."""
        self._fitted, self._wide = False, True
        self._offset = QPointF(0, -math.inf if self._from_below else _MARGIN)
        if self._levels is not None:
            self._from_below = False
        self._refit()

    def zoom_in(self) -> None:
        """One step closer, around the middle."""
        self.zoom(_STEP, QRectF(self.rect()).center())

    def zoom_out(self) -> None:
        """One step away, around the middle."""
        self.zoom(1 / _STEP, QRectF(self.rect()).center())

    def zoom(self, factor: float, around: QPointF) -> None:
        """Show it `factor` times as large; the place at `around`, in the view's points, stays."""
        if self._levels is None:
            return
        smallest = min(self._fit_scale(), 1.0)
        scale = min(max(self._scale * factor, smallest), _LARGEST)
        self._fitted, self._wide = scale == smallest and factor < 1, False
        self._offset = around - (around - self._offset) * (scale / self._scale)
        self._scale = scale
        self._move_by(QPointF())
        self.zoomChanged.emit(scale)

    def to_view(self) -> QTransform:
        """From the picture's pixels to the view's points."""
        return QTransform(self._scale, 0, 0, self._scale, self._offset.x(), self._offset.y())

    def sizeHint(self) -> QSize:
        """Room for a screenshot at half size."""
        return QSize(560, 480)

    def minimumSizeHint(self) -> QSize:
        """Still enough to see what it is."""
        return QSize(160, 120)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the best level, then what belongs over it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        if self._levels is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        target = self.to_view().mapRect(self._picture_rect())
        image = self._levels.for_width(target.width() * self.devicePixelRatioF())
        # Past twice its size, single pixels are what a person wants to see.
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, self._scale * self.devicePixelRatioF() < 2
        )
        painter.drawImage(target, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.drawRect(target)
        self.paint_over(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def paint_over(self, painter: QPainter) -> None:
        """Draw over the picture; nothing here."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay fitted, or keep the same place in view."""
        super().resizeEvent(event)
        if self._fitted or self._wide:
            self._refit()
        else:
            self._move_by(QPointF())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer, or scroll."""
        if not self.scrolls or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if delta := event.angleDelta().y():
                self.zoom(_WHEEL_STEP**delta, event.position())
        elif not event.pixelDelta().isNull():
            self._scroll(QPointF(event.pixelDelta()))
        else:
            self._scroll(QPointF(event.angleDelta()) * (_WHEEL_MOVE / _NOTCH))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() in _HOLDS:
            self._held = event.position()
            self._dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it while it is held."""
        if self._held is None:
            return
        moved = event.position() - self._held
        if self._dragged or moved.manhattanLength() > 4:
            self._dragged = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._held = event.position()
            self._move_by(moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002
        """Let go."""
        self._held = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Between fitted and its own pixels."""
        if self._fitted:
            self.zoom(1 / self._scale, event.position())
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus, minus, zero; arrows move; Page Up and Page Down turn pages."""
        moves = {
            Qt.Key.Key_Left: QPointF(_MOVE, 0),
            Qt.Key.Key_Right: QPointF(-_MOVE, 0),
            Qt.Key.Key_Up: QPointF(0, _MOVE),
            Qt.Key.Key_Down: QPointF(0, -_MOVE),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._move_by(moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key is Qt.Key.Key_Minus:
            self.zoom_out()
        elif key is Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.pageTurned.emit(1 if key is Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Pinches: a trackpad's come as native gestures, a touch screen's as Qt's own."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                center = QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint()))
                self.zoom(pinch.scaleFactor(), center)
                return True
        return super().event(event)

    def _scroll(self, moved: QPointF) -> None:
        """Move the page; at its end, a notch further turns it."""
        before = self._offset
        self._move_by(moved)
        if self._offset != before or not moved.y():
            self._beyond = 0.0
            return
        self._beyond += moved.y()
        if abs(self._beyond) >= _WHEEL_MOVE:
            self._from_below = self._beyond > 0
            self._beyond = 0.0
            self.pageTurned.emit(-1 if self._from_below else 1)

    def _picture_rect(self) -> QRectF:
        if self._levels is None:
            return QRectF()
        return QRectF(self._levels.images[0].rect())

    def _fit_scale(self) -> float:
        picture = self._picture_rect()
        if picture.isEmpty():
            return 1.0
        return min(
            max(1.0, self.width() - 2 * _MARGIN) / picture.width(),
            max(1.0, self.height() - 2 * _MARGIN) / picture.height(),
            1.0,
        )

    def _refit(self) -> None:
        width = self._picture_rect().width()
        if self._wide and width > 0:
            self._scale = min(_LARGEST, max(1.0, self.width() - 2 * _MARGIN) / width)
        else:
            self._scale = self._fit_scale()
        self._move_by(QPointF())
        self.zoomChanged.emit(self._scale)

    def _move_by(self, moved: QPointF) -> None:
        """Move, keeping the picture in the middle or its edges outside of the view."""
        size = self._picture_rect().size() * self._scale
        place = self._offset + moved
        self._offset = QPointF(
            _within(place.x(), self.width(), size.width()),
            _within(place.y(), self.height(), size.height()),
        )
        self.update()


def _within(place: float, room: float, length: float) -> float:
    if length <= room:
        return (room - length) / 2
    return min(_MARGIN, max(place, room - length - _MARGIN))

"""Small pictures of stored pictures, alone and in a row."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from app.core.conversation import Picture
from app.ui.picture.picture_loader import PictureLoader
from app.ui.widgets.theme import Theme

_TICK_MS = 60
_CORNER = 7
_INSET = 3.0  # between the picture and its ring


class Thumbnail(QAbstractButton):
    """A square with a picture, or with a spinner until there is one.

    Checked means that it is the one on the screen.
    """

    def __init__(
        self, theme: Theme, loader: PictureLoader, side: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self._sha256 = ""
        self._ringed = ""
        self._pixmap: QPixmap | None = None
        self._broken = False
        self._turn = 0
        self.setFixedSize(QSize(side, side))
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._tick)
        loader.thumbnailReady.connect(self._arrived)
        loader.missing.connect(self._missed)
        theme.changed.connect(self.update)

    @property
    def sha256(self) -> str:
        """Of its picture; empty while there is none."""
        return self._sha256

    def mark(self, sha256: str) -> None:
        """Ring it if this is its picture, also where that comes later, and else not."""
        self._ringed = sha256
        self.setChecked(bool(sha256) and sha256 == self._sha256)

    @property
    def busy(self) -> bool:
        """Whether it waits for its picture."""
        return self._pixmap is None and not self._broken

    def show_picture(self, picture: Picture) -> None:
        """Show this stored picture."""
        self._name(picture.name or "Picture", f"{picture.width} × {picture.height}")
        if picture.sha256 != self._sha256:
            self._sha256 = picture.sha256
            self._pixmap = self._loader.thumbnail(picture.sha256)
            self._broken = False
        self.mark(self._ringed)
        self._spin()

    def show_waiting(self, name: str) -> None:
        """Spin until its picture is there."""
        self._name(name, "being opened")
        self._sha256, self._pixmap, self._broken = "", None, False
        self._spin()

    def show_broken(self, name: str, why: str) -> None:
        """Show that there will be no picture."""
        self._name(name, why)
        self._broken = True
        self._spin()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The whole picture within the square, and a ring where it is chosen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        shape = QPainterPath()
        shape.addRoundedRect(frame, _CORNER, _CORNER)
        painter.fillPath(shape, self._theme.color("sunken"))
        painter.save()
        painter.setClipPath(shape)
        if self._pixmap is not None:
            whole = self._pixmap.size().toSizeF()
            room = frame.adjusted(_INSET, _INSET, -_INSET, -_INSET).size()
            place = QRectF(QPointF(), whole.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
            place.moveCenter(frame.center())
            painter.drawPixmap(place, self._pixmap, QRectF(QPointF(), whole))
        elif self._broken:
            icon = self._theme.icon("alert", "danger")
            icon.paint(painter, self.rect().adjusted(14, 14, -14, -14))
        else:
            self._paint_spinner(painter, frame)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        marked = self.isChecked() or self.hasFocus()
        color = "accent" if marked else "strong_border" if self.underMouse() else "border"
        painter.setPen(QPen(self._theme.color(color), 3.0 if marked else 1.0))
        painter.drawPath(shape)

    def nextCheckState(self) -> None:
        """A press alone rings nothing: the picture has to come to the screen first."""

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()

    def _paint_spinner(self, painter: QPainter, frame: QRectF) -> None:
        radius = min(10.0, frame.width() / 5)
        ring = QRectF(0, 0, 2 * radius, 2 * radius)
        ring.moveCenter(QPointF(frame.center()))
        pen = QPen(self._theme.color("border"), 2.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawEllipse(ring)
        pen.setColor(self._theme.color("accent"))
        painter.setPen(pen)
        painter.drawArc(ring, -16 * self._turn, 16 * 100)

    def _name(self, name: str, more: str) -> None:
        self.setAccessibleName(name)
        self.setAccessibleDescription(more)
        # Tooltips are rich text by guess, and a file may be called anything.
        self.setToolTip(f"<qt>{escape(name)}<br>{escape(more)}</qt>")

    def _spin(self) -> None:
        if self.busy:
            self._clock.start()
        else:
            self._clock.stop()
        self.update()

    def _tick(self) -> None:
        self._turn = (self._turn + 24) % 360
        self.update()

    def _arrived(self, sha256: str, pixmap: QPixmap) -> None:
        if sha256 == self._sha256:
            self._pixmap = pixmap
            self._spin()

    def _missed(self, sha256: str) -> None:
        if sha256 == self._sha256:
            self.show_broken(self.accessibleName(), "This picture is no longer on the disk.")


class PictureStrip(QScrollArea):
    """The pictures of a conversation in a row; one is chosen."""

    chosen = Signal(Picture)
    marked = Signal(str)  # sha256 of the one on the screen

    def __init__(
        self, theme: Theme, loader: PictureLoader, side: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self._side = side
        self._pictures: tuple[Picture, ...] = ()
        self._buttons: list[Thumbnail] = []
        self.setObjectName("pictureStrip")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(side + 24)
        inside = QWidget(self)
        inside.setObjectName("stripInside")
        # Those that were just added have their place only then.
        self.horizontalScrollBar().rangeChanged.connect(lambda *_: self._show_marked())
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(12, 6, 12, 6)
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self._row.addStretch(1)
        self.setWidget(inside)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """What it shows, in order."""
        return self._pictures

    def show_pictures(self, pictures: tuple[Picture, ...]) -> None:
        """Show these instead."""
        if pictures == self._pictures:
            return
        self._pictures = pictures
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for picture in pictures:
            button = Thumbnail(self._theme, self._loader, self._side, self)
            button.show_picture(picture)
            button.clicked.connect(lambda _on=False, picture=picture: self._choose(picture))
            self._row.insertWidget(self._row.count() - 1, button)
            self._buttons.append(button)

    def mark(self, sha256: str) -> None:
        """Ring the one that is on the screen."""
        for button in self._buttons:
            # Not auto-exclusive: Qt would take the others out of the tab order.
            button.mark(sha256)
        self._show_marked()
        self.marked.emit(sha256)

    def _show_marked(self) -> None:
        for button in self._buttons:
            if button.isChecked():
                self.ensureWidgetVisible(button)

    def _choose(self, picture: Picture) -> None:
        self.chosen.emit(picture)

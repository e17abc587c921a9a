"""The picture on the screen, its tools, its neighbours, and its text."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from app.core.conversation import Picture
from app.core.errors import Failed
from app.core.reading import Reading
from app.session.reading import Readings
from app.ui.buttons import IconButton
from app.ui.elided_label import ElidedLabel
from app.ui.picture_loader import Levels, PictureLoader
from app.ui.picture_view import PictureView
from app.ui.reading_panel import ReadingPanel
from app.ui.theme import Theme
from app.ui.thumbnails import PictureStrip

_STRIP_SIDE = 52


class PicturePane(QFrame):
    """Shows one of several pictures; with its text switched on, boxes and rows too."""

    readingShown = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        loader: PictureLoader,
        readings: Readings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._loader = loader
        self._readings = readings
        self._picture: Picture | None = None
        self._reads = False
        self.setObjectName("picturePane")
        self.view = PictureView(theme, self)
        self.panel = ReadingPanel(theme, self)
        self.strip = PictureStrip(theme, loader, _STRIP_SIDE, self)
        self._name = ElidedLabel(self)
        self._name.setObjectName("panelTitle")
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._zoom = QLabel(self)
        self._zoom.setObjectName("quietLabel")
        self._build(theme)
        self._connect()

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    @property
    def reads(self) -> bool:
        """Whether the text is switched on."""
        return self._reads

    def show_pictures(self, pictures: tuple[Picture, ...]) -> None:
        """Offer these in the strip, and the last of them if the shown one is not among them."""
        self.strip.show_pictures(pictures)
        self.strip.setVisible(len(pictures) > 1)
        if not pictures:
            self._picture = None
            self.view.show_picture(None)
            self.show_reading(on=False)
        elif self._picture is None or self._picture not in pictures:
            self.show_picture(pictures[-1])

    def show_picture(self, picture: Picture) -> None:
        """Show this one, once it has come from the disk."""
        if self._picture == picture:
            return
        self._picture = picture
        self._name.setText(picture.name or "Picture")
        self._name.setToolTip(f"{picture.width} × {picture.height} pixels")
        self.strip.mark(picture.sha256)
        self.view.show_picture(self._loader.load(picture.sha256), picture.name)
        self._read()

    def show_reading(self, *, on: bool) -> None:
        """Switch the text of the picture on or off."""
        on = on and self._picture is not None
        self._reads = on
        self.panel.setVisible(on)
        self.readingShown.emit(on)
        if on:
            self._read()
        else:
            self.view.show_lines(())

    def _build(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(14, 6, 8, 6)
        head.setSpacing(2)
        head.addWidget(self._name, 1)
        head.addWidget(self._zoom)
        head.addSpacing(6)
        for drawing, label, action in (
            ("zoom-out", "Zoom out (Ctrl+−)", self.view.zoom_out),
            ("fit", "Fit (Ctrl+0)", self.view.fit),
            ("zoom-in", "Zoom in (Ctrl++)", self.view.zoom_in),
        ):
            button = IconButton(theme, drawing, label, self)
            button.clicked.connect(action)
            head.addWidget(button)
        above = QWidget(self)
        above_column = QVBoxLayout(above)
        above_column.setContentsMargins(0, 0, 0, 0)
        above_column.setSpacing(0)
        above_column.addLayout(head)
        above_column.addWidget(self.view, 1)
        above_column.addWidget(self.strip)
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.addWidget(above)
        self.splitter.addWidget(self.panel)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splitter)
        self.splitter.setSizes([600, 400])
        self.panel.hide()
        self.strip.hide()

    def _connect(self) -> None:
        self._loader.loaded.connect(self._loaded)
        self._loader.missing.connect(self._missing)
        self._readings.readingReady.connect(self._reading_ready)
        self._readings.readingFailed.connect(self._reading_failed)
        self.strip.chosen.connect(self.show_picture)
        self.view.zoomChanged.connect(self._show_zoom)
        self.view.lineHovered.connect(self.panel.mark)
        self.view.lineClicked.connect(self.panel.mark)
        self.panel.lineChosen.connect(self.view.mark_line)
        self.panel.closed.connect(lambda: self.show_reading(on=False))
        self.panel.retryRequested.connect(self._read)

    def _show_zoom(self, scale: float) -> None:
        percent = round(100 * scale * self.devicePixelRatioF())
        self._zoom.setText(f"{percent} %" if self._picture is not None else "")

    def _loaded(self, sha256: str, levels: object) -> None:
        if self._picture is None or self._picture.sha256 != sha256:
            return
        if isinstance(levels, Levels):
            self.view.show_picture(levels, self._picture.name)
        self._read()

    def _missing(self, sha256: str) -> None:
        if self._picture is not None and self._picture.sha256 == sha256:
            self._name.setText("This picture is no longer on the disk.")

    def _read(self) -> None:
        if self._reads and self._picture is not None:
            self.panel.show_waiting()
            self._readings.request(self._picture)

    def _reading_ready(self, sha256: str, reading: object) -> None:
        if self._reads and self._is_shown(sha256) and isinstance(reading, Reading):
            self.panel.show_reading(reading)
            self.view.show_lines(reading.lines)

    def _reading_failed(self, sha256: str, failed: object) -> None:
        if self._reads and self._is_shown(sha256) and isinstance(failed, Failed):
            self.panel.show_failed(failed)

    def _is_shown(self, sha256: str) -> bool:
        return self._picture is not None and self._picture.sha256 == sha256

"""Two versions of some words, to choose from."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from app.text.choices import Mark, Version
from app.text.comparison import Difference
from app.ui.widgets.buttons import text_button
from app.ui.widgets.theme import Theme

_NAMES = {Version.READER: "Reader", Version.MODEL: "LLaVA"}
_LONGEST = 60
_CROP = (420, 64)
_LARGEST_SCALE = 2.0


class DifferencePopup(QFrame):
    """The words in the picture, and what each reading makes of them. A click chooses."""

    versionChosen = Signal(Difference, Version)
    stepRequested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self._mark: Mark | None = None
        self.setObjectName("differencePopup")
        self._crop = QLabel(self)
        self._crop.setAccessibleName("These words in the picture")
        self.buttons: dict[Version, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 8)
        column.setSpacing(6)
        column.addWidget(self._crop)
        for version in Version:
            button = text_button("", self)
            button.setProperty("kind", "version")
            button.clicked.connect(lambda _=False, version=version: self._choose(version))
            self.buttons[version] = button
            column.addWidget(button)
        hint = QLabel("F8: next · Shift+F8: previous · Esc: close", self)
        hint.setObjectName("entryNote")
        column.addWidget(hint)

    def show_difference(self, mark: Mark, crop: QImage, place: QRect) -> None:
        """Open beside `place`, in points of the screen; an empty `crop` is left out."""
        self._mark = mark
        self._show_crop(crop)
        in_force = mark.chosen or Version.READER
        for version, button in self.buttons.items():
            text = mark.difference.reader
            if version is Version.MODEL:
                text = mark.difference.model
            words = f"{_NAMES[version]}: {text}"
            short = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
            button.setText(short.replace("&", "&&"))
            # Tooltips are rich text by guess, and a model may say anything.
            button.setToolTip(f"<qt>{escape(words)}</qt>" if short != words else "")
            taken = version is in_force
            button.setIcon(self._theme.icon("check" if taken else "blank", "accent"))
            button.setAccessibleName(f"{words}, taken" if taken else words)
        self.adjustSize()
        self.move(self._beside(place))
        self.show()
        other = Version.READER if in_force is Version.MODEL else Version.MODEL
        self.buttons[in_force if mark.chosen is not None else other].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F8 goes on; up and down go between the versions; Esc closes."""
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_F8:
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.hide()
            self.stepRequested.emit(-1 if back else 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(key is Qt.Key.Key_Down)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            for button in self.buttons.values():
                if button.hasFocus():
                    button.click()
        else:
            super().keyPressEvent(event)

    def _choose(self, version: Version) -> None:
        self.hide()
        if self._mark is not None:
            self.versionChosen.emit(self._mark.difference, version)

    def _show_crop(self, crop: QImage) -> None:
        self._crop.setVisible(not crop.isNull())
        if crop.isNull():
            return
        ratio = self.devicePixelRatioF()
        widest, highest = _CROP
        scale = min(
            widest * ratio / crop.width(), highest * ratio / crop.height(), _LARGEST_SCALE * ratio
        )
        pixmap = QPixmap.fromImage(
            crop.scaledToWidth(
                max(1, round(crop.width() * scale)), Qt.TransformationMode.SmoothTransformation
            )
        )
        pixmap.setDevicePixelRatio(ratio)
        self._crop.setPixmap(pixmap)

    def _beside(self, place: QRect) -> QPoint:
        """Below the place, or above it where there is no room; within the screen."""
        room = self.screen().availableGeometry()
        left = min(max(place.left(), room.left()), room.right() - self.width())
        below = place.bottom() + 6
        above = place.top() - 6 - self.height()
        return QPoint(left, below if below + self.height() <= room.bottom() else above)

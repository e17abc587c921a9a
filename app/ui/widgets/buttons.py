"""Buttons that the whole window shares."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from app.ui.widgets.theme import Theme

_COPIED_MS = 1500


class IconButton(QToolButton):
    """A flat button with a drawing; `label` is its tooltip and accessible name.

    With `text` it stands beside the drawing.
    """

    def __init__(
        self,
        theme: Theme,
        drawing: str,
        label: str,
        parent: QWidget | None = None,
        *,
        text: str = "",
        color: str = "muted",
        pixels: int = 18,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._drawing = drawing
        self._color = color
        self.setObjectName("iconButton")
        self.setAutoRaise(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(pixels, pixels))
        self.setToolTip(label)
        self.setAccessibleName(label)
        if text:
            self.setText(text)
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._paint()
        theme.changed.connect(self._paint)

    def draw(self, drawing: str, color: str | None = None) -> None:
        """Show another drawing."""
        self._drawing = drawing
        self._color = color or self._color
        self._paint()

    def _paint(self) -> None:
        self.setIcon(self._theme.icon(self._drawing, self._color))


class CopyButton(IconButton):
    """Puts what `source` returns onto the clipboard, and says for a moment that it did."""

    def __init__(
        self,
        theme: Theme,
        label: str,
        source: Callable[[], str | QMimeData],
        parent: QWidget | None = None,
        *,
        text: str = "Copy",
    ) -> None:
        super().__init__(theme, "copy", label, parent, text=text, pixels=16)
        self._source = source
        self._words = text
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(_COPIED_MS)
        self._back.timeout.connect(self._rest)
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        found = self._source()
        if isinstance(found, QMimeData):
            QGuiApplication.clipboard().setMimeData(found)
        else:
            QGuiApplication.clipboard().setText(found)
        self.setText("Copied")
        self.draw("check", "accent")
        self._back.start()

    def _rest(self) -> None:
        self.setText(self._words)
        self.draw("copy", "muted")


def text_button(text: str, parent: QWidget | None = None, *, kind: str = "plain") -> QPushButton:
    """A button with words on it; `kind` ("plain", "primary", "quiet") is its weight."""
    button = QPushButton(text, parent)
    button.setProperty("kind", kind)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    return button

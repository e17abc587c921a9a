"""Colours, icons and the style sheet, light and dark."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

_SMALLEST_POINTS = 10.0
_ICON_PIXELS = (16, 18, 20, 24, 32, 36, 40, 48)


class Theme(QObject):
    """The look of the window: one table of colours per scheme, and what is made of it.

    Follows the desktop's colour scheme until `use` is called. Widgets that
    paint for themselves ask `color` at every paint and repaint on `changed`.
    """

    changed = Signal()

    def __init__(self, resources: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = resources
        self._drawings: dict[str, bytes] = {}
        self._icons: dict[tuple[str, str], QIcon] = {}
        self._dark = _desktop_is_dark()
        self._colors = self._load()
        QApplication.setStyle("Fusion")
        _set_base_font()
        self._apply_palette()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_desktop)

    @property
    def dark(self) -> bool:
        """Whether the dark table is in use."""
        return self._dark

    def use(self, *, dark: bool) -> None:
        """Switch to one of the two tables now."""
        if dark == self._dark:
            return
        self._dark = dark
        self._colors = self._load()
        self._icons.clear()
        self._apply_palette()
        self.changed.emit()

    def color(self, name: str) -> QColor:
        """The colour with this name in the current table. Raises KeyError for others."""
        return QColor(self._colors[name])

    def style_sheet(self) -> str:
        """The window's style sheet with the current colours filled in."""
        sheet = (self._folder / "themes" / "window.qss").read_text("utf-8")
        return Template(sheet).substitute(self._colors)

    def icon(self, name: str, color: str = "text") -> QIcon:
        """The drawing `name` in this colour, and in the muted one where disabled."""
        if (icon := self._icons.get((name, color))) is not None:
            return icon
        icon = QIcon()
        for pixels in _ICON_PIXELS:
            icon.addPixmap(self.pixmap(name, pixels, color))
            icon.addPixmap(self.pixmap(name, pixels, "strong_border"), QIcon.Mode.Disabled)
        self._icons[name, color] = icon
        return icon

    def pixmap(self, name: str, pixels: int, color: str = "text") -> QPixmap:
        """The drawing `name` as a square of this many device pixels."""
        if name not in self._drawings:
            self._drawings[name] = (self._folder / "icons" / f"{name}.svg").read_bytes()
        drawing = self._drawings[name].replace(b"currentColor", self._colors[color].encode())
        renderer = QSvgRenderer(QByteArray(drawing))
        pixmap = QPixmap(pixels, pixels)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, pixels, pixels))
        painter.end()
        return pixmap

    def _load(self) -> dict[str, str]:
        table = self._folder / "themes" / ("dark.json" if self._dark else "light.json")
        return json.loads(table.read_text("utf-8"))

    def _follow_desktop(self) -> None:
        self.use(dark=_desktop_is_dark())

    def _apply_palette(self) -> None:
        palette = QPalette()
        roles = {
            QPalette.ColorRole.Window: "window",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "surface",
            QPalette.ColorRole.AlternateBase: "sunken",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.Button: "surface",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.BrightText: "danger",
            QPalette.ColorRole.Highlight: "accent",
            QPalette.ColorRole.HighlightedText: "on_accent",
            QPalette.ColorRole.Link: "link",
            QPalette.ColorRole.LinkVisited: "link",
            QPalette.ColorRole.ToolTipBase: "surface",
            QPalette.ColorRole.ToolTipText: "text",
            QPalette.ColorRole.PlaceholderText: "muted",
            QPalette.ColorRole.Light: "surface",
            QPalette.ColorRole.Midlight: "sunken",
            QPalette.ColorRole.Mid: "border",
            QPalette.ColorRole.Dark: "strong_border",
            QPalette.ColorRole.Shadow: "shade",
            QPalette.ColorRole.Accent: "accent",
        }
        for role, name in roles.items():
            palette.setColor(role, self.color(name))
        for role in (
            QPalette.ColorRole.WindowText,
            QPalette.ColorRole.Text,
            QPalette.ColorRole.ButtonText,
        ):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("strong_border"))
        QApplication.setPalette(palette)


def _set_base_font() -> None:
    """The desktop's own type, but never smaller than is comfortable for reading."""
    font = QApplication.font()
    if 0 < font.pointSizeF() < _SMALLEST_POINTS:
        font.setPointSizeF(_SMALLEST_POINTS)
        QApplication.setFont(font)


def _desktop_is_dark() -> bool:
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme is not Qt.ColorScheme.Unknown:
        return scheme is Qt.ColorScheme.Dark
    return False

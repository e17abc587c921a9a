"""How large the window and its parts were, kept until the next time."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QSplitter

from app.core.files.private import make_file


class WindowSizes:
    """The window's geometry, its splitters by name, and whether its sidebar is shown, in `file`."""

    def __init__(
        self, window: QMainWindow, splitters: dict[str, QSplitter], sidebar: QAction, file: Path
    ) -> None:
        self._window = window
        self._splitters = splitters
        self._sidebar = sidebar
        self._file = file

    def restore(self) -> None:
        """Make everything as large as it was; without the file it stays as it is."""
        settings = self._settings()
        if isinstance(geometry := settings.value("geometry"), QByteArray):
            self._window.restoreGeometry(geometry)
        for name, splitter in self._splitters.items():
            if isinstance(state := settings.value(name), QByteArray):
                splitter.restoreState(state)
        self._sidebar.setChecked(settings.value("sidebar", "true") in (True, "true"))

    def keep(self) -> None:
        """Write down how large everything is now."""
        with contextlib.suppress(OSError):
            make_file(self._file)  # Qt keeps the rights of a file that is there.
        settings = self._settings()
        settings.setValue("geometry", self._window.saveGeometry())
        for name, splitter in self._splitters.items():
            settings.setValue(name, splitter.saveState())
        settings.setValue("sidebar", self._sidebar.isChecked())

    def folder(self, purpose: str, *places: QStandardPaths.StandardLocation) -> str:
        """Where a dialog was last left for this; else the first of these places that is there."""
        kept = str(self._settings().value(f"folder_{purpose}", ""))
        usual = map(QStandardPaths.writableLocation, places)
        found = [place for place in (kept, *usual) if place and Path(place).is_dir()]
        return found[0] if found else str(Path.home())

    def keep_folder(self, purpose: str, folder: Path) -> None:
        """Begin there the next time."""
        with contextlib.suppress(OSError):
            make_file(self._file)
        self._settings().setValue(f"folder_{purpose}", str(folder))

    def _settings(self) -> QSettings:
        return QSettings(str(self._file), QSettings.Format.IniFormat)

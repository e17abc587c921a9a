"""The person's settings while the program runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.conversation import ReferenceMode
from app.core.errors import ErrorKind, Failed
from app.core.settings import Settings, load_settings, save_settings


class Preferences(QObject):
    """The settings, written back on every change."""

    changed = Signal(Settings)
    noticed = Signal(Failed)  # the file could not be written

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._settings = load_settings(path)

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self._settings

    def set_reference(self, mode: ReferenceMode) -> None:
        """Whether read text goes with questions from now on."""
        self._change(replace(self._settings, reference=mode))

    def set_quick(self, *, quick: bool) -> None:
        """Whether the model takes only a quick look at pictures from now on."""
        self._change(replace(self._settings, quick=quick))

    def set_model(self, model: str, folder: str = "") -> None:
        """Which model answers: a catalog id, or a checkpoint folder, which stays known."""
        now = self._settings
        used = dict.fromkeys(filter(None, (*now.folders, now.model_folder, folder)))
        self._change(replace(now, model=model, model_folder=folder, folders=tuple(used)))

    def set_language(self, pack: str) -> None:
        """Which language pack reads beside the bundled models: its id, or ""."""
        self._change(replace(self._settings, language=pack))

    def set_idle_minutes(self, minutes: int) -> None:
        """After how long without a question the model leaves the memory; 0 is never."""
        self._change(replace(self._settings, idle_minutes=minutes))

    def set_mirror(self, address: str) -> None:
        """Where models come from instead of the hub; empty for the hub itself."""
        self._change(replace(self._settings, mirror=address))

    def _change(self, settings: Settings) -> None:
        if settings == self._settings:
            return
        self._settings = settings
        self.changed.emit(settings)
        try:
            save_settings(self._path, settings)
        except OSError as error:
            self.noticed.emit(
                Failed(
                    ErrorKind.UNREADABLE,
                    "Your choice could not be saved and holds until you close the window.",
                    f"Check whether you may write to {self._path.parent} and whether it is full.",
                    str(error),
                )
            )

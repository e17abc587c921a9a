"""The person's settings while the program runs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.conversation import ReferenceMode
from app.core.settings import Settings


class Preferences(QObject):
    """The settings, written back on every change."""

    changed = Signal(object)  # Settings
    noticed = Signal(object)  # Failed: the file could not be written

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        raise NotImplementedError

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        raise NotImplementedError

    def set_reference(self, mode: ReferenceMode) -> None:
        """Whether read text goes with questions from now on."""
        raise NotImplementedError

    def set_model(self, model: str, folder: str = "") -> None:
        """Which model answers: a catalog id, or a checkpoint folder."""
        raise NotImplementedError

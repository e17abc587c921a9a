"""What the Help menu offers."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMainWindow

from app.core.files.private import make_folder
from app.ui.window.toolbar import Actions


class HelpController(QObject):
    """Opens the folder `logs` in the desktop's own way; made first where it is missing."""

    def __init__(self, window: QMainWindow, actions: Actions, logs: Path) -> None:
        super().__init__(window)
        self._logs = logs
        actions.log_folder.triggered.connect(self.open_logs)

    def open_logs(self) -> None:
        """Show the folder with the logs of every process."""
        with contextlib.suppress(OSError):
            make_folder(self._logs)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs)))

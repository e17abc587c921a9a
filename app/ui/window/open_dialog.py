"""The dialog that asks which pictures and documents to open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

_KINDS = (
    "Pictures and documents (*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff *.avif "
    "*.pdf);;"
    "All files (*)"
)


def ask_for_files(parent: QWidget, take: Callable[[list[str]], None]) -> None:
    """Open the dialog; `take` gets the paths, where some are chosen."""
    dialog = QFileDialog(parent, "Open pictures and documents", "", _KINDS)
    dialog.setObjectName("openDialog")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(take)
    dialog.open()

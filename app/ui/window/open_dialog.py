"""The dialog that asks which pictures and documents to open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.ui.window.sizes import WindowSizes

_KINDS = (
    "Pictures and documents (*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff *.avif "
    "*.pdf);;"
    "All files (*)"
)


def ask_for_files(parent: QWidget, sizes: WindowSizes, take: Callable[[list[str]], None]) -> None:
    """Open the dialog where it was left; `take` gets the paths, where some are chosen."""
    places = QStandardPaths.StandardLocation
    folder = sizes.folder("open", places.PicturesLocation, places.DocumentsLocation)
    dialog = QFileDialog(parent, "Open pictures and documents", folder, _KINDS)
    dialog.setObjectName("openDialog")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(take)
    dialog.filesSelected.connect(lambda paths: sizes.keep_folder("open", Path(paths[0]).parent))
    dialog.open()

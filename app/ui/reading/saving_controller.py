"""“Save as…”: where read text is to go, and what became of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMainWindow

from app.core.document import Document, DocumentKind
from app.core.errors import ErrorKind, Failed
from app.core.export import ExportFormat
from app.core.reading import Reading
from app.session.reading.saving import SavedFile, Saving
from app.ui.window.layout import WindowLayout
from app.ui.window.notice_bar import Notice
from app.ui.window.sizes import WindowSizes

_TOLD_SECONDS = 10.0
# Text is written sooner than anybody could read that it is being written.
_PATIENCE_SECONDS = 0.6
_LONGEST_NAME = 100
# What one system or another does not allow in a file's name.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


class SavingController(QObject):
    """Between the panel of read text, the system's dialog for files, and the notices."""

    def __init__(
        self, window: QMainWindow, parts: WindowLayout, saving: Saving, sizes: WindowSizes
    ) -> None:
        super().__init__(window)
        self._window = window
        self._pane = parts.pictures
        self._notices = parts.notices
        self._saving = saving
        self._sizes = sizes
        self._under_way: Notice | None = None
        self._file: SavedFile | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._say_under_way)
        self._pane.panel.offer_formats([(form.value, form.label) for form in ExportFormat])
        self._pane.saveRequested.connect(self._ask_where)
        saving.begun.connect(self._begun)
        saving.saved.connect(self._saved)
        saving.failed.connect(self._failed)
        saving.cancelled.connect(self._ended)

    def _ask_where(self, key: str, reading: Reading) -> None:
        document = self._shown()
        if document is None:
            return
        form = ExportFormat(key)
        folder = self._sizes.folder("save", QStandardPaths.StandardLocation.DocumentsLocation)
        proposed = Path(folder) / f"{_file_stem(document.name)}{form.ending}"
        dialog = QFileDialog(self._window, "Save the text", str(proposed))
        dialog.setObjectName("saveDialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([f"{form.label} (*{form.ending})", "All files (*)"])
        dialog.selectFile(proposed.name)
        dialog.fileSelected.connect(lambda path: self._save(document, reading, form, path))
        dialog.open()

    def _shown(self) -> Document | None:
        """What the text that is to be saved was read from."""
        place, picture = self._pane.pages.place, self._pane.picture
        if place is not None and place.document.pages > 1:
            return place.document
        if picture is None:
            return None
        return Document(picture.sha256, DocumentKind.PICTURE, 1, picture.name)

    def _save(self, document: Document, reading: Reading, form: ExportFormat, chosen: str) -> None:
        path = Path(chosen)
        self._sizes.keep_folder("save", path.parent)
        # The dialog has asked before a file is replaced, though not about the name that
        # becomes of one without an ending; some systems' dialogs would not ask about that either.
        may_replace = path.suffix != ""
        path = path if may_replace else path.with_name(path.name + form.ending)
        self._saving.save(SavedFile(document, reading, form, path, may_replace))

    def _begun(self, file: SavedFile) -> None:
        if self._file is not None:
            self._ended(self._file)
        self._file = file
        self._patience.start(round(1000 * _PATIENCE_SECONDS))

    def _say_under_way(self) -> None:
        if self._file is not None:
            self._under_way = self._notices.say(
                f"Saving {self._file.path.name}…", "Cancel", self._saving.cancel, None
            )

    def _saved(self, file: SavedFile, told: str) -> None:
        self._ended(file)
        folder = QUrl.fromLocalFile(str(file.path.parent))
        self._notices.say(
            told, "Show folder", lambda: QDesktopServices.openUrl(folder), _TOLD_SECONDS
        )

    def _failed(self, file: SavedFile, failed: Failed) -> None:
        self._ended(file)
        if failed.kind is ErrorKind.EXISTS and not file.path.is_dir():
            again = replace(file, replace=True)
            self._notices.say_failed(failed, "Replace", lambda: self._saving.save(again))
        else:
            self._notices.say_failed(failed)

    def _ended(self, file: SavedFile) -> None:
        """The notice of what is under way belongs to one file; another may have begun."""
        if file is not self._file:
            return
        self._file = None
        self._patience.stop()
        # A button of its own may have taken it off already.
        if self._under_way is not None and self._under_way in self._notices.notices:
            self._under_way.leave()
        self._under_way = None


def _file_stem(name: str) -> str:
    """A file's name to propose for the text of what is called `name`."""
    stem = Path(_FORBIDDEN.sub(" ", name)).stem.strip(" .")[:_LONGEST_NAME].strip()
    return stem or "Read text"

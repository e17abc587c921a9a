"""The question whether a language pack may be fetched."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.words.sizes import size
from app.session.reading.languages import LanguageRow
from app.ui.widgets.buttons import text_button


class LanguageDialog(QDialog):
    """Says what is fetched, how much of it, and from where."""

    downloadRequested = Signal(str)  # the pack's id

    def __init__(self, row: LanguageRow, parent: QWidget) -> None:
        super().__init__(parent)
        self._id = row.id
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("languageDialog")
        self.setWindowTitle("Download a language")
        title = QLabel(row.title, self)
        title.setObjectName("dialogTitle")
        self.words = QLabel(
            f"Ocellus can read it with a model of {size(row.size)}, which it fetches from "
            f"{row.host} ({row.licence} licence) and checks. Nothing of yours is sent.",
            self,
        )
        note = QLabel(row.note, self)
        note.setObjectName("quietLabel")
        for label in (title, self.words, note):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.download_button = text_button("Download", self, kind="primary")
        self.download_button.setDefault(True)
        self.download_button.clicked.connect(self._download)
        leave = text_button("Cancel", self)
        leave.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self.download_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        for widget in (title, self.words, note):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.setMinimumWidth(420)
        self.download_button.setFocus()

    def _download(self) -> None:
        self.downloadRequested.emit(self._id)
        self.accept()

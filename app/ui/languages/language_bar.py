"""“Text in: …”, below the read text: the languages that it is read in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from app.core.words.sizes import size
from app.session.reading.languages import Fetching, LanguageRow, Languages
from app.ui.languages.language_dialog import LanguageDialog
from app.ui.widgets.buttons import IconButton, text_button
from app.ui.widgets.theme import Theme

_BESIDE = 48  # What the button needs beside its words, and the bar around it.


class LanguageBar(QFrame):
    """A menu of what is here and of what can be fetched; while something is, how far it is."""

    def __init__(self, theme: Theme, languages: Languages, parent: QWidget) -> None:
        super().__init__(parent)
        self._languages = languages
        self._words = ""
        self.setObjectName("languageBar")
        self.button = IconButton(
            theme, "down", "Choose the languages of the text", self, text=" ", pixels=14
        )
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.button.setMenu(self.menu)
        self.progress = QLabel(self)
        self.progress.setObjectName("statusWords")
        self.progress.setTextFormat(Qt.TextFormat.PlainText)
        self.cancel_button = text_button("Cancel", self, kind="quiet")
        self.cancel_button.setAccessibleName("Cancel the download")
        self.cancel_button.clicked.connect(languages.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 8, 3)
        row.addWidget(self.button)
        row.addWidget(self.progress)
        row.addWidget(self.cancel_button)
        row.addStretch(1)
        languages.changed.connect(self._show)
        languages.fetchingChanged.connect(self._show_fetching)
        self._show()
        self._show_fetching(languages.fetching)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the words within the bar."""
        super().resizeEvent(event)
        self._elide()

    def _show(self, *_rows: object) -> None:
        current = next(row for row in self._languages.rows if row.current)
        self._words = f"Text in: {current.title}"
        self.button.setToolTip(f"{self._words}\n{current.note}")
        self._elide()

    def _show_fetching(self, fetching: Fetching | None) -> None:
        self.button.setVisible(fetching is None)
        self.progress.setVisible(fetching is not None)
        self.cancel_button.setVisible(fetching is not None)
        if fetching is not None:
            self.progress.setText(f"Downloading a language: {100 * fetching.fraction:.0f} %")
            self.progress.setToolTip(fetching.title)

    def _elide(self) -> None:
        room = max(80, self.width() - _BESIDE)
        metrics = self.button.fontMetrics()
        self.button.setText(metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, room))
        self.button.setAccessibleName(self._words)

    def _fill(self) -> None:
        """The menu anew: what is on the disk is asked each time."""
        self.menu.clear()
        here = [row for row in self._languages.rows if row.on_disk]
        for row in here:
            action = self.menu.addAction(row.title, lambda row=row: self._languages.choose(row.id))
            action.setCheckable(True)
            action.setChecked(row.current)
            action.setToolTip(row.note)
        if absent := [row for row in self._languages.rows if not row.on_disk]:
            self.menu.addSeparator()
            self.menu.addAction("To download:").setEnabled(False)
            for row in absent:
                words = f"{row.title} ({size(row.size)})…"
                self.menu.addAction(words, lambda row=row: self._ask(row)).setToolTip(row.note)
        if removable := [row for row in here if row.host]:
            self.menu.addSeparator()
            remove = self.menu.addMenu("Remove")
            for row in removable:
                remove.addAction(row.title, lambda row=row: self._languages.remove(row.id))

    def _ask(self, row: LanguageRow) -> None:
        dialog = LanguageDialog(row, self.window())
        dialog.downloadRequested.connect(self._languages.fetch)
        dialog.open()

"""The text that was read from a picture or a page, beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from app.core.errors import Failed
from app.session.reading.page_text import PageText
from app.ui.reading.read_view import ReadView
from app.ui.widgets.buttons import CopyButton, IconButton
from app.ui.widgets.theme import Theme


class ReadingPanel(QFrame):
    """Read text by its blocks. Lines are told apart by their index in `Reading.lines`."""

    lineHovered = Signal(object)  # int | None, which Qt has no type for
    lineChosen = Signal(object)  # the same
    closed = Signal()
    retryRequested = Signal()
    saveRequested = Signal(str)  # the key of one of the offered formats

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: PageText | None = None
        self._all: Callable[[], str] | None = None
        self.setObjectName("readingPanel")
        self._title = QLabel(self)
        self._title.setObjectName("panelTitle")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._unread = QLabel(self)
        self._unread.setObjectName("panelNote")
        self._unread.setTextFormat(Qt.TextFormat.PlainText)
        self._unread.setWordWrap(True)
        self._unread.setContentsMargins(14, 0, 14, 4)
        self._unread.hide()
        self.text = ReadView(theme, self)
        self.text.lineHovered.connect(self.lineHovered)
        self.text.lineChosen.connect(self.lineChosen)
        self.retry_button = IconButton(theme, "retry", "Read again", self, pixels=16)
        self.retry_button.clicked.connect(self.retryRequested)
        self.copy_button = CopyButton(theme, "Copy the text", self._text, self)
        self.copy_all_button = CopyButton(
            theme,
            "Copy the text of all pages that were read",
            self._text_of_all,
            self,
            text="Copy all pages",
        )
        self.save_button = IconButton(
            theme, "save", "Save the text as a file", self, text="Save as…", pixels=16
        )
        self._formats = QMenu(self)
        self.save_button.setMenu(self._formats)
        self.save_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        close = IconButton(theme, "close", "Close the read text", self, pixels=16)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(14, 6, 8, 2)
        head.addWidget(self._title, 1)
        for button in (
            self.retry_button,
            self.copy_button,
            self.copy_all_button,
            self.save_button,
            close,
        ):
            head.addWidget(button)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._unread)
        column.addWidget(self.text, 1)

    @property
    def title(self) -> str:
        """What its head says."""
        return self._title.text()

    def add_below_head(self, widget: QWidget) -> None:
        """Put a bar between the head and the text."""
        self._column.insertWidget(1, widget)

    def offer_formats(self, formats: Sequence[tuple[str, str]]) -> None:
        """Formats in which the text can be saved, as key and title; none hide the button."""
        self._formats.clear()
        for key, title in formats:
            self._formats.addAction(title, lambda key=key: self.saveRequested.emit(key))
        self._show_buttons()

    def offer_all(self, source: Callable[[], str] | None) -> None:
        """Offer the text of all pages that were read; None for a single picture."""
        self._all = source
        self._show_buttons()

    def show_waiting(self) -> None:
        """The reader is at work."""
        self._show("Reading the text…", "")

    def show_failed(self, failed: Failed) -> None:
        """Reading did not work."""
        self._show(failed.headline, failed.advice)
        self.retry_button.show()

    def show_text(self, page: PageText) -> None:
        """Show this text."""
        missed = sum(one.unread for one in page.reading.pages)
        if not page.lines:
            found = (
                "The text could not be read." if missed else "No text was found in this picture."
            )
            self._show(found, "")
            self._tell_unread(missed)
            return
        count = len(page.reading.rows())
        self._title.setText(f"{count} lines of text" if count > 1 else "1 line of text")
        self._page = page
        self.text.show_text(page)
        self._tell_unread(missed)
        self._show_buttons()

    def mark(self, index: int | None) -> None:
        """Highlight one line's text."""
        self.text.mark(index)

    def _tell_unread(self, count: int) -> None:
        """Say that lines are missing, and where to choose the language that they are in."""
        self._unread.setVisible(count > 0)
        self._unread.setText(
            f"{count} lines could not be read. If they are in another script than Latin or "
            "Chinese, choose their language below, at “Text in”."
        )

    def _show(self, title: str, words: str) -> None:
        self._page = None
        self._unread.hide()
        self._title.setText(title)
        self.text.show_words(words)
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.retry_button.hide()
        self.copy_button.setVisible(self._page is not None)
        self.copy_all_button.setVisible(self._all is not None)
        anything = self._page is not None or self._all is not None
        self.save_button.setVisible(anything and not self._formats.isEmpty())

    def _text(self) -> str:
        return self._page.text if self._page is not None else ""

    def _text_of_all(self) -> str:
        return self._all() if self._all is not None else ""

"""Which page of a document is shown, and how far the reading of all pages is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.session.documents.pages import ReadingProgress
from app.ui.widgets.buttons import IconButton, text_button
from app.ui.widgets.theme import Theme

_MOST_NAMED = 6


class PageBar(QFrame):
    """Page n of m; below it, while pages are read or left unread, how far that is."""

    pageChosen = Signal(int)
    addRequested = Signal()
    cancelRequested = Signal()
    readRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pageBar")
        self.previous_button = IconButton(theme, "left", "Previous page (Page Up)", self, pixels=16)
        self.next_button = IconButton(theme, "right", "Next page (Page Down)", self, pixels=16)
        self.previous_button.clicked.connect(lambda: self.pageChosen.emit(self.number.value() - 1))
        self.next_button.clicked.connect(lambda: self.pageChosen.emit(self.number.value() + 1))
        self.number = QSpinBox(self)
        self.number.setObjectName("pageNumber")
        self.number.setAccessibleName("Page")
        self.number.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.number.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.number.setKeyboardTracking(False)
        self.number.lineEdit().setAcceptDrops(False)
        self.number.valueChanged.connect(self.pageChosen)
        self._count = QLabel(self)
        self._count.setObjectName("quietLabel")
        self.add_button = IconButton(
            theme, "add", "Send this page with the next question", self, text="Ask", pixels=16
        )
        self.add_button.clicked.connect(self.addRequested)
        self._words = QLabel(self)
        self._words.setObjectName("quietLabel")
        self._words.setWordWrap(True)
        self._words.setAccessibleName("Pages read")
        self._progress = QProgressBar(self)
        self._progress.setObjectName("progress")
        self._progress.setAccessibleName("Pages read")
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(QSize(72, 6))
        self.cancel_button = text_button("Cancel", self, kind="quiet")
        self.cancel_button.clicked.connect(self.cancelRequested)
        self.read_button = text_button("Read the rest", self, kind="quiet")
        self.read_button.clicked.connect(self.readRequested)
        self._build()
        self.hide()

    @property
    def words(self) -> str:
        """What it says about the reading."""
        return self._words.text() if not self._below.isHidden() else ""

    def show_page(self, page: int, count: int) -> None:
        """Show that this page, counted from 1, is on the screen."""
        self.number.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.number.setRange(1, count)
        self.number.setValue(page)
        self.number.blockSignals(False)  # noqa: FBT003
        self._count.setText(f"of {count}")
        self.previous_button.setEnabled(page > 1)
        self.next_button.setEnabled(page < count)
        self.show()

    def show_asked(self, *, asked: bool) -> None:
        """Say on the button when a question would not be about the page on the screen."""
        self.add_button.setText("Ask" if asked else f"Ask about page {self.number.value()}")
        self.add_button.draw("add", "muted" if asked else "accent")

    def show_progress(self, progress: ReadingProgress, *, wanted: bool) -> None:
        """Show how far the reading is, where its text is `wanted` on the screen."""
        whole = progress.done >= progress.total
        self._words.setText(_words(progress))
        self._progress.setRange(0, progress.total)
        self._progress.setValue(progress.done)
        self._progress.setVisible(progress.running)
        self.cancel_button.setVisible(progress.running)
        self.read_button.setVisible(not progress.running and not whole)
        left = progress.total - progress.done
        self.read_button.setToolTip(f"Read {left} more {'page' if left == 1 else 'pages'}")
        worth = not whole or bool(progress.unreadable)
        self._below.setVisible(wanted and progress.total > 1 and worth)

    def _build(self) -> None:
        above = QHBoxLayout()
        above.setContentsMargins(8, 3, 8, 3)
        above.setSpacing(4)
        for widget in (self.previous_button, self.number, self._count, self.next_button):
            above.addWidget(widget)
        above.addStretch(1)
        above.addWidget(self.add_button)
        self._below = QWidget(self)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(14, 0, 8, 4)
        below.setSpacing(8)
        below.addWidget(self._words, 1)
        below.addWidget(self._progress)
        below.addWidget(self.cancel_button)
        below.addWidget(self.read_button)
        self._below.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self._below)


def _words(progress: ReadingProgress) -> str:
    words = f"{progress.done} of {progress.total} pages read"
    if progress.running and progress.seconds_left is not None:
        words += f" · {time_left(progress.seconds_left)}"
    if progress.unreadable:
        named = ", ".join(map(str, progress.unreadable[:_MOST_NAMED]))
        more = len(progress.unreadable) - _MOST_NAMED
        named += f" and {more} more" if more > 0 else ""
        one = len(progress.unreadable) == 1
        words += f" · {'page' if one else 'pages'} {named} could not be read"
    return words


def time_left(seconds: float) -> str:
    """The time that is left, no more exact than it can be."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 55:
        return f"about {round(seconds / 10) * 10} seconds left"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'} left"
    hours = round(minutes / 60)
    return f"about {hours} {'hour' if hours == 1 else 'hours'} left"

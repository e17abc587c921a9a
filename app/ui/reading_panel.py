"""The text that was read from a picture, beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import Failed
from app.core.reading import Reading
from app.core.text import clean
from app.ui.buttons import CopyButton, IconButton
from app.ui.theme import Theme


class ReadingPanel(QFrame):
    """Read text in rows. Lines are told apart by their index in `Reading.lines`."""

    lineChosen = Signal(object)  # int | None
    closed = Signal()
    retryRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._reading: Reading | None = None
        self._spans: list[tuple[int, int]] = []
        self.setObjectName("readingPanel")
        self._title = QLabel(self)
        self._title.setObjectName("panelTitle")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._text = _ReadText(self)
        self._text.pointed.connect(self._point_at)
        self.retry_button = IconButton(theme, "retry", "Read again", self, pixels=16)
        self.retry_button.clicked.connect(self.retryRequested)
        self.copy_button = CopyButton(theme, "Copy the text", self._all_text, self)
        close = IconButton(theme, "close", "Close the read text", self, pixels=16)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(14, 6, 8, 2)
        head.addWidget(self._title, 1)
        head.addWidget(self.retry_button)
        head.addWidget(self.copy_button)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._text, 1)

    @property
    def title(self) -> str:
        """What its head says."""
        return self._title.text()

    def show_waiting(self) -> None:
        """The reader is at work."""
        self._show("Reading the text…", "")

    def show_failed(self, failed: Failed) -> None:
        """Reading did not work."""
        self._show(failed.headline, failed.advice)
        self.retry_button.show()

    def show_reading(self, reading: Reading) -> None:
        """Show the rows of `reading`."""
        rows = reading.rows()
        count = len(rows)
        if not rows:
            self._show("No text was found in this picture.", "")
            return
        self._show(f"{count} lines of text" if count > 1 else "1 line of text", "\n".join(rows))
        self._reading = reading
        self._spans = _spans(reading, rows)
        self.copy_button.show()

    def mark(self, index: int | None) -> None:
        """Highlight one line's text."""
        selections: list[QTextEdit.ExtraSelection] = []
        if index is not None and index < len(self._spans):
            begin, end = self._spans[index]
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self._text.document())
            cursor.setPosition(begin)
            place = QTextCursor(cursor)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            shape = QTextCharFormat()
            color = self._theme.color("mark")
            color.setAlphaF(0.35)
            shape.setBackground(color)
            selection.cursor, selection.format = cursor, shape
            selections.append(selection)
            if not self._text.rect().contains(self._text.cursorRect(place)):
                self._text.setTextCursor(place)
        self._text.setExtraSelections(selections)

    def _show(self, title: str, text: str) -> None:
        self._reading, self._spans = None, []
        self._title.setText(title)
        self._text.setExtraSelections([])
        self._text.setPlainText(text)
        self.copy_button.hide()
        self.retry_button.hide()

    def _all_text(self) -> str:
        return clean(self._reading.text) if self._reading is not None else ""

    def _point_at(self, position: int) -> None:
        for index, (begin, end) in enumerate(self._spans):
            if begin <= position <= end:
                self.mark(index)
                self.lineChosen.emit(index)
                return
        self.mark(None)
        self.lineChosen.emit(None)


class _ReadText(QPlainTextEdit):
    pointed = Signal(int)  # position in the text, by a click or by the keyboard

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("readText")
        self.setAccessibleName("Text read from the picture")
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(12)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if not self.textCursor().hasSelection():
            self.pointed.emit(self.cursorForPosition(event.position().toPoint()).position())

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.KeyRelease and not self.textCursor().hasSelection():
            self.pointed.emit(self.textCursor().position())
        return done


def _spans(reading: Reading, rows: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where each line stands in the joined rows, in QTextDocument's positions (UTF-16 units).

    `Reading.rows` joins neighbouring lines by two spaces; walking along both
    finds them again.
    """
    spans: list[tuple[int, int]] = []
    lines = iter(reading.lines)
    start = 0
    for row in rows:
        used = 0
        while used < max(1, len(row)):
            line = next(lines)
            begin = start + _units(row[:used])
            spans.append((begin, begin + _units(line.text)))
            used += len(line.text) + 2
        start += _units(row) + 1
    return spans


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

"""A block of code with its language and a copy button."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QResizeEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.core.text import clean
from app.ui.buttons import CopyButton
from app.ui.theme import Theme


class CodeBlock(QFrame):
    """Code in a fixed-pitch type, unwrapped, as tall as its lines."""

    phraseSelected = Signal(str)  # empty when nothing is selected any more

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("codeBlock")
        self._language = QLabel(self)
        self._language.setObjectName("codeLanguage")
        self._language.setTextFormat(Qt.TextFormat.PlainText)
        self._text = _CodeText(self)
        self._text.selectionChanged.connect(
            lambda: self.phraseSelected.emit(self._text.textCursor().selectedText())
        )
        self.copy_button = CopyButton(theme, "Copy code", self.code, self)
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 6, 0)
        head.addWidget(self._language, 1)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._text)

    def code(self) -> str:
        """The code as it would be copied."""
        return self._text.toPlainText()

    def show_code(self, code: str, language: str) -> None:
        """Show `code`; what is there already is kept and only the rest appended."""
        self._language.setText(language or "code")
        self._text.show_text(clean(code))


class _CodeText(QPlainTextEdit):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("codeText")
        self.setAccessibleName("Code")
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.setViewportMargins(12, 4, 12, 10)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF())
        self.setFont(font)
        self.horizontalScrollBar().rangeChanged.connect(self._fit)
        self._shown = ""

    def show_text(self, text: str) -> None:
        if text.startswith(self._shown):
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(self._shown) :])
        else:
            self.setPlainText(text)
        self._shown = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._fit)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Sideways here; up and down is the conversation's."""
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()

    def _fit(self, *_range: int) -> None:
        margins = self.viewportMargins()
        bar = self.horizontalScrollBar()
        below = bar.sizeHint().height() if bar.maximum() > 0 else 0
        lines = self.blockCount() * self.fontMetrics().lineSpacing()
        self.setFixedHeight(math.ceil(lines) + margins.top() + margins.bottom() + below + 2)

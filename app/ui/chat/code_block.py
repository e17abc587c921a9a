"""A block of code with its language and a copy button."""

from __future__ import annotations

import math
from itertools import pairwise

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QResizeEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.core.cleaning import clean
from app.ui.widgets.buttons import CopyButton
from app.ui.widgets.theme import Theme

_LONGEST_LINE = 2000
# The state of a line that begins where the one before it was too long.
_CONTINUED = 1


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
        return self._text.text

    def lay_out_for(self, width: int) -> None:
        """Code is laid out the same at any width."""

    def show_code(self, code: str, language: str, part: int = 0) -> None:
        """Show `code` after what was given as the parts before this one.

        What is there already is kept and only the rest appended.
        """
        self._language.setText(language or "code")
        self._text.show_part(clean(code), part)


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
        self._parts: list[str] = []
        self._column = 0

    @property
    def text(self) -> str:
        """All parts, without the breaks of long lines."""
        text = "".join(self._parts)
        # The part after a line break turned out to be the closing fence.
        return text if self._parts[-1:] != [""] else text.removesuffix("\n")

    def show_part(self, text: str, part: int) -> None:
        is_last = part >= len(self._parts) - 1
        before = self._parts[part] if part < len(self._parts) else ""
        self._parts[part:] = [text, *self._parts[part + 1 :]]
        if is_last and text.startswith(before):
            self._append(text[len(before) :])
        else:
            self.clear()
            self._column = 0
            self._append(self.text)
        self._fit()

    def createMimeDataFromSelection(self) -> QMimeData:
        """The selected code without the breaks that it is only shown with."""
        cursor = self.textCursor()
        text = cursor.selectedText()
        block = self.document().findBlock(cursor.selectionStart()).next()
        breaks: list[int] = []
        while block.isValid() and block.position() <= cursor.selectionEnd():
            if block.userState() == _CONTINUED:
                breaks.append(block.position() - 1 - cursor.selectionStart())
            block = block.next()
        units = text.encode("utf-16-le", "surrogatepass")
        kept = [units[2 * (a + 1) : 2 * b] for a, b in pairwise([-1, *breaks, len(units) // 2])]
        found = QMimeData()
        plain = b"".join(kept).decode("utf-16-le", "surrogatepass")
        found.setText(plain.replace("\u2029", "\n"))
        return found

    def _append(self, text: str) -> None:
        """Add text at the end, in lines of a bounded length: one line is laid out at once."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for number, line in enumerate(text.split("\n")):
            if number:
                cursor.insertText("\n")
                self._column = 0
            left = line
            while self._column + len(left) > _LONGEST_LINE:
                room = _LONGEST_LINE - self._column
                cursor.insertText(left[:room])
                cursor.insertBlock()
                cursor.block().setUserState(_CONTINUED)
                left, self._column = left[room:], 0
            cursor.insertText(left)
            self._column += len(left)
        cursor.endEditBlock()

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

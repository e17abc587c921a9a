"""The read text of a page on the screen, its lines linked with the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from app.core.reading import Block
from app.session.page_text import PageText
from app.ui.buttons import CopyButton
from app.ui.read_text import ReadDocument, read_document
from app.ui.table_clipboard import table_mime
from app.ui.theme import Theme


class ReadView(QTextEdit):
    """Shows a `PageText` by its blocks. Lines are told apart by their index."""

    lineHovered = Signal(object)  # int | None
    lineChosen = Signal(object)  # int | None, by a click or by the keyboard

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._page: PageText | None = None
        self._read: ReadDocument | None = None
        self._hovered: int | None = None
        self.table_buttons: list[CopyButton] = []
        self.setObjectName("readText")
        self.setAccessibleName("Text read from the picture")
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.viewport().setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(12)
        self._place_soon = QTimer(self)
        self._place_soon.setSingleShot(True)
        self._place_soon.timeout.connect(self._place_buttons)
        self.verticalScrollBar().valueChanged.connect(self._place_buttons)
        self.horizontalScrollBar().valueChanged.connect(self._place_buttons)
        theme.changed.connect(self._theme_changed)

    def show_words(self, words: str) -> None:
        """A sentence instead of a text."""
        self._page, self._read = None, None
        self._adopt(QTextDocument(self))
        self.document().setDocumentMargin(12)
        self.setPlainText(words)

    def show_text(self, page: PageText) -> None:
        """This text."""
        self._page = page
        self._read = read_document(page, self, self.font(), self._theme)
        self._adopt(self._read.document)
        for _table, block in self._read.tables:
            self._add_button(block)
        self._place_soon.start(0)

    def mark(self, index: int | None) -> None:
        """Highlight one line's text and bring it into view."""
        selections: list[QTextEdit.ExtraSelection] = []
        span = self._read.spans.get(index) if self._read is not None and index is not None else None
        if span is not None:
            cursor = QTextCursor(self.document())
            cursor.setPosition(span[0])
            place = QTextCursor(cursor)
            cursor.setPosition(span[1], QTextCursor.MoveMode.KeepAnchor)
            shape = QTextCharFormat()
            color = self._theme.color("mark")
            color.setAlphaF(0.35)
            shape.setBackground(color)
            selection = QTextEdit.ExtraSelection()
            # The stubs leave these two members out.
            selection.cursor, selection.format = cursor, shape  # type: ignore[attr-defined]
            selections.append(selection)
            if not self.viewport().rect().contains(self.cursorRect(place)):
                self._scroll_to(place)
        self.setExtraSelections(selections)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which line is below the pointer."""
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._hover(self._line_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a selection chooses the line."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self._choose(self._line_at(event.position().toPoint()))

    def event(self, event: QEvent) -> bool:
        """The keyboard chooses lines too; a new type needs a new document."""
        done = super().event(event)
        if event.type() is QEvent.Type.KeyRelease and not self.textCursor().hasSelection():
            read, position = self._read, self.textCursor().position()
            self._choose(read.line_at(position) if read is not None else None)
        elif event.type() is QEvent.Type.Leave:
            self._hover(None)
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the tables' buttons where the tables are."""
        super().resizeEvent(event)
        self._place_soon.start(0)

    def _line_at(self, point: QPoint) -> int | None:
        if self._read is None:
            return None
        cursor = self.cursorForPosition(point)
        # The nearest character may be far from the pointer.
        near = self.cursorRect(cursor).adjusted(-40, -4, 40, 4)
        return self._read.line_at(cursor.position()) if near.contains(point) else None

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.lineHovered.emit(index)

    def _choose(self, index: int | None) -> None:
        self.mark(index)
        self.lineChosen.emit(index)

    def _scroll_to(self, place: QTextCursor) -> None:
        bar = self.verticalScrollBar()
        rect = self.cursorRect(place)
        bar.setValue(bar.value() + rect.center().y() - self.viewport().height() // 2)

    def _adopt(self, document: QTextDocument) -> None:
        for button in self.table_buttons:
            button.hide()
            button.deleteLater()
        self.table_buttons = []
        self.setExtraSelections([])
        self._hovered = None
        # The one before is a child of this and goes with it.
        self.setDocument(document)

    def _add_button(self, block: Block) -> None:
        button = CopyButton(
            self._theme, "Copy table", lambda: table_mime(block), self.viewport(), text="Copy table"
        )
        button.setObjectName("tableButton")
        self.table_buttons.append(button)
        button.show()

    def _place_buttons(self) -> None:
        if self._read is None:
            return
        for (table, _block), button in zip(self._read.tables, self.table_buttons, strict=False):
            # The table's own bounding rectangle leaves its margins out of the account.
            first = self.cursorRect(table.cellAt(0, 0).firstCursorPosition()).topLeft()
            inset = round(table.format().toTableFormat().cellPadding()) + 1
            button.adjustSize()
            button.move(first - QPoint(inset, inset + button.height() + 4))

    def _theme_changed(self) -> None:
        if self._page is not None:
            self.show_text(self._page)

"""The read text of a page on the screen, its lines linked with the picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from app.core.reading import Block
from app.session.reading.page_text import PageText
from app.text.choices import Mark
from app.ui.reading.read_text import ReadTextDocument, read_document
from app.ui.reading.table_clipboard import table_mime
from app.ui.widgets.buttons import CopyButton
from app.ui.widgets.soon import Soon
from app.ui.widgets.theme import Theme

# A rectangle around words that go over the end of a row holds their first edge alone.
_NARROW = 8


class ReadView(QTextEdit):
    """Shows a `PageText` by its blocks. Lines are told apart by their index."""

    lineHovered = Signal(object)  # int | None, which Qt has no type for
    lineChosen = Signal(object)  # the same, by a click or by the keyboard
    markClicked = Signal(int)  # a place where two readings differ

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._page: PageText | None = None
        self._read: ReadTextDocument | None = None
        self._hovered: int | None = None
        self._marked: int | None = None
        self._marks: tuple[Mark, ...] = ()
        self._current_mark: int | None = None
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
        self._place_soon = Soon(self, self._place_buttons)
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
        """This text; the same lines with other words in them stay where they are."""
        before, bar = self._page, self.verticalScrollBar()
        places = [line.box for line in before.lines] if before is not None else []
        is_same = places == [line.box for line in page.lines]
        scrolled = bar.value() if is_same else 0
        self._page = page
        self._read = read_document(page, self, self.font(), self._theme)
        self._adopt(self._read.document)
        for _table, block in self._read.tables:
            self._add_button(block)
        self._select()
        bar.setValue(scrolled)
        self._place_soon.ask()

    def show_marks(self, marks: Sequence[Mark], current: int | None) -> None:
        """Show where two readings differ, one of these places more."""
        self._marks, self._current_mark = tuple(marks), current
        self._select()

    def mark_rect(self, at: int) -> QRect:
        """Where a difference is on the screen."""
        cursor = self._cursor_of(self._marks[at]) if at < len(self._marks) else None
        if cursor is None:
            return QRect(self.viewport().mapToGlobal(QPoint(0, 0)), self.viewport().size())
        end = self.cursorRect(cursor)
        cursor.setPosition(cursor.selectionStart())
        rect = self.cursorRect(cursor)
        if end.top() == rect.top():
            rect = rect.united(end)
        return QRect(self.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def reveal_mark(self, at: int) -> None:
        """Bring a difference into view."""
        cursor = self._cursor_of(self._marks[at]) if at < len(self._marks) else None
        if cursor is not None and not self.viewport().rect().contains(self.cursorRect(cursor)):
            self._scroll_to(cursor)

    def mark(self, index: int | None) -> None:
        """Highlight one line's text and bring it into view."""
        self._marked = index
        self._select()
        span = self._read.spans.get(index) if self._read is not None and index is not None else None
        if span is not None:
            place = QTextCursor(self.document())
            place.setPosition(span[0])
            if not self.viewport().rect().contains(self.cursorRect(place)):
                self._scroll_to(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which line is below the pointer."""
        super().mouseMoveEvent(event)
        if not event.buttons():
            place = event.position().toPoint()
            self._hover(self._line_at(place))
            over = self._mark_at(place) is not None
            shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.IBeamCursor
            self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a selection chooses the line."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            place = event.position().toPoint()
            self._choose(self._line_at(place))
            if (at := self._mark_at(place)) is not None:
                self.markClicked.emit(at)

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
        self._place_soon.ask()

    def _line_at(self, point: QPoint) -> int | None:
        if self._read is None:
            return None
        cursor = self.cursorForPosition(point)
        # The nearest character may be far from the pointer.
        near = self.cursorRect(cursor).adjusted(-40, -4, 40, 4)
        return self._read.line_at(cursor.position()) if near.contains(point) else None

    def _mark_at(self, point: QPoint) -> int | None:
        """The difference whose words are below this point."""
        position = self.cursorForPosition(point).position()
        for at, mark in enumerate(self._marks):
            cursor = self._cursor_of(mark)
            if cursor is None or not cursor.selectionStart() <= position <= cursor.selectionEnd():
                continue
            # The nearest character may be far from the pointer; words over two rows are not asked.
            place = self.mark_rect(at).adjusted(-2, -2, 2, 2)
            if place.contains(self.viewport().mapToGlobal(point)) or place.width() < _NARROW:
                return at
        return None

    def _cursor_of(self, mark: Mark) -> QTextCursor | None:
        """A cursor with the words of this difference selected."""
        if self._read is None or self._page is None or mark.line not in self._read.spans:
            return None
        text = self._page.reading.lines[mark.line].text
        begin = self._read.spans[mark.line][0]
        cursor = QTextCursor(self.document())
        cursor.setPosition(begin + units(text[: mark.begin]))
        end = min(begin + units(text[: mark.end]), self._read.spans[mark.line][1])
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _select(self) -> None:
        """Paint the line that is marked and the differences."""
        selections: list[QTextEdit.ExtraSelection] = []
        span = None
        if self._read is not None and self._marked is not None:
            span = self._read.spans.get(self._marked)
        if span is not None:
            cursor = QTextCursor(self.document())
            cursor.setPosition(span[0])
            cursor.setPosition(span[1], QTextCursor.MoveMode.KeepAnchor)
            shape = QTextCharFormat()
            shape.setBackground(self._tint("mark", 0.35))
            selections.append(_selection(cursor, shape))
        for at, mark in enumerate(self._marks):
            cursor = self._cursor_of(mark)
            if cursor is None:
                continue
            shape = QTextCharFormat()
            shape.setFontUnderline(True)
            shape.setUnderlineColor(self._theme.color("differs_text"))
            if at == self._current_mark:
                shape.setBackground(self._tint("differs_text", 0.4))
            elif mark.chosen is None:
                shape.setBackground(self._tint("differs_text", 0.2))
            selections.append(_selection(cursor, shape))
        self.setExtraSelections(selections)

    def _tint(self, name: str, alpha: float) -> QColor:
        color = self._theme.color(name)
        color.setAlphaF(alpha)
        return color

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
        self._hovered = self._marked = None
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
            if isinstance(table, int):
                cursor, inset = QTextCursor(self.document()), 0
                cursor.setPosition(table)
            else:
                # The table's own bounding rectangle leaves its margins out of the account.
                cursor = table.cellAt(0, 0).firstCursorPosition()
                inset = round(table.format().toTableFormat().cellPadding()) + 1
            first = self.cursorRect(cursor).topLeft()
            button.adjustSize()
            button.move(first - QPoint(inset, inset + button.height() + 4))

    def _theme_changed(self) -> None:
        if self._page is not None:
            self.show_text(self._page)


def units(text: str) -> int:
    """How many positions of a QTextDocument this text takes: those beyond 16 bits take two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _selection(cursor: QTextCursor, shape: QTextCharFormat) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    # The stubs leave these two members out.
    selection.cursor, selection.format = cursor, shape  # type: ignore[attr-defined]
    return selection

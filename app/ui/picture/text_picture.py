"""A picture whose text can be selected, found and copied where it stands."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app.session.reading.page_text import PageText
from app.text.choices import Mark
from app.ui.picture.doubt import doubt
from app.ui.picture.overlay import Span, TextOverlay
from app.ui.picture.picture_menu import picture_menu
from app.ui.picture.picture_view import PictureView
from app.ui.picture.text_selection import TextSelection, Unit
from app.ui.widgets.theme import Theme

_KEYS = (
    QKeySequence.StandardKey.SelectAll,
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cancel,
)
# How far off the view the pointer pulls the picture along, of each point that it is outside.
_PULL = 0.25


class TextPicture(PictureView):
    """Over text the left button selects; elsewhere, or with the space bar, it moves the picture."""

    lineHovered = Signal(object)  # int | None, which Qt has no type for
    lineClicked = Signal(int)
    markClicked = Signal(int)  # a place where two readings differ
    askRequested = Signal(str)
    findLeft = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._overlay = TextOverlay(theme)
        self.selection = TextSelection()
        self._selecting = False
        self._pressed_at = QPointF()
        self._space = False
        self._double = (-1.0, QPointF())

    @property
    def overlay(self) -> TextOverlay:
        """What is drawn over the picture; it is changed by the methods below."""
        return self._overlay

    def show_text(self, page: PageText | None, *, boxes: bool) -> None:
        """This is the picture's text; `boxes` shows its lines."""
        if page is not self.selection.page:
            self.selection.show(page)
            self._overlay.show(page)
            self._selecting = False
        self._overlay.boxes = boxes
        self._show_selection()

    def mark_line(self, index: int | None) -> None:
        """Make one line stand out, and bring it into view."""
        self.hint_line(index)
        if index is not None:
            self.reveal(self._overlay.box(index))

    def hint_line(self, index: int | None) -> None:
        """Make one line stand out where it is."""
        self._overlay.marked = index
        self.update()

    def show_matches(self, matches: list[Span], current: int | None) -> None:
        """Light these up, one of them more, which comes into view."""
        self._overlay.matches, self._overlay.current = matches, current
        if current is not None:
            self.reveal(self._overlay.bounds(matches[current]))
        self.update()

    def light_up(self, spans: list[Span]) -> None:
        """Light these up, and bring the first into view."""
        self._overlay.lit = spans
        if spans:
            self.reveal(self._overlay.bounds(spans[0]))
        self.update()

    def show_marks(self, marks: Sequence[Mark], current: int | None) -> None:
        """Show where two readings differ, one of these places more."""
        self._overlay.show_marks(marks)
        self._overlay.current_mark = current
        self.update()

    def mark_bounds(self, at: int) -> QRectF:
        """Around the words of a difference, in the picture's pixels."""
        return self._overlay.mark_bounds(at)

    def mark_rect(self, at: int) -> QRect:
        """Where a difference is on the screen."""
        shape = self.to_view().mapRect(self.mark_bounds(at)).toAlignedRect()
        return QRect(self.mapToGlobal(shape.topLeft()), shape.size())

    def reveal_mark(self, at: int) -> None:
        """Bring a difference into view."""
        self.reveal(self.mark_bounds(at))

    def copy(self) -> None:
        """Put the selected text onto the clipboard, if there is any."""
        if self.selection.text:
            QGuiApplication.clipboard().setText(self.selection.text)

    def paint_over(self, painter: QPainter) -> None:
        """Draw the text's marks."""
        self._overlay.paint(painter, self.to_view(), QRectF(self.rect()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to select on text; hold the picture elsewhere."""
        self._pressed_at = event.position()
        page = self.selection.page
        left = event.button() is Qt.MouseButton.LeftButton
        if not left or page is None or self._space or not self._over_text(event.position()):
            super().mousePressEvent(event)
            return
        position = self._position_at(event.position())
        moment, place = self._double
        near = (event.position() - place).manhattanLength() < QApplication.startDragDistance()
        if near and 1000 * (time.monotonic() - moment) < QApplication.doubleClickInterval():
            self.selection.begin(position, Unit.ROW)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.selection.text:
            self.selection.extend(position)
        else:
            self.selection.begin(position)
        self._selecting = True
        self._show_selection()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select up to the pointer, move the picture, or mark the line below the pointer."""
        if self._selecting:
            self._pull_along(event.position())
            self.selection.extend(self._position_at(event.position()))
            self._show_selection()
        elif self._held is not None:
            super().mouseMoveEvent(event)
        else:
            self._hover(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; without a move it was a click, on a line perhaps."""
        moved = (event.position() - self._pressed_at).manhattanLength() > 4
        if event.button() is Qt.MouseButton.LeftButton and not moved and not self._space:
            line = self._line_at(event.position())
            if not self._selecting:
                self.selection.clear()
                self._show_selection()
            elif (at := self._overlay.mark_at(self._in_picture(event.position()))) is not None:
                self.markClicked.emit(at)
            elif line is not None:
                self.lineClicked.emit(line)
        self._selecting = False
        super().mouseReleaseEvent(event)
        self._show_cursor(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A word on text; elsewhere between fitted and its own pixels."""
        if event.button() is Qt.MouseButton.LeftButton and self._over_text(event.position()):
            self._double = (time.monotonic(), event.position())
            self.selection.begin(self._position_at(event.position()), Unit.WORD)
            self._selecting = True
            self._show_selection()
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the text."""
        page = self.selection.page
        if page is None or not page.lines:
            return
        point = self._in_picture(QPointF(event.pos()))
        block = page.block_at(point.x(), point.y())
        menu = picture_menu(self, page, self.selection.text, block, self.askRequested.emit)
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select all, copy, let go of the selection; with Shift, left and right change it."""
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        shifted = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.selection.select_all()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Escape and self.selection.text:
            self.selection.clear()
        elif event.key() == Qt.Key.Key_Escape and self._overlay.matches:
            self.findLeft.emit()
        elif by and shifted and self.selection.text:
            self.selection.step(by)
        elif event.key() == Qt.Key.Key_Space:
            self._hold_space(held=True)
        else:
            super().keyPressEvent(event)
        self._show_selection()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The space bar is let go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._hold_space(held=False)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys that go up elsewhere are not heard here."""
        self._hold_space(held=False)
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Esc while something is selected; forget the line when the pointer leaves."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            marks = self.selection.text or self._overlay.matches
            if any(event.matches(key) for key in _KEYS[:2]) or (event.matches(_KEYS[2]) and marks):
                event.accept()
                return True
        elif event.type() is QEvent.Type.Leave:
            self.hint_line(None)
            self.lineHovered.emit(None)
        return super().event(event)

    def _hold_space(self, *, held: bool) -> None:
        if held != self._space:
            self._space = held
            self._show_cursor(QPointF(self.mapFromGlobal(self.cursor().pos())))

    def _hover(self, event: QMouseEvent) -> None:
        self._show_cursor(event.position())
        if not self._overlay.boxes:
            return
        index = self._line_at(event.position())
        if index != self._overlay.marked:
            self.hint_line(index)
            self.lineHovered.emit(index)
        piece = self._overlay.unsure_at(self._in_picture(event.position()))
        page = self.selection.page
        if piece is None or page is None:
            QToolTip.hideText()
            return
        words = page.text[piece.begin : piece.end]
        # Tooltips are rich text by guess, and a picture may say anything.
        tip = f"<qt>{escape(doubt(words, piece.confidence, self._overlay.is_measured))}</qt>"
        QToolTip.showText(event.globalPosition().toPoint(), tip, self)

    def _show_cursor(self, position: QPointF) -> None:
        if self._space:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif not self._selecting and self._overlay.mark_at(self._in_picture(position)) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif self._selecting or self._over_text(position):
            self.setCursor(Qt.CursorShape.IBeamCursor)
        else:
            self.unsetCursor()

    def _show_selection(self) -> None:
        self._overlay.selected = self.selection.span
        self.update()

    def _pull_along(self, position: QPointF) -> None:
        inside = QRectF(self.rect())
        over = QPointF(
            min(0.0, position.x()) + max(0.0, position.x() - inside.right()),
            min(0.0, position.y()) + max(0.0, position.y() - inside.bottom()),
        )
        if not over.isNull():
            self._move_by(over * -_PULL)

    def _in_picture(self, position: QPointF) -> QPointF:
        inverse, possible = self.to_view().inverted()
        return inverse.map(position) if possible else QPointF(-1, -1)

    def _position_at(self, position: QPointF) -> int:
        point = self._in_picture(position)
        page = self.selection.page
        return page.position_at(point.x(), point.y()) if page is not None else 0

    def _line_at(self, position: QPointF) -> int | None:
        point = self._in_picture(position)
        page = self.selection.page
        line = page.line_at(point.x(), point.y()) if page is not None else None
        return line.index if line is not None else None

    def _over_text(self, position: QPointF) -> bool:
        return self._line_at(position) is not None

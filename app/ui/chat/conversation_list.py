"""The conversations kept on this machine."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app.archive.archive import ConversationRow
from app.ui.chat.bin_button import BinButton, when
from app.ui.chat.conversation_row import RowButton, RowPainter, button_at
from app.ui.widgets.buttons import text_button
from app.ui.widgets.theme import Theme

ROW = Qt.ItemDataRole.UserRole
WHEN = Qt.ItemDataRole.UserRole + 1


class ConversationList(QFrame):
    """Opens, renames in place and deletes; what is deleted comes back through Undo."""

    openRequested = Signal(int)
    renameRequested = Signal(int, str)
    deleteRequested = Signal(int)
    newRequested = Signal()
    restoreRequested = Signal(int)
    emptyRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._current: int | None = None
        # What came while a title was being typed: other rows would take the field away.
        self._waiting: list[ConversationRow] | None = None
        self.setObjectName("sidebar")
        title = QLabel("Conversations", self)
        title.setObjectName("panelTitle")
        self.new_button = text_button("New", self, kind="quiet")
        self.new_button.setIcon(theme.icon("new", "accent"))
        self.new_button.setToolTip("New conversation (Ctrl+N)")
        self.new_button.setAccessibleName("New conversation")
        self.new_button.clicked.connect(self.newRequested)
        theme.changed.connect(lambda: self.new_button.setIcon(self._theme.icon("new", "accent")))
        self.list = _Rows(self)
        self.list.setItemDelegate(painter := RowPainter(theme, self.list))
        painter.closeEditor.connect(self._show_waiting_soon)
        self.list.renamePressed.connect(self._rename)
        self.list.deletePressed.connect(self.deleteRequested)
        self.list.itemClicked.connect(self._open)
        self.list.itemActivated.connect(self._open)
        self.list.itemChanged.connect(self._renamed)
        self.list.customContextMenuRequested.connect(self._menu)
        self.bin = BinButton(theme, self)
        self.bin.restoreRequested.connect(self.restoreRequested)
        self.bin.emptyRequested.connect(self.emptyRequested)
        self._none = QLabel("Your conversations will be listed here.", self)
        self._none.setObjectName("quietLabel")
        self._none.setWordWrap(True)
        self._none.setContentsMargins(16, 6, 16, 0)
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 8, 4)
        head.addWidget(title, 1)
        head.addWidget(self.new_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._none)
        column.addWidget(self.list, 1)
        column.addWidget(self.bin, 0, Qt.AlignmentFlag.AlignLeft)

    def show_rows(self, rows: list[ConversationRow]) -> None:
        """Show these, newest first; once a title that is being typed is finished."""
        if self.list.is_editing:
            self._waiting = rows
            return
        self.list.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(row.title or "Draft")
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setData(ROW, row.id)
            item.setData(WHEN, when(row.updated))
            self.list.addItem(item)
        self.list.blockSignals(False)  # noqa: FBT003
        self._none.setVisible(not rows)
        self.mark(self._current)

    def mark(self, conversation_id: int | None) -> None:
        """Show which one is open."""
        self._current = conversation_id
        if self.list.is_editing:
            return
        self.list.blockSignals(True)  # noqa: FBT003
        self.list.setCurrentRow(-1)
        for place in range(self.list.count()):
            if self.list.item(place).data(ROW) == conversation_id:
                self.list.setCurrentRow(place)
        self.list.blockSignals(False)  # noqa: FBT003

    def _open(self, item: QListWidgetItem) -> None:
        if item.data(ROW) != self._current:
            self.openRequested.emit(item.data(ROW))

    def _rename(self, conversation_id: int) -> None:
        if (item := self.list.item_of(conversation_id)) is not None:
            self.list.setCurrentItem(item)
            self.list.editItem(item)

    def _renamed(self, item: QListWidgetItem) -> None:
        self.renameRequested.emit(item.data(ROW), item.text())

    def _show_waiting_soon(self) -> None:
        # The view ends the editing itself, after it was told the same.
        QTimer.singleShot(0, self, self._show_waiting)

    def _show_waiting(self) -> None:
        rows, self._waiting = self._waiting, None
        if rows is not None:
            self.show_rows(rows)
        else:
            self.mark(self._current)

    def _menu(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        if item is None:
            return
        # Not the item, which may be gone by the time that something is chosen.
        conversation_id: int = item.data(ROW)
        menu = QMenu(self)
        menu.setObjectName("conversationMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._theme.icon("rename"), "Rename", lambda: self._rename(conversation_id))
        menu.addAction(
            self._theme.icon("delete"),
            "Delete",
            lambda: self.deleteRequested.emit(conversation_id),
        )
        # The press chose the row; should nothing be done with it, the open one is shown again.
        menu.aboutToHide.connect(lambda: self.mark(self._current))
        menu.popup(self.list.viewport().mapToGlobal(place))


class _Rows(QListWidget):
    renamePressed = Signal(int)  # id of the conversation
    deletePressed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("conversationRows")
        self.setAccessibleName("Conversations")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self._pressed: tuple[RowButton, int] | None = None

    @property
    def is_editing(self) -> bool:
        """Whether a title is being typed."""
        return self.state() is QAbstractItemView.State.EditingState

    def item_of(self, conversation_id: int) -> QListWidgetItem | None:
        """The row of this conversation."""
        for place in range(self.count()):
            if self.item(place).data(ROW) == conversation_id:
                return self.item(place)
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a row's button is not one on the row: it neither chooses nor opens it."""
        self._pressed = self._button_at(event)
        if self._pressed is None:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A press on a button that slips off it chooses no rows."""
        if self._pressed is None:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Where it was let go on the button that it was pressed on, that does its work."""
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            super().mouseReleaseEvent(event)
        elif pressed == self._button_at(event):
            button, conversation_id = pressed
            signal = self.renamePressed if button is RowButton.RENAME else self.deletePressed
            signal.emit(conversation_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second of two quick presses on a button counts like the first."""
        self._pressed = self._button_at(event)
        if self._pressed is None:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # While a title is typed, the Enter that ends it comes here as well.
        item = None if self.is_editing else self.currentItem()
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if item is not None:
                self.deletePressed.emit(item.data(ROW))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if item is not None:
                self.itemActivated.emit(item)
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.viewport().update()

    def _button_at(self, event: QMouseEvent) -> tuple[RowButton, int] | None:
        place = event.position().toPoint()
        item = self.itemAt(place)
        if item is None or event.button() is not Qt.MouseButton.LeftButton:
            return None
        button = button_at(self.visualItemRect(item), place)
        return None if button is None else (button, item.data(ROW))

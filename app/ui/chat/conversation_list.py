"""The conversations kept on this machine."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
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
from app.ui.chat.conversation_row import RowPainter
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

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._current: int | None = None
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
        painter.renamePressed.connect(self._edit)
        painter.deletePressed.connect(lambda index: self._delete(self.list.item(index.row())))
        self.list.itemClicked.connect(self._open)
        self.list.itemActivated.connect(self._open)
        self.list.itemChanged.connect(self._renamed)
        self.list.deletePressed.connect(lambda: self._delete(self.list.currentItem()))
        self.list.customContextMenuRequested.connect(self._menu)
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

    def show_rows(self, rows: list[ConversationRow]) -> None:
        """Show these, newest first."""
        self.list.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(row.title or "Untitled")
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
        self.list.blockSignals(True)  # noqa: FBT003
        self.list.setCurrentRow(-1)
        for place in range(self.list.count()):
            if self.list.item(place).data(ROW) == conversation_id:
                self.list.setCurrentRow(place)
        self.list.blockSignals(False)  # noqa: FBT003

    def _open(self, item: QListWidgetItem) -> None:
        if item.data(ROW) != self._current:
            self.openRequested.emit(item.data(ROW))

    def _edit(self, index: QModelIndex) -> None:
        self.list.edit(index)

    def _renamed(self, item: QListWidgetItem) -> None:
        self.renameRequested.emit(item.data(ROW), item.text())

    def _delete(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.deleteRequested.emit(item.data(ROW))

    def _menu(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._theme.icon("rename"), "Rename", lambda: self.list.editItem(item))
        menu.addAction(self._theme.icon("delete"), "Delete", lambda: self._delete(item))
        menu.popup(self.list.viewport().mapToGlobal(place))


class _Rows(QListWidget):
    deletePressed = Signal()

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deletePressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem():
            self.itemActivated.emit(self.currentItem())
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.viewport().update()


def when(moment: datetime, now: datetime | None = None) -> str:
    """`moment` as a person would say it: a time today, a weekday this week, else a date."""
    local = moment.astimezone()
    today = (now or datetime.now().astimezone()).astimezone()
    days = (today.date() - local.date()).days
    if days == 0:
        return local.strftime("%H:%M")
    if days == 1:
        return "Yesterday"
    if 1 < days < 7:
        return local.strftime("%A")
    return local.strftime("%d %b %Y").lstrip("0")

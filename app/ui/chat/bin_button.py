"""Conversations that were deleted and can still be brought back."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QMessageBox, QToolButton, QWidget

from app.archive.archive import ConversationRow
from app.ui.widgets.buttons import IconButton
from app.ui.widgets.theme import Theme

_MOST_LISTED = 20


class BinButton(IconButton):
    """Lists them in a menu, the one deleted last first; hidden while there are none."""

    restoreRequested = Signal(int)
    emptyRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        label = "Conversations deleted in the last 30 days"
        super().__init__(theme, "delete", label, parent, text="Recently deleted", pixels=16)
        self._rows: list[ConversationRow] = []
        self.menu_ = QMenu(self)
        self.menu_.setObjectName("binMenu")
        self.menu_.aboutToShow.connect(self._fill)
        self.setMenu(self.menu_)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.hide()

    def show_rows(self, rows: list[ConversationRow]) -> None:
        """These can be brought back; `updated` is when they were deleted."""
        self._rows = rows
        self.setVisible(bool(rows))

    def _fill(self) -> None:
        self.menu_.clear()
        # A menu draws "&" as a mark for the next letter's key.
        for row in self._rows[:_MOST_LISTED]:
            title = (row.title or "Untitled").replace("&", "&&")
            action = self.menu_.addAction(
                f"Bring back “{title}” ({when(row.updated)})",
                lambda number=row.id: self.restoreRequested.emit(number),
            )
            action.setIcon(self._theme.icon("undo"))
        self.menu_.addSeparator()
        self.menu_.addAction(self._theme.icon("delete"), "Erase all of them…", self._ask)

    def _ask(self) -> None:
        box = QMessageBox(self.window())
        box.setObjectName("eraseQuestion")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Erase deleted conversations?")
        count = len(self._rows)
        what = "the deleted conversation" if count == 1 else f"all {count} deleted conversations"
        box.setText(f"Erase {what} with the pictures?")
        box.setInformativeText(
            "They cannot be brought back. Nothing of them is left on this machine once "
            "the window is closed."
        )
        erase = box.addButton("Erase", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def answered() -> None:
            if box.clickedButton() is erase:
                self.emptyRequested.emit()

        box.finished.connect(answered)
        box.open()


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

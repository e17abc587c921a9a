"""The list of conversations."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.archive.archive import ConversationRow
from app.core.cleaning import clean
from app.core.errors import Failed, OcellusError
from app.session.chat.store import ConversationStore


class Library(QObject):
    """What the conversation list shows and does."""

    # list[ConversationRow], newest first: Qt would copy a `list` into its own kind.
    listChanged = Signal(object)
    binChanged = Signal(object)  # list[ConversationRow], the one deleted last first
    deleted = Signal(ConversationRow)  # `undo_delete` brings it back
    restored = Signal(int)  # id of the conversation that came back
    noticed = Signal(Failed)

    def __init__(self, archive: ConversationStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._archive = archive
        self._rows: list[ConversationRow] = []
        self._deleted: list[int] = []

    @property
    def rows(self) -> list[ConversationRow]:
        """The list as last announced."""
        return list(self._rows)

    def refresh(self) -> None:
        """Read the list again and announce it."""
        try:
            self._rows = self._archive.conversations()
            binned = self._archive.deleted()
        except OcellusError as error:
            self.noticed.emit(error.failed)
        else:
            self.listChanged.emit(self.rows)
            self.binChanged.emit(binned)

    def rename(self, conversation_id: int, title: str) -> None:
        """Give it another title; an empty one changes nothing."""
        title = " ".join(clean(title).split())
        if title:
            try:
                self._archive.rename(conversation_id, title)
            except OcellusError as error:
                self.noticed.emit(error.failed)
        self.refresh()

    def delete(self, conversation_id: int) -> None:
        """Take it out of the list."""
        row = next((row for row in self._rows if row.id == conversation_id), None)
        if row is None:
            return
        try:
            self._archive.delete(conversation_id)
        except OcellusError as error:
            self.noticed.emit(error.failed)
            return
        self._deleted.append(conversation_id)
        self.refresh()
        self.deleted.emit(row)

    def undo_delete(self) -> None:
        """Bring back the one deleted last, then the one before; none left: nothing happens."""
        if self._deleted:
            self.restore(self._deleted[-1])

    def empty_bin(self) -> None:
        """Have all that is deleted erased when the window is closed, and out of sight now."""
        try:
            for row in self._archive.deleted():
                self._archive.discard(row.id)
        except OcellusError as error:
            self.noticed.emit(error.failed)
        else:
            self._deleted.clear()
        self.refresh()

    def restore(self, conversation_id: int) -> None:
        """Bring back a deleted conversation."""
        try:
            self._archive.restore(conversation_id)
        except OcellusError as error:
            self.noticed.emit(error.failed)
            return
        if conversation_id in self._deleted:
            self._deleted.remove(conversation_id)
        self.refresh()
        self.restored.emit(conversation_id)

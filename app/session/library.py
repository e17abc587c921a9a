"""The list of conversations."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.archive.archive import ConversationRow
from app.session.store import ConversationStore


class Library(QObject):
    """What the conversation list shows and does."""

    listChanged = Signal(object)  # list[ConversationRow], newest first
    deleted = Signal(object)  # ConversationRow; `undo_delete` brings it back
    restored = Signal(int)  # id of the conversation that came back
    noticed = Signal(object)  # Failed

    def __init__(self, archive: ConversationStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        raise NotImplementedError

    @property
    def rows(self) -> list[ConversationRow]:
        """The list as last announced."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Read the list again and announce it."""
        raise NotImplementedError

    def rename(self, conversation_id: int, title: str) -> None:
        """Give it another title; an empty one changes nothing."""
        raise NotImplementedError

    def delete(self, conversation_id: int) -> None:
        """Take it out of the list."""
        raise NotImplementedError

    def undo_delete(self) -> None:
        """Bring back the one deleted last, then the one before; none left: nothing happens."""
        raise NotImplementedError

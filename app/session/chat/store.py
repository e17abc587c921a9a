"""What the session needs of the archive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.archive.archive import ConversationRow, StoredTurn
from app.core.conversation import Picture, Turn


class ConversationStore(Protocol):
    """Conversations on disk. Every call is short and may raise OcellusError."""

    def create(self) -> int:
        """Begin a conversation; returns its id."""
        ...

    def conversations(self) -> list[ConversationRow]:
        """All that are not deleted, newest first."""
        ...

    def rename(self, conversation_id: int, title: str) -> None:
        """Give the conversation another title."""
        ...

    def delete(self, conversation_id: int) -> None:
        """Take it out of the list, so that `restore` can bring it back."""
        ...

    def deleted(self) -> list[ConversationRow]:
        """What `restore` can bring back, the one deleted last first."""
        ...

    def discard(self, conversation_id: int) -> None:
        """Have a deleted one erased when the program ends."""
        ...

    def restore(self, conversation_id: int) -> None:
        """Undo `delete`."""
        ...

    def add_turn(self, conversation_id: int, turn: Turn) -> int:
        """Store a turn at the end of the conversation; returns its id."""
        ...

    def attach(
        self, turn_id: int, pictures: Sequence[Picture], reference: Sequence[str] = ()
    ) -> None:
        """Replace a turn's pictures and read text."""
        ...

    def update_text(self, turn_id: int, text: str, state: str, note: str = "") -> None:
        """Replace a turn's text, state and note."""
        ...

    def turns(self, conversation_id: int) -> list[StoredTurn]:
        """All turns in their order."""
        ...

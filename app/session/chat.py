"""The conversation on the screen, and the questions on their way."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.conversation import ReferenceMode
from app.session.attachments import Attachments
from app.session.entry import ChatState, Entry
from app.session.library import Library
from app.session.models import Models
from app.session.preferences import Preferences
from app.session.reading import Readings
from app.session.store import ConversationStore
from app.workers.remote import Remote

__all__ = ["Chat", "ChatState", "Entry"]


class Chat(QObject):
    """Asks, streams, stores. Signals speak only of the conversation on the screen."""

    entryAdded = Signal(object)  # Entry
    textArrived = Signal(int, str)  # entry id, new text; at most 30 a second
    entryChanged = Signal(object)  # Entry: its state, note, failed, pictures or whole text
    conversationOpened = Signal(object)  # tuple[Entry, ...]: show these instead
    stateChanged = Signal(object)  # ChatState
    noticed = Signal(object)  # Failed, for the notice bar

    def __init__(
        self,
        engine: Remote,
        archive: ConversationStore,
        attachments: Attachments,
        readings: Readings,
        library: Library,
        models: Models,
        preferences: Preferences,
    ) -> None:
        super().__init__()
        raise NotImplementedError

    @property
    def conversation_id(self) -> int | None:
        """The one on the screen; None until its first question is stored."""
        raise NotImplementedError

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is on the screen."""
        raise NotImplementedError

    @property
    def state(self) -> ChatState:
        """As last announced."""
        raise NotImplementedError

    @property
    def reference(self) -> ReferenceMode:
        """Whether read text goes with the next question."""
        raise NotImplementedError

    def set_reference(self, mode: ReferenceMode) -> None:
        """Switch the read text on, off or to automatic, and remember it."""
        raise NotImplementedError

    def send(self, text: str) -> bool:
        """Ask with the current attachments, which leave the composer.

        Waits its turn behind earlier questions, pictures that are still being
        taken or read, and a loading model. False, and nothing happens, when
        there is neither text nor a picture or no model to ask.
        """
        raise NotImplementedError

    def stop(self) -> None:
        """End the answer that is being written and drop the questions that wait."""
        raise NotImplementedError

    def retry(self, entry_id: int) -> None:
        """Ask an entry's question again; its answer starts anew in its place."""
        raise NotImplementedError

    def new_conversation(self) -> None:
        """An empty conversation; it is stored with its first question."""
        raise NotImplementedError

    def open_conversation(self, conversation_id: int) -> None:
        """Show another conversation. A running answer goes on in its own."""
        raise NotImplementedError

    async def close(self) -> None:
        """Store what has arrived and end; to be awaited before the children are closed."""
        raise NotImplementedError

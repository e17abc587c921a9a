"""Which pages of documents go with the next question, said before it is sent."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QMainWindow

from app.core.conversation import Picture
from app.session.chat import wording
from app.session.chat.chat import Chat
from app.session.pictures.attachments import Attachments
from app.ui.widgets.soon import Soon


class QuestionPages(QObject):
    """Keeps a label of the composer up to date; it is hidden where no page of several goes."""

    def __init__(
        self, window: QMainWindow, label: QLabel, chat: Chat, attachments: Attachments
    ) -> None:
        super().__init__(window)
        self._label = label
        self._chat = chat
        self._attachments = attachments
        # Sending moves pages from the composer to the conversation in several signals.
        soon = Soon(self, self._show)
        for changed in (
            attachments.changed,
            chat.entryAdded,
            chat.entryChanged,
            chat.conversationOpened,
        ):
            changed.connect(soon.ask)
        self._show()

    def _show(self) -> None:
        pictures: list[Picture] = []
        for entry in self._chat.entries:
            # What stands above is no longer among what the model is asked with.
            pictures = [*([] if entry.memory_begins else pictures), *entry.pictures]
        pictures += [item.picture for item in self._attachments.items if item.picture]
        words = wording.pages_go(pictures)
        self._label.setText(words)
        self._label.setVisible(bool(words))

"""What is written in the composer, kept with the conversation that it is written for."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from app.session.chat.chat import Chat
from app.ui.chat.composer import Composer


class DraftController(QObject):
    """Goes on with the words that were written for a conversation when it is opened."""

    def __init__(self, window: QMainWindow, composer: Composer, chat: Chat) -> None:
        super().__init__(window)
        self._composer = composer
        self._chat = chat
        composer.field.textChanged.connect(self._keep)
        chat.conversationOpened.connect(self._show)
        chat.draftChanged.connect(self._show)

    def _keep(self) -> None:
        self._chat.set_draft(self._composer.field.toPlainText())

    def _show(self, *_entries: object) -> None:
        if self._composer.field.toPlainText() != self._chat.draft:
            self._composer.show_draft(self._chat.draft)

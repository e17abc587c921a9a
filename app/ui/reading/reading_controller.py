"""What a person does with text in pictures, bound to the session and the composer."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from app.core.conversation import Picture
from app.session.documents.documents import Documents
from app.session.pictures.attachments import Attachments
from app.ui.picture.password_dialog import PasswordDialog
from app.ui.window.layout import WindowLayout
from app.ui.window.toolbar import Actions


class ReadingController(QObject):
    """Find, phrases of answers, questions about text, pages for a question, passwords."""

    def __init__(
        self,
        window: QMainWindow,
        parts: WindowLayout,
        actions: Actions,
        attachments: Attachments,
        documents: Documents,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._parts = parts
        self._attachments = attachments
        self._documents = documents
        pane, say = parts.pictures, parts.notices.say_failed
        actions.find.triggered.connect(pane.find)
        parts.chat.phraseSelected.connect(pane.light_up)
        pane.askRequested.connect(self._ask_about)
        pane.pageAdded.connect(self._add_page)
        pane.pageMissed.connect(say)
        documents.noticed.connect(say)
        attachments.passwordNeeded.connect(self._ask_password)
        documents.passwordNeeded.connect(self._ask_password_again)

    def _ask_about(self, text: str) -> None:
        pane = self._parts.pictures
        # Of a document only its first page goes with a question by itself.
        picture = pane.picture if pane.pages.place is not None else None
        if picture is not None and picture not in pane.strip.pictures:
            self._attachments.add_picture(picture)
        self._parts.composer.ask_about(text)

    def _add_page(self, picture: Picture) -> None:
        self._attachments.add_picture(picture)
        self._parts.composer.field.setFocus()

    def _ask_password(self, key: int, name: str, wrong: bool) -> None:  # noqa: FBT001 - a signal's
        dialog = PasswordDialog(name, self._window, wrong=wrong)
        dialog.passwordGiven.connect(lambda password: self._attachments.unlock(key, password))
        dialog.rejected.connect(lambda: self._attachments.remove(key))
        dialog.open()

    def _ask_password_again(self, document: str, name: str, wrong: bool) -> None:  # noqa: FBT001
        dialog = PasswordDialog(name, self._window, wrong=wrong)
        dialog.passwordGiven.connect(lambda given: self._documents.unlock(document, given))
        dialog.rejected.connect(lambda: self._documents.stay_locked(document))
        dialog.open()

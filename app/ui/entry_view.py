"""One turn of the conversation: a question or an answer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.archive.archive import TurnState
from app.core.errors import Failed
from app.session.entry import Entry
from app.ui.answer_browser import AnswerBrowser
from app.ui.answer_view import AnswerView
from app.ui.buttons import CopyButton, IconButton, text_button
from app.ui.details import details_dialog
from app.ui.picture_loader import PictureLoader
from app.ui.theme import Theme
from app.ui.thumbnails import Thumbnail
from app.ui.waiting import Waiting

_THUMBNAIL = 72
_BUBBLE_SHARE = 0.86
_STATE_WORDS = {
    TurnState.STOPPED: "You stopped this answer.",
    TurnState.INTERRUPTED: "This answer was interrupted.",
}


class QuestionView(QWidget):
    """What the person asked, as plain text in a bubble, with its pictures."""

    pictureChosen = Signal(object)  # Picture

    def __init__(
        self, theme: Theme, loader: PictureLoader, entry: Entry, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self._thumbnails: list[Thumbnail] = []
        self._bubble = QFrame(self)
        self._bubble.setObjectName("bubble")
        self._text = AnswerBrowser(theme, self._bubble)
        self._text.setAccessibleName("Question")
        inside = QVBoxLayout(self._bubble)
        inside.setContentsMargins(14, 9, 14, 10)
        inside.addWidget(self._text)
        self._pictures = QHBoxLayout()
        self._pictures.setSpacing(8)
        self._pictures.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._pictures)
        column.addWidget(self._bubble, 0, Qt.AlignmentFlag.AlignRight)
        self._natural = 0
        self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        """Show this entry."""
        self._bubble.setVisible(bool(entry.text))
        self._text.show_plain(entry.text)
        self._natural = self._text.natural_width()
        self._fit()
        if len(self._thumbnails) != len(entry.pictures):
            for old in self._thumbnails:
                old.deleteLater()
            self._thumbnails = [
                Thumbnail(self._theme, self._loader, _THUMBNAIL, self) for _ in entry.pictures
            ]
            for thumbnail in self._thumbnails:
                self._pictures.addWidget(thumbnail)
        for thumbnail, picture in zip(self._thumbnails, entry.pictures, strict=True):
            thumbnail.show_picture(picture)
            thumbnail.clicked.connect(
                lambda _checked=False, picture=picture: self.pictureChosen.emit(picture)
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the bubble as narrow as its text and never the whole width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(120, int(self.width() * _BUBBLE_SHARE) - 28)
        self._text.setFixedWidth(min(self._natural, room))


class AnswerEntry(QWidget):
    """What the model answered, how it ended, and what can be done about it."""

    retryRequested = Signal(int)

    def __init__(self, theme: Theme, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entry = entry
        self.answer = AnswerView(theme, self)
        self._waiting = Waiting(theme, self)
        self._note = QLabel(self)
        self._note.setObjectName("entryNote")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._problem: ProblemCard | None = None
        self.copy_button = CopyButton(theme, "Copy answer", self._copied_text, self)
        self.retry_button = IconButton(
            theme, "retry", "Ask again", self, text="Ask again", pixels=16
        )
        self.retry_button.clicked.connect(self._retry)
        actions = QHBoxLayout()
        actions.setSpacing(4)
        # The buttons have air around their words; without this they would stand indented.
        actions.setContentsMargins(-6, 0, 0, 0)
        actions.addWidget(self.copy_button)
        actions.addWidget(self.retry_button)
        actions.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(self.answer)
        self._column.addWidget(self._waiting)
        self._column.addWidget(self._note)
        self._column.addLayout(actions)
        self.answer.finish(entry.text)
        self.show_entry(entry)

    def append(self, piece: str) -> None:
        """More of the answer."""
        self._waiting.hide()
        self.answer.append(piece)

    def show_entry(self, entry: Entry) -> None:
        """Show how far this entry is now.

        Text that is still arriving comes through `append`; here it is replaced
        only when it is whole, or when the answer starts anew.
        """
        self._entry = entry
        is_open = entry.state is TurnState.OPEN
        if not is_open or not entry.text.startswith(self.answer.text[:1]):
            self.answer.finish(entry.text)
        self._waiting.setVisible(is_open and not self.answer.text)
        words = [entry.note]
        if entry.state in _STATE_WORDS and not entry.note and entry.failed is None:
            words.append(_STATE_WORDS[entry.state])
        said = " ".join(word for word in words if word)
        self._note.setText(said)
        self._note.setVisible(bool(said))
        self._show_problem(entry.failed)
        self.copy_button.setVisible(bool(entry.text) and not is_open)
        self.retry_button.setVisible(not is_open and entry.failed is None)

    def _show_problem(self, failed: Failed | None) -> None:
        if self._problem is not None:
            self._problem.hide()
            self._problem.deleteLater()
            self._problem = None
        if failed is not None:
            self._problem = ProblemCard(failed, self)
            self._problem.retry_button.clicked.connect(self._retry)
            self._column.insertWidget(self._column.indexOf(self._note), self._problem)

    def _retry(self) -> None:
        self.retryRequested.emit(self._entry.id)

    def _copied_text(self) -> str:
        return self.answer.text


class ProblemCard(QFrame):
    """Why there is no answer: the sentence, the advice, Try again and Details."""

    def __init__(self, failed: Failed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problemCard")
        headline = QLabel(failed.headline, self)
        headline.setObjectName("problemHeadline")
        advice = QLabel(failed.advice, self)
        for label in (headline, advice):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        advice.setVisible(bool(failed.advice))
        self.retry_button = text_button("Try again", self, kind="primary")
        self.details_button = text_button("Details", self, kind="quiet")
        self.details_button.setVisible(bool(failed.detail))
        self.details_button.clicked.connect(
            lambda _checked=False: details_dialog(failed, self.window()).open()
        )
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 4, 0, 0)
        buttons.addWidget(self.retry_button)
        buttons.addWidget(self.details_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addWidget(headline)
        column.addWidget(advice)
        column.addLayout(buttons)

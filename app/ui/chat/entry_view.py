"""One turn of the conversation: a question or an answer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.archive.archive import TurnState
from app.core.conversation import Picture
from app.session.chat.entry import ChatTurn
from app.ui.chat.answer_browser import AnswerBrowser
from app.ui.chat.answer_footer import EntryFoot
from app.ui.chat.answer_view import AnswerView
from app.ui.chat.turns import Turns
from app.ui.picture.picture_loader import PictureLoader
from app.ui.picture.thumbnails import Thumbnail
from app.ui.widgets.theme import Theme
from app.ui.widgets.wrap_layout import WrapLayout

_THUMBNAIL = 72
_BUBBLE_SHARE = 0.86
_BUBBLE_MARGIN = 14


class QuestionView(QWidget):
    """What the person asked, as plain text in a bubble, with its pictures."""

    pictureChosen = Signal(Picture)

    def __init__(
        self, theme: Theme, loader: PictureLoader, entry: ChatTurn, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self._entry = entry
        self._shown: tuple[Picture, ...] = ()
        self._thumbnails: list[Thumbnail] = []
        self._natural = 0
        self.memory_line = MemoryLine(self)
        self._bubble = QFrame(self)
        self._bubble.setObjectName("bubble")
        self.text = AnswerBrowser(theme, self._bubble)
        self.text.setAccessibleName("Question")
        inside = QVBoxLayout(self._bubble)
        inside.setContentsMargins(_BUBBLE_MARGIN, 9, _BUBBLE_MARGIN, 10)
        inside.addWidget(self.text)
        self._ringed = ""
        self._pictures = WrapLayout(right=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.memory_line)
        column.addLayout(self._pictures)
        column.addWidget(self._bubble, 0, Qt.AlignmentFlag.AlignRight)
        self.text.show_plain(entry.text)
        self.show_entry(entry)

    def show_entry(self, entry: ChatTurn) -> None:
        """Show how far this entry is now."""
        if entry.text != self._entry.text:
            self.text.show_plain(entry.text)
        self._entry = entry
        self._bubble.setVisible(bool(entry.text))
        self.memory_line.setVisible(entry.memory_begins)
        self._natural = self.text.natural_width()
        self._fit()
        self._show_pictures(entry.pictures)

    def mark(self, sha256: str) -> None:
        """Ring the picture that is on the screen."""
        self._ringed = sha256
        for thumbnail in self._thumbnails:
            thumbnail.mark(sha256)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the bubble as narrow as its text and never the whole width."""
        super().resizeEvent(event)
        self._fit()

    def _show_pictures(self, pictures: tuple[Picture, ...]) -> None:
        if pictures == self._shown:
            return
        self._shown = pictures
        for old in self._thumbnails:
            old.hide()
            old.deleteLater()
        self._thumbnails = []
        for picture in pictures:
            thumbnail = Thumbnail(self._theme, self._loader, _THUMBNAIL, self)
            thumbnail.show_picture(picture)
            thumbnail.clicked.connect(
                lambda _checked=False, picture=picture: self.pictureChosen.emit(picture)
            )
            self._pictures.addWidget(thumbnail)
            self._thumbnails.append(thumbnail)
        self.mark(self._ringed)

    def _fit(self) -> None:
        room = max(120, int(self.width() * _BUBBLE_SHARE) - 2 * _BUBBLE_MARGIN)
        self.text.setFixedWidth(min(self._natural, room))


class MemoryLine(QWidget):
    """A thin line above the first question that the model still remembers."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = QLabel("The model remembers from here", self)
        self.words.setObjectName("entryNote")
        self.words.setToolTip(
            "What stands above no longer fits into what the model can hold. "
            "It stays in the conversation."
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 8)
        row.setSpacing(10)
        for widget in (QFrame(self), self.words, QFrame(self)):
            if widget is not self.words:
                widget.setObjectName("memoryRule")
                widget.setFixedHeight(1)
            row.addWidget(widget, 0 if widget is self.words else 1)


class AnswerEntry(QWidget):
    """What the model answered, how it ended, and what can be done about it."""

    retryRequested = Signal(int)
    changeRequested = Signal(int)
    phraseSelected = Signal(str)

    def __init__(
        self, theme: Theme, entry: ChatTurn, turns: Turns, width: int, parent: QWidget | None = None
    ) -> None:
        """`width` is about what it will have, so that it need not be laid out twice."""
        super().__init__(parent)
        self._entry = entry
        self.answer = AnswerView(theme, self, turns)
        self.answer.resize(width, 1)
        self.answer.phraseSelected.connect(self.phraseSelected)
        self.foot = EntryFoot(theme, lambda: self.answer.text, "Copy answer", self)
        self.foot.retryRequested.connect(lambda: self.retryRequested.emit(self._entry.id))
        self.foot.changeRequested.connect(lambda: self.changeRequested.emit(self._entry.id))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.answer)
        column.addWidget(self.foot)
        if entry.state is TurnState.OPEN:
            self.answer.finish(entry.text)
        self.show_entry(entry)

    def append(self, piece: str) -> None:
        """More of the answer."""
        self.foot.stop_waiting()
        self.answer.append(piece)

    def show_entry(self, entry: ChatTurn) -> None:
        """Show how far this entry is now.

        Text that is still arriving comes through `append`; here it is replaced
        only when it is whole, or when the answer starts anew.
        """
        self._entry = entry
        is_open = entry.state is TurnState.OPEN
        if not is_open or not entry.text:
            self.answer.finish(entry.text)
        self.answer.setVisible(is_open or bool(entry.text))
        self.foot.show_end(
            entry.note,
            entry.failed,
            entry.figures,
            waits=is_open and not self.answer.text,
            copy=bool(entry.text) and not is_open,
            retry=not is_open,
        )

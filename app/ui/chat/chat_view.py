"""The conversation: its questions and answers below each other."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.core.conversation import Picture, Role
from app.session.chat.entry import ChatTurn
from app.ui.chat.entry_view import AnswerEntry, QuestionView
from app.ui.chat.turns import Turns
from app.ui.picture.picture_loader import PictureLoader
from app.ui.widgets.buttons import text_button
from app.ui.widgets.theme import Theme

# Of a long conversation only its end is built; the rest comes as it is asked for.
_PAGE = 24
_COLUMN = 780
_NEAR_END = 24


class ChatView(QScrollArea):
    """Follows a streaming answer unless the person has scrolled up."""

    retryRequested = Signal(int)
    changeRequested = Signal(int)
    pictureChosen = Signal(Picture)
    phraseSelected = Signal(str)  # of an answer; empty when nothing is selected any more

    def __init__(self, theme: Theme, loader: PictureLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self._entries: list[ChatTurn] = []
        self._views: dict[int, AnswerEntry | QuestionView] = {}
        self._turns = Turns(self)
        self._following = True
        self._ringed = ""
        self.setObjectName("chatView")
        self.setAccessibleName("Conversation")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._earlier = text_button("Show earlier messages", kind="quiet")
        self._earlier.clicked.connect(self._show_earlier)
        self._latest = text_button("Jump to the end ↓", self)
        self._latest.setObjectName("jump")
        self._latest.clicked.connect(self.follow)
        self._latest.hide()
        self._build()
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._range_changed)

    @property
    def views(self) -> list[AnswerEntry | QuestionView]:
        """The entries that are built, in order."""
        return [self._views[entry.id] for entry in self._entries if entry.id in self._views]

    def open(self, entries: tuple[ChatTurn, ...]) -> None:
        """Show another conversation from its end."""
        for view in self._views.values():
            view.hide()
            view.deleteLater()
        self._views = {}
        self._entries = list(entries)
        # From the end, which is on the screen first.
        for entry in reversed(self._entries[-_PAGE:]):
            self._column.insertWidget(1, self._view_of(entry))
        self._earlier.setVisible(len(self._entries) > _PAGE)
        self.follow()

    def add(self, entry: ChatTurn) -> None:
        """Show one more entry at the end."""
        self._entries.append(entry)
        self._column.addWidget(self._view_of(entry))
        self.follow()

    def append_text(self, entry_id: int, piece: str) -> None:
        """Add streamed text to an answer."""
        view = self._views.get(entry_id)
        if isinstance(view, AnswerEntry):
            view.append(piece)

    def change(self, entry: ChatTurn) -> None:
        """Show an entry's new state."""
        self._entries = [entry if old.id == entry.id else old for old in self._entries]
        if (view := self._views.get(entry.id)) is not None:
            view.show_entry(entry)

    def mark(self, sha256: str) -> None:
        """Ring the picture that is on the screen."""
        self._ringed = sha256
        for view in self._views.values():
            if isinstance(view, QuestionView):
                view.mark(sha256)

    def follow(self) -> None:
        """Go to the end and stay there while it grows."""
        self._following = True
        self._latest.hide()
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the jump button above the lower edge."""
        super().resizeEvent(event)
        size = self._latest.sizeHint()
        self._latest.setGeometry(
            (self.width() - size.width()) // 2,
            self.height() - size.height() - 10,
            size.width(),
            size.height(),
        )

    def _build(self) -> None:
        inside = QWidget()
        inside.setObjectName("chatInside")
        self._entries_widget = entries = QWidget(inside)
        entries.setMaximumWidth(_COLUMN)
        entries.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._column = QVBoxLayout(entries)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(20)
        self._column.addWidget(self._earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(entries, 1000)
        row.addStretch(1)
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(24, 20, 24, 20)
        outer.addLayout(row)
        outer.addStretch(1)
        self.setWidget(inside)

    def _view_of(self, entry: ChatTurn) -> AnswerEntry | QuestionView:
        if entry.role is Role.PERSON:
            view = QuestionView(self._theme, self._loader, entry)
            view.pictureChosen.connect(self.pictureChosen)
            view.mark(self._ringed)
        else:
            width = self._entries_widget.width()
            view = AnswerEntry(self._theme, entry, self._turns, width)
            view.retryRequested.connect(self.retryRequested)
            view.changeRequested.connect(self.changeRequested)
            view.phraseSelected.connect(self.phraseSelected)
        self._views[entry.id] = view
        return view

    def _show_earlier(self) -> None:
        built = len(self._views)
        missing = self._entries[: len(self._entries) - built]
        self._following = False
        bar = self.verticalScrollBar()
        from_end = bar.maximum() - bar.value()
        for entry in reversed(missing[-_PAGE:]):
            self._column.insertWidget(1, self._view_of(entry))
        self._earlier.setVisible(len(missing) > _PAGE)

        def stay() -> None:
            bar.setValue(bar.maximum() - from_end)

        QTimer.singleShot(0, self, stay)

    def _scrolled(self, value: int) -> None:
        at_end = value >= self.verticalScrollBar().maximum() - _NEAR_END
        self._following = at_end
        self._latest.setVisible(not at_end)

    def _range_changed(self, _least: int, most: int) -> None:
        if self._following:
            self.verticalScrollBar().setValue(most)
        self._latest.setVisible(not self._following)

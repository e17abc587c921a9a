"""Where the parts of the window stand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.conversation import Picture
from app.core.model import ModelSpec
from app.session.documents.documents import Documents
from app.session.reading.readings import Readings
from app.ui.chat.chat_view import ChatView
from app.ui.chat.composer import Composer
from app.ui.chat.conversation_list import ConversationList
from app.ui.chat.empty_state import AskHint, EmptyState
from app.ui.picture.picture_loader import PictureLoader
from app.ui.picture.picture_pane import PicturePane
from app.ui.widgets.buttons import IconButton, text_button
from app.ui.widgets.theme import Theme
from app.ui.window.notice_bar import NoticeBar
from app.ui.window.status_line import StatusLine
from app.ui.window.toolbar import Actions

_COMPOSER_WIDTH = 780


class WindowLayout:
    """Conversations, pictures and chat side by side; notices over the chat, the status below."""

    def __init__(
        self,
        window: QMainWindow,
        theme: Theme,
        loader: PictureLoader,
        read: tuple[Readings, Documents],
        actions: Actions,
        resources: Path,
    ) -> None:
        self.builtin = BuiltinBar(theme)
        self.conversations = ConversationList(theme)
        self.pictures = PicturePane(theme, loader, *read)
        self.chat = ChatView(theme, loader)
        self.empty = EmptyState(theme, resources / "samples")
        self.ask_hint = AskHint(theme)
        self.composer = Composer(theme, loader)
        self.status = StatusLine(theme)
        self._stack = QStackedWidget()
        for page in (self.empty, self.ask_hint, self.chat):
            self._stack.addWidget(page)
        right = QWidget()
        right.setObjectName("talk")
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addLayout(_centred(self.composer))
        self.notices = NoticeBar(theme, right)
        across = QSplitter(Qt.Orientation.Horizontal)
        for widget, stretch in ((self.conversations, 0), (self.pictures, 5), (right, 6)):
            across.addWidget(widget)
            across.setStretchFactor(across.count() - 1, stretch)
        across.setChildrenCollapsible(False)
        across.setHandleWidth(1)
        self.pictures.setMinimumWidth(220)
        right.setMinimumWidth(340)
        self.conversations.setMinimumWidth(170)
        across.setSizes([230, 480, 570])
        self.splitters = {"across": across, "picture": self.pictures.splitter}
        central = QWidget()
        central.setObjectName("central")
        outer = QVBoxLayout(central)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.builtin)
        outer.addWidget(across, 1)
        outer.addWidget(self.status)
        window.addToolBar(actions.tool_bar())
        window.setCentralWidget(central)
        self.pictures.hide()

    def show(self, pictures: tuple[Picture, ...], *, has_entries: bool) -> None:
        """Show these pictures, and the chat, the invitation to ask or the one to drop."""
        self.pictures.show_pictures(pictures)
        self.pictures.setVisible(bool(pictures))
        page = self.chat if has_entries else self.ask_hint if pictures else self.empty
        self._stack.setCurrentWidget(page)


class BuiltinBar(QFrame):
    """Says that the model in use is there for trying Ocellus out, and offers real ones."""

    chooseRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("builtinBar")
        words = QLabel("The small built-in model is answering. It is for trying Ocellus out.", self)
        words.setWordWrap(True)
        choose = text_button("Choose a real model…", self, kind="quiet")
        choose.clicked.connect(self.chooseRequested)
        close = IconButton(theme, "close", "Hide this message", self, pixels=16)
        close.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 3, 8, 3)
        row.addWidget(words, 1)
        row.addWidget(choose)
        row.addWidget(close)
        self._dismissed = False
        self.hide()

    def show_for(self, model: ModelSpec | None) -> None:
        """Show it while the built-in model is chosen, until it has been dismissed."""
        self.setVisible(model is not None and model.for_trying and not self._dismissed)

    def _dismiss(self) -> None:
        self._dismissed = True
        self.hide()


def _centred(composer: Composer) -> QHBoxLayout:
    composer.setMaximumWidth(_COMPOSER_WIDTH)
    # Not "fixed": that would take what it needs in a wide window for its greatest height.
    composer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    row = QHBoxLayout()
    row.setContentsMargins(24, 4, 24, 16)
    row.addStretch(1)
    row.addWidget(composer, 1000)
    row.addStretch(1)
    return row

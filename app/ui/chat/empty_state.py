"""What the window shows before there is a conversation."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui.chat.sample_card import SampleCard
from app.ui.widgets.buttons import text_button
from app.ui.widgets.theme import Theme

_WIDTH = 760
_SAMPLES = (
    ("receipt.png", "A receipt", "What is the total?"),
    ("settings.png", "A settings window", "What is the network name?"),
    ("shapes.png", "Coloured shapes", "What colour is the star?"),
)
_WAYS = (
    ("ask", "Ask about a picture", "Type a question, press Enter, and read the answer."),
    ("read", "Read its text", "See every line marked on the picture, ready to copy."),
    ("list", "Come back to it", "Conversations stay on this machine, in the list."),
)
_SUGGESTIONS = (
    "What is in this picture?",
    "What does the text say?",
    "Summarise it in a few words.",
)


class Drawing(QLabel):
    """A drawing of the theme at a size in points."""

    def __init__(
        self, theme: Theme, name: str, side: int, color: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._drawing = (name, side, color)
        self.setFixedSize(QSize(side, side))
        self._paint()
        theme.changed.connect(self._paint)

    def _paint(self) -> None:
        name, side, color = self._drawing
        ratio = self.devicePixelRatioF()
        pixmap = self._theme.pixmap(name, round(side * ratio), color)
        pixmap.setDevicePixelRatio(ratio)
        self.setPixmap(pixmap)


class EmptyState(QScrollArea):
    """A place to drop, three things to do, three pictures to try them on."""

    openRequested = Signal()
    sampleChosen = Signal(Path, str)  # the picture, the question

    def __init__(self, theme: Theme, samples: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("emptyState")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("emptyInside")
        content = QWidget(inside)
        content.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(26)
        column.addWidget(self._drop_area(content))
        column.addLayout(self._ways(content))
        self.cards = self._cards(samples, content)
        if self.cards:
            column.addLayout(self._card_row(content))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(content, 1000)
        row.addStretch(1)
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(28, 24, 28, 24)
        outer.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(2)
        self.setWidget(inside)

    def _drop_area(self, parent: QWidget) -> QFrame:
        area = QFrame(parent)
        area.setObjectName("dropArea")
        title = QLabel("Drop a picture anywhere in this window", area)
        title.setObjectName("emptyTitle")
        hint = QLabel(
            "A screenshot, a photo, a scan, a PDF; several at once. "
            "It stays on this machine: nothing is uploaded.",
            area,
        )
        hint.setObjectName("emptyHint")
        hint.setWordWrap(True)
        title.setWordWrap(True)
        for label in (title, hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        choose = text_button("Open pictures…", area, kind="primary")
        choose.clicked.connect(self.openRequested)
        paste = QLabel("or paste with Ctrl+V", area)
        paste.setObjectName("quietLabel")
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        buttons.addWidget(choose)
        buttons.addWidget(paste)
        buttons.addStretch(1)
        column = QVBoxLayout(area)
        column.setContentsMargins(28, 30, 28, 28)
        column.setSpacing(10)
        logo = Drawing(self._theme, "logo", 52, "accent", area)
        column.addWidget(logo, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(title)
        column.addWidget(hint)
        column.addSpacing(8)
        column.addLayout(buttons)
        return area

    def _ways(self, parent: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        for place, (drawing, title, words) in enumerate(_WAYS):
            icon = Drawing(self._theme, drawing, 24, "accent", parent)
            grid.addWidget(icon, 0, 2 * place, 2, 1, Qt.AlignmentFlag.AlignTop)
            head = QLabel(title, parent)
            head.setObjectName("wayTitle")
            head.setWordWrap(True)
            head.setAlignment(Qt.AlignmentFlag.AlignBottom)
            body = QLabel(words, parent)
            body.setObjectName("quietLabel")
            body.setWordWrap(True)
            body.setAlignment(Qt.AlignmentFlag.AlignTop)
            grid.addWidget(head, 0, 2 * place + 1)
            grid.addWidget(body, 1, 2 * place + 1)
            grid.setColumnStretch(2 * place + 1, 1)
        return grid

    def _cards(self, samples: Path, parent: QWidget) -> list[SampleCard]:
        cards: list[SampleCard] = []
        for name, title, question in _SAMPLES:
            if (samples / name).is_file():
                card = SampleCard(self._theme, samples / name, title, question, parent)
                card.clicked.connect(
                    lambda _checked=False, card=card: self.sampleChosen.emit(
                        card.picture, card.question
                    )
                )
                cards.append(card)
        return cards

    def _card_row(self, parent: QWidget) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(10)
        title = QLabel("No picture at hand? Try one of these", parent)
        title.setObjectName("wayTitle")
        column.addWidget(title)
        row = QHBoxLayout()
        row.setSpacing(14)
        for card in self.cards:
            row.addWidget(card)
        column.addLayout(row)
        return column


class AskHint(QScrollArea):
    """What the chat pane shows when there is a picture but no question yet."""

    suggested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("askHint")
        # Many pictures in the composer leave it little room, and the window is not to grow.
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("askInside")
        title = QLabel("Ask about this picture", inside)
        title.setObjectName("emptyTitle")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words = QLabel("Type below, or begin with one of these.", inside)
        words.setObjectName("emptyHint")
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(10)
        column.addStretch(1)
        logo = Drawing(theme, "logo", 40, "accent", inside)
        column.addWidget(logo, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(title)
        column.addWidget(words)
        column.addSpacing(6)
        for suggestion in _SUGGESTIONS:
            button = text_button(suggestion, inside, kind="chip")
            button.clicked.connect(
                lambda _checked=False, words=suggestion: self.suggested.emit(words)
            )
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self.setWidget(inside)

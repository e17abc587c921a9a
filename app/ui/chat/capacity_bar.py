"""Says before sending that a question is more than the model holds, and offers the ways out."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame, QLabel, QMainWindow, QVBoxLayout, QWidget

from app.catalog.budget import Budget, find_budget
from app.session.chat.chat import Chat
from app.session.models.models import Models
from app.session.pictures.attachments import Attachments
from app.ui.widgets.buttons import text_button
from app.ui.widgets.soon import Soon
from app.ui.widgets.wrap_layout import WrapLayout


class CapacityBar(QFrame):
    """A sentence, and a button for each way out; hidden while everything fits."""

    quickChosen = Signal()
    removeChosen = Signal()
    modelChosen = Signal()
    refused = Signal(bool)  # whether it cannot be sent as it is

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("capacityBar")
        self.refuses = False
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.quick_button = text_button("Quick look", self, kind="chip")
        self.quick_button.clicked.connect(self.quickChosen)
        self.remove_button = text_button("Remove the last", self, kind="chip")
        self.remove_button.clicked.connect(self.removeChosen)
        self.model_button = text_button("Another model…", self, kind="chip")
        self.model_button.clicked.connect(self.modelChosen)
        self._ways = QWidget(self)
        row = WrapLayout(self._ways, spacing=6)
        for button in (self.quick_button, self.remove_button, self.model_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addWidget(self.words)
        column.addWidget(self._ways)
        self.hide()

    def show_fitting(self, words: str = "") -> None:
        """It can be sent; `words` say what will be left out, if anything."""
        self._say(words, refused=False)

    def show_too_much(self, words: str, *, quick: bool, remove: int) -> None:
        """It cannot be sent as it is; a quick look would help, and removing the last pictures."""
        self.quick_button.setVisible(quick)
        self.remove_button.setText(f"Remove the last {remove}" if remove > 1 else "Remove the last")
        self.remove_button.setVisible(remove > 0)
        self._say(words, refused=True)

    def _say(self, words: str, *, refused: bool) -> None:
        self.words.setText(words)
        self.setAccessibleName(words)
        self._ways.setVisible(refused)
        if refused != self.refuses:
            self.refuses = refused
            self.refused.emit(refused)
        self.setProperty("refused", refused)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setVisible(bool(words))


class CapacityController(QObject):
    """Reckons what waits in the composer against what the chosen model holds."""

    def __init__(
        self,
        window: QMainWindow,
        bar: CapacityBar,
        chat: Chat,
        attachments: Attachments,
        models: Models,
    ) -> None:
        super().__init__(window)
        self._bar = bar
        self._chat = chat
        self._attachments = attachments
        self._models = models
        self._budget: Budget | None = None
        self._spare = 0  # pictures that have to go for the rest to fit
        # Many signals come at once, and the figures are wanted after the last.
        self._soon = Soon(self, self._show)
        for changed in (
            attachments.changed,
            chat.stateChanged,
            chat.conversationOpened,
            chat.draftChanged,
            chat.quickChanged,
        ):
            changed.connect(self._soon.ask)
        models.changed.connect(self._take_model)
        bar.quickChosen.connect(lambda: chat.set_quick(quick=True))
        bar.removeChosen.connect(self._remove)
        self._take_model()

    def _take_model(self) -> None:
        model = self._models.current
        self._budget = find_budget(Path(model.folder)) if model else None
        self._soon.ask()

    def _remove(self) -> None:
        for item in self._attachments.items[len(self._attachments.items) - self._spare :]:
            self._attachments.remove(item.key)

    def _show(self) -> None:
        budget = self._budget
        pictures = [item.picture for item in self._attachments.items if item.picture is not None]
        if budget is None or not (pictures or self._chat.draft):
            self._bar.show_fitting()
            return
        quick = self._chat.quick
        needed = budget.tokens(pictures, self._chat.draft, quick=quick)
        if needed > budget.room:
            quicker = budget.tokens(pictures, self._chat.draft, quick=True)
            # How many of the first fit; where not even the words do, all have to go.
            fitting = bisect_right(
                range(1, len(pictures) + 1),
                budget.room,
                key=lambda count: budget.tokens(pictures[:count], self._chat.draft, quick=quick),
            )
            self._spare = len(pictures) - fitting
            self._bar.show_too_much(
                _too_much(len(pictures), needed, budget.room),
                quick=not quick and quicker < needed and quicker <= budget.room,
                remove=self._spare,
            )
        elif self._chat.entries and self._chat.remembered + needed > budget.room:
            self._bar.show_fitting(
                "This no longer fits beside all that was said: the model will not remember the "
                "oldest questions. They stay in the conversation."
            )
        else:
            self._bar.show_fitting()


def _too_much(pictures: int, needed: int, room: int) -> str:
    figures = f"{needed:,} tokens, and it holds {room:,}."
    if pictures > 1:
        return f"These {pictures} pictures are more than the model can hold at once: {figures}"
    if pictures == 1:
        return f"This picture is more than the model can hold: {figures}"
    return f"This question is longer than the model can hold: at least {figures}"

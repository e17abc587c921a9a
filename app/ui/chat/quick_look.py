"""The choice between a quick look at pictures and a close one, with what either costs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QMainWindow, QVBoxLayout, QWidget

from app.catalog.picture_cost import PictureCost, picture_cost
from app.core.conversation import Picture
from app.session.chat.chat import Chat
from app.session.models.models import Models
from app.session.pictures.attachments import Attachments
from app.ui.widgets.buttons import text_button
from app.ui.widgets.soon import Soon
from app.ui.widgets.theme import Theme

_TIP = (
    "The model sees each picture as a whole, made small. It answers sooner, "
    "but cannot make out small things and small writing."
)
_NO_CARD = "No graphics card is in use, so pictures take a while. "


class QuickLook(QWidget):
    """A button that stays down, and the figures below it."""

    chosen = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._gives_way = False
        self.button = text_button("Quick look", self, kind="chip")
        self.button.setObjectName("quickLook")
        self.button.setCheckable(True)
        self.button.setToolTip(_TIP)
        self.button.clicked.connect(self.chosen)
        self.button.toggled.connect(self._draw)
        theme.changed.connect(self._draw)
        self.words = QLabel(self)
        self.words.setObjectName("quietLabel")
        self.words.setWordWrap(True)
        self.words.setToolTip(_TIP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.words)
        self.hide()
        self._draw()

    def show_choice(self, *, quick: bool, words: str) -> None:
        """Show which way it stands, and these words; nothing at all without words."""
        self.button.setChecked(quick)
        self.button.setAccessibleDescription(words)
        self.words.setText(words)
        self.setVisible(bool(words) and not self._gives_way)

    def give_way(self, way: bool) -> None:  # noqa: FBT001 - a signal's value
        """Leave the room to what offers a quick look itself."""
        self._gives_way = way
        self.setVisible(bool(self.words.text()) and not way)

    def _draw(self, *_: object) -> None:
        chosen = self.button.isChecked()
        self.button.setIcon(self._theme.icon("check", "accent") if chosen else QIcon())


class QuickLookController(QObject):
    """Offers a quick look where there are pictures, and a model that would look closer."""

    def __init__(
        self,
        window: QMainWindow,
        look: QuickLook,
        chat: Chat,
        attachments: Attachments,
        models: Models,
    ) -> None:
        super().__init__(window)
        self._look = look
        self._chat = chat
        self._attachments = attachments
        self._models = models
        self._cost: PictureCost | None = None
        # Many signals come at once, and the figures are wanted after the last.
        self._soon = Soon(self, self._show)
        look.chosen.connect(self._choose)
        for changed in (
            attachments.changed,
            chat.entryAdded,
            chat.entryChanged,
            chat.conversationOpened,
            chat.quickChanged,
            models.loadingChanged,
        ):
            changed.connect(self._soon.ask)
        models.changed.connect(self._take_model)
        self._take_model()

    def _take_model(self) -> None:
        model = self._models.current
        self._cost = picture_cost(Path(model.folder)) if model else None
        self._soon.ask()

    def _choose(self, quick: bool) -> None:  # noqa: FBT001 - a signal's value
        self._chat.set_quick(quick=quick)
        self._show()

    def _show(self) -> None:
        pictures = [picture for entry in self._chat.entries for picture in entry.pictures]
        pictures += [item.picture for item in self._attachments.items if item.picture]
        self._look.show_choice(quick=self._chat.quick, words=self._words(pictures))

    def _words(self, pictures: list[Picture]) -> str:
        if self._cost is None or not pictures:
            return ""
        whole = sum(map(self._cost.whole, pictures))
        quick = self._cost.quick * len(pictures)
        model, ready = self._models.current, self._models.load_state.ready
        # The built-in model is small enough to be quick on any machine.
        slow = ready is not None and ready.device == "cpu" and model and not model.for_trying
        hint = _NO_CARD if slow and not self._chat.quick else ""
        return f"{hint}{quick:,} instead of {whole:,} picture tokens: faster, less detail"

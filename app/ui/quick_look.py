"""The choice between a quick look at pictures and a close one, with what either costs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMainWindow, QSizePolicy, QWidget

from app.catalog.picture_cost import PictureCost, picture_cost
from app.core.conversation import Picture
from app.session.attachments import Attachments
from app.session.chat import Chat
from app.session.models import Models

_TIP = (
    "The model sees each picture as a whole, made small. It answers sooner, "
    "but cannot make out small things and small writing."
)
_NO_CARD = "No graphics card is in use, so pictures take a while. "


class QuickLook(QWidget):
    """A box to tick, and the figures beside it."""

    chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox("Quick look", self)
        self.box.setObjectName("quickLook")
        self.box.setToolTip(_TIP)
        self.box.clicked.connect(self.chosen)
        self.words = QLabel(self)
        self.words.setObjectName("quietLabel")
        self.words.setWordWrap(True)
        self.words.setToolTip(_TIP)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.box)
        row.addWidget(self.words, 1)
        self.hide()

    def show_choice(self, *, quick: bool, words: str) -> None:
        """Show which way it stands, and these words; nothing at all without words."""
        self.box.setChecked(quick)
        self.box.setAccessibleDescription(words)
        self.words.setText(words)
        self.setVisible(bool(words))


class QuickWays(QObject):
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
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._show)
        look.chosen.connect(self._choose)
        for changed in (
            attachments.changed,
            chat.entryAdded,
            chat.entryChanged,
            chat.conversationOpened,
            models.loadingChanged,
        ):
            changed.connect(lambda *_: self._soon.start(0))
        models.changed.connect(self._take_model)
        self._take_model()

    def _take_model(self) -> None:
        model = self._models.current
        self._cost = picture_cost(Path(model.folder)) if model else None
        self._soon.start(0)

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

"""The lower edge of the window: which model, where it runs, what is going on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QWidget

from app.core.words.devices import device_name
from app.core.words.sizes import size
from app.session.chat.entry import ChatState
from app.session.models.models import LoadState
from app.ui.widgets.theme import Theme


class StatusLine(QFrame):
    """One line. What a running answer has to say wins over what the model has to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._load = LoadState()
        self._chat = ChatState()
        self._title = ""
        self._download: tuple[str, float | None] = ("", None)
        self.setObjectName("statusLine")
        self._lamp = _Lamp(theme, self)
        self._model = QLabel(self)
        self._words = QLabel(self)
        for label in (self._model, self._words):
            label.setObjectName("statusWords")
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setAccessibleName("Status")
        self._progress = QProgressBar(self)
        self._progress.setObjectName("progress")
        self._progress.setAccessibleName("Progress")
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(QSize(140, 6))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 4)
        row.setSpacing(8)
        row.addWidget(self._lamp)
        row.addWidget(self._model)
        row.addStretch(1)
        row.addWidget(self._words)
        row.addWidget(self._progress)
        self._show()

    @property
    def words(self) -> str:
        """What it says about the work in hand."""
        return self._words.text()

    @property
    def model(self) -> str:
        """Which model it names, and where that runs."""
        return self._model.text()

    def show_model(self, title: str, load: LoadState) -> None:
        """Show the chosen model and how far it is."""
        self._title, self._load = title, load
        self._show()

    def show_chat(self, state: ChatState) -> None:
        """Show what the conversation waits for."""
        self._chat = state
        self._show()

    def show_download(self, words: str, fraction: float | None) -> None:
        """Show how far a model is on its way to this disk; it waits behind all else."""
        self._download = (words, fraction)
        self._show()

    def _show(self) -> None:
        load, chat = self._load, self._chat
        where = ""
        if load.ready is not None:
            where = f" · {device_name(load.ready.device)}"
            if load.ready.memory:
                where += f" · {size(load.ready.memory)}"
        self._model.setText(f"{self._title or 'No model'}{where}")
        self._lamp.show_color("danger" if load.failed else "accent" if load.ready else "warning")
        from_chat = bool(chat.status)
        from_model = load.failed.headline if load.failed else "" if load.ready else load.status
        words = chat.status if from_chat else from_model
        fraction = chat.fraction if from_chat else load.fraction
        coming = not words and not chat.busy and bool(self._download[0])
        if coming:
            words, fraction = self._download
        if words and fraction is not None:
            words += f" {round(100 * fraction)} %"
        self._words.setText(words)
        waits = (chat.busy and fraction is None) or fraction is not None
        if load.ready is not None and not chat.busy:
            waits = coming
        self._progress.setVisible(waits and (coming or load.failed is None))
        if fraction is None:
            self._progress.setRange(0, 0)
        else:
            self._progress.setRange(0, 100)
            self._progress.setValue(round(100 * fraction))


class _Lamp(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._color = "muted"
        self.setFixedSize(QSize(10, 10))
        theme.changed.connect(self.update)

    def show_color(self, color: str) -> None:
        self._color = color
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._color))
        painter.drawEllipse(QRectF(1, 1, 8, 8))

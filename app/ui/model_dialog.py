"""Which model answers: the catalog, what of it is on this disk, and folders of one's own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.session.models import ModelRow, Models
from app.ui.buttons import text_button
from app.ui.theme import Theme


class ModelDialog(QDialog):
    """Follows the session's models while it is open; choosing takes effect at once."""

    def __init__(self, theme: Theme, models: Models, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._models = models
        self._cards: list[ModelCard] = []
        self.setObjectName("modelDialog")
        self.setWindowTitle("Model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = QLabel("Which model answers", self)
        title.setObjectName("dialogTitle")
        words = QLabel(
            "Models run on this machine. A larger one sees more and needs more memory.", self
        )
        words.setObjectName("quietLabel")
        words.setWordWrap(True)
        inside = QWidget()
        inside.setObjectName("modelRows")
        self._rows = QVBoxLayout(inside)
        self._rows.setContentsMargins(0, 0, 8, 0)
        self._rows.setSpacing(10)
        self._rows.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._state = QLabel(self)
        self._state.setObjectName("quietLabel")
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        self._state.setWordWrap(True)
        folder = text_button("Use a model folder…", self)
        folder.setToolTip("A LLaVA checkpoint that is already on this disk, in safetensors")
        folder.clicked.connect(self._pick_folder)
        close = text_button("Close", self, kind="primary")
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.setContentsMargins(0, 0, 8, 0)
        buttons.addWidget(folder)
        buttons.addWidget(self._state, 1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 16, 16)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(words)
        column.addWidget(area, 1)
        column.addLayout(buttons)
        self.resize(680, 560)
        models.changed.connect(self._show)
        models.loadingChanged.connect(self._show_state)
        self._show()
        self._show_state()

    @property
    def cards(self) -> list[ModelCard]:
        """One per model, in the catalog's order."""
        return list(self._cards)

    def _show(self, *_rows: object) -> None:
        for card in self._cards:
            card.hide()
            card.deleteLater()
        self._cards = []
        for row in self._models.rows:
            card = ModelCard(row, self)
            card.use_button.clicked.connect(
                lambda _checked=False, row=row: self._models.choose(row.id)
            )
            self._rows.insertWidget(self._rows.count() - 1, card)
            self._cards.append(card)

    def _show_state(self, *_state: object) -> None:
        self._state.setText(self._models.load_state.status)

    def _pick_folder(self) -> None:
        dialog = QFileDialog(self, "A folder with a model")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self._models.choose_folder(Path(path)))
        dialog.open()


class ModelCard(QFrame):
    """One model: its title, what it takes, and whether it can be used."""

    def __init__(self, row: ModelRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.setObjectName("modelCard")
        self.setProperty("current", row.current)
        title = QLabel(row.title, self)
        title.setObjectName("cardTitle")
        note = QLabel(row.note, self)
        note.setObjectName("quietLabel")
        note.setWordWrap(True)
        for label in (title, note):
            label.setTextFormat(Qt.TextFormat.PlainText)
        note.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        state = "In use" if row.current else "On this disk" if row.on_disk else "Not on this disk"
        badge = QLabel(state, self)
        badge.setObjectName("cardBadge")
        badge.setProperty("on_disk", row.on_disk)
        self.use_button = text_button("Use", self)
        self.use_button.setAccessibleName(f"Use {row.title}")
        self.use_button.setVisible(row.on_disk and not row.current)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(title)
        head.addWidget(badge)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(head)
        words.addWidget(note)
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 12, 14, 12)
        line.addLayout(words, 1)
        line.addWidget(self.use_button)

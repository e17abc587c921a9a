"""The figures of a model for those who want them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from app.core.words.sizes import size
from app.session.models.library_row import ModelRow


class ModelDetails(QFrame):
    """Names and figures in two columns, which can be copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelDetails")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 8, 0, 2)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._shown: dict[str, str] = {}

    def show_row(self, row: ModelRow) -> None:
        """Show what is known of this model."""
        facts = _facts(row)
        if facts == self._shown:
            return
        self._shown = facts
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for line, (name, words) in enumerate(facts.items()):
            self._grid.addWidget(self._label(name, "quietLabel"), line, 0)
            self._grid.addWidget(self._label(words, "", selectable=True), line, 1)

    def _label(self, words: str, name: str, *, selectable: bool = False) -> QLabel:
        # A folder's name has no spaces at which it could be wrapped.
        label = QLabel(words.replace("/", "/\u200b").replace("\\", "\\\u200b"), self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        if selectable:
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label


def _facts(row: ModelRow) -> dict[str, str]:
    entry, shape = row.entry, row.entry.shape
    found = {"Published as": entry.hub, "Folder": str(entry.folder)}
    if shape is not None:
        weights = shape.weights(four_bit=entry.four_bit)
        found["In memory"] = (
            f"about {size(entry.memory_gb * 1e9)} for 4,096 tokens: "
            f"{size(weights)} of weights{' in 4 bits' if entry.four_bit else ''}, "
            f"{size(4096 * shape.cache_per_token)} for the conversation, and room to work"
        )
    if entry.context:
        picture = entry.family.picture_tokens
        found["Conversation"] = f"up to {entry.context:,} tokens; a picture takes {picture}"
    found["Prompt format"] = str(entry.prompt_format)
    return {name: words for name, words in found.items() if words}

"""The lower edge of the models window: the disk, the memory, the source, and ways out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.catalog.machine import Machine
from app.core.words.sizes import size
from app.ui.widgets.buttons import text_button
from app.ui.widgets.elided_label import ElidedLabel

_IDLE = {5: "for 5 minutes", 15: "for 15 minutes", 30: "for 30 minutes", 60: "for an hour"}


class ModelFoot(QWidget):
    """What holds for all models."""

    idleChosen = Signal(int)  # minutes; 0 is never

    def __init__(self, idle_minutes: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._disk = ElidedLabel(self)
        self._source = ElidedLabel(self)
        self._state = ElidedLabel(self)
        idle = QLabel("Keep an idle model in memory", self)
        # A little more: fractions of a pixel must not cost it its middle.
        shortest = self.fontMetrics().horizontalAdvance("From huggingface.co.") + 4
        self._source.setMinimumWidth(shortest)
        for label in (self._disk, self._source, self._state, idle):
            label.setObjectName("quietLabel")
        self._state.setAccessibleName("State")
        self.folder_button = text_button("Open the folder", self, kind="quiet")
        self.source_button = text_button("Change…", self, kind="quiet")
        self.source_button.setAccessibleName("Change where models come from")
        self.idle_box = QComboBox(self)
        self.idle_box.setAccessibleName("Keep an idle model in memory")
        for value in sorted({*_IDLE, idle_minutes} - {0}):
            self.idle_box.addItem(_IDLE.get(value, f"for {value} minutes"), value)
        self.idle_box.addItem("always", 0)
        self.idle_box.setCurrentIndex(self.idle_box.findData(idle_minutes))
        self.idle_box.activated.connect(
            lambda _index: self.idleChosen.emit(self.idle_box.currentData())
        )
        idle.setBuddy(self.idle_box)
        self.add_button = text_button("Add a model of yours", self)
        self.close_button = text_button("Close", self, kind="primary")
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self._disk, 1)
        first.addWidget(self.folder_button)
        second = QHBoxLayout()
        second.setSpacing(4)
        second.addWidget(self._source)
        second.addWidget(self.source_button)
        second.addStretch(1)
        second.addWidget(idle)
        second.addSpacing(4)
        second.addWidget(self.idle_box)
        third = QHBoxLayout()
        third.setSpacing(12)
        third.addWidget(self.add_button)
        third.addWidget(self._state, 1)
        third.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 10, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(second)
        column.addSpacing(4)
        column.addLayout(third)

    def show_disk(self, used: int, machine: Machine | None) -> None:
        """Show what the models take, and what is left."""
        free = f"; {size(machine.disk_free)} are free" if machine else ""
        self._disk.setText(
            f"Models take {size(used)} of the disk{free}."
            if used
            else f"Only the built-in model is on the disk{free}."
        )

    def show_source(self, address: str) -> None:
        """Show where models come from."""
        self._source.setText(f"From {address}.")

    def say(self, words: str) -> None:
        """Show what is going on, empty for nothing."""
        self._state.setText(words)

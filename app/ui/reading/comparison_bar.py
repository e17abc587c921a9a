"""“Read with LLaVA”, above the read text: how far it is, and the way through what differs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.session.reading.transcription import TranscriptionProgress
from app.text.choices import Mark
from app.ui.widgets.buttons import IconButton
from app.ui.widgets.theme import Theme

_BAR_HEIGHT = 6
# So many letters wide it needs to be for everything in one row.
_NARROW = 42


class ComparisonBar(QFrame):
    """A button to begin or stop, one sentence about the state, and steps between differences."""

    startRequested = Signal()
    stopRequested = Signal()
    stepRequested = Signal(int)  # 1 for the next difference, -1 for the one before
    undoRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comparisonBar")
        self.start_button = IconButton(
            theme,
            "model",
            "The model reads the picture too, and words that it reads differently are marked",
            self,
            text="Read with LLaVA",
            pixels=16,
        )
        self.stop_button = IconButton(
            theme, "stop", "Stop; what LLaVA has read stays", self, text="Stop", pixels=16
        )
        self._progress = QProgressBar(self)
        self._progress.setObjectName("progress")
        self._progress.setAccessibleName("Parts that LLaVA has read")
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(_BAR_HEIGHT)
        self.previous_button = IconButton(
            theme, "up", "Previous difference (Shift+F8)", self, pixels=16
        )
        self.next_button = IconButton(theme, "down", "Next difference (F8)", self, pixels=16)
        self.undo_button = IconButton(
            theme, "undo", "Undo the last choice (Ctrl+Z)", self, text="Undo", pixels=16
        )
        self._words = QLabel(self)
        self._words.setObjectName("comparisonWords")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self.start_button.clicked.connect(self.startRequested)
        self.stop_button.clicked.connect(self.stopRequested)
        self.previous_button.clicked.connect(lambda: self.stepRequested.emit(-1))
        self.next_button.clicked.connect(lambda: self.stepRequested.emit(1))
        self.undo_button.clicked.connect(self.undoRequested)
        begin, steps = QHBoxLayout(), QHBoxLayout()
        for button in (self.start_button, self.stop_button):
            begin.addWidget(button)
        begin.addWidget(self._progress, 1)
        begin.addStretch(0)
        steps.addStretch(1)
        for button in (self.undo_button, self.previous_button, self.next_button):
            steps.addWidget(button)
        row = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(4)
        row.addLayout(begin, 1)
        row.addLayout(steps)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 8, 4)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._words)
        self.show_state(TranscriptionProgress(), ())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room beside each other, the steps stand below."""
        narrow = event.size().width() < _NARROW * self.fontMetrics().averageCharWidth()
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._row.setDirection(way)
        super().resizeEvent(event)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def show_state(
        self,
        progress: TranscriptionProgress,
        marks: Sequence[Mark],
        *,
        can_undo: bool = False,
        can_start: bool = True,
        kept: Sequence[str] = (),
    ) -> None:
        """Show how far the model is; `kept` are the lines that it could not read."""
        self.start_button.setVisible(not progress.running)
        self.start_button.setEnabled(can_start)
        self.stop_button.setVisible(progress.running)
        self._progress.setVisible(progress.running)
        self._progress.setRange(0, progress.total)
        self._progress.setValue(progress.done)
        for button in (self.previous_button, self.next_button):
            button.setVisible(bool(marks))
        self.undo_button.setVisible(can_undo)
        words = " ".join(filter(None, _sentences(progress, marks)))
        self._words.setText(words)
        self._words.setToolTip("")
        if kept:
            self._words.setToolTip("Not read by LLaVA:\n" + "\n".join(kept))
        self._words.setVisible(bool(words))


def _sentences(progress: TranscriptionProgress, marks: Sequence[Mark]) -> list[str]:
    parts = f"{progress.done} of {progress.total} parts"
    said: list[str] = []
    if progress.waiting:
        said.append(f"LLaVA answers your question first, then goes on reading ({parts} are read).")
    elif progress.running:
        said.append(f"LLaVA is reading: {parts}." if progress.total else "LLaVA is getting ready…")
    elif progress.failed is not None:
        said += [progress.failed.headline, progress.failed.advice]
        if progress.done:
            said.append(f"What it read stays ({parts}).")
    elif progress.done and not progress.is_complete:
        said.append(f"Stopped: {parts} are read.")
    if marks:
        said.append(_differing(marks))
    elif progress.is_complete and not progress.kept:
        said.append("LLaVA reads the same words.")
    if lines := len(progress.kept_lines):
        what = "1 line" if lines == 1 else f"{lines} lines"
        said.append(f"LLaVA could not read {what}; the reader’s text stays there.")
    return said


def _differing(marks: Sequence[Mark]) -> str:
    left = sum(mark.chosen is None for mark in marks)
    places = "1 place is" if len(marks) == 1 else f"{len(marks)} places are"
    if not left:
        return f"{places} read differently; all of them are decided."
    return f"{places} read differently, {left} to decide: click one, or press F8."

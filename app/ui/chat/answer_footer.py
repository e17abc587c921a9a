"""What stands below an answer: how it ended, and what can be done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.errors import ErrorKind, Failed
from app.ui.chat.waiting import Waiting
from app.ui.widgets.buttons import CopyButton, IconButton, text_button
from app.ui.widgets.details import details_dialog
from app.ui.widgets.theme import Theme


class EntryFoot(QWidget):
    """Dots while waiting, a note, a failure with its advice, figures, Copy and Ask again."""

    retryRequested = Signal()
    changeRequested = Signal()  # of the question

    def __init__(
        self, theme: Theme, copied: Callable[[], str], label: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._waiting = Waiting(theme, self)
        self.note = QLabel(self)
        self.note.setObjectName("entryNote")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.figures = QLabel(self)
        self.figures.setObjectName("entryNote")
        self.figures.setTextFormat(Qt.TextFormat.PlainText)
        self.figures.setWordWrap(True)
        self.problem: ProblemCard | None = None
        self.copy_button = CopyButton(theme, label, copied, self)
        self.retry_button = IconButton(
            theme, "retry", "Ask again", self, text="Ask again", pixels=16
        )
        self.retry_button.clicked.connect(self.retryRequested)
        self._actions = QWidget(self)
        row = QHBoxLayout(self._actions)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.copy_button)
        row.addWidget(self.retry_button)
        row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(self._waiting)
        self._column.addWidget(self.note)
        self._column.addWidget(self.figures)
        self._column.addWidget(self._actions)

    def show_end(
        self,
        note: str,
        failed: Failed | None,
        figures: str = "",
        *,
        waits: bool,
        copy: bool,
        retry: bool,
    ) -> None:
        """Show these, and nothing at all where there is nothing to say."""
        self._waiting.setVisible(waits)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.figures.setText(figures)
        self.figures.setVisible(bool(figures))
        self._show_problem(failed)
        self.copy_button.setVisible(copy)
        self.retry_button.setVisible(retry and failed is None)
        self._actions.setVisible(copy or (retry and failed is None))
        self.setVisible(waits or copy or retry or bool(note) or failed is not None)

    def stop_waiting(self) -> None:
        """The first words are there."""
        self._waiting.hide()

    def _show_problem(self, failed: Failed | None) -> None:
        if self.problem is not None:
            self.problem.hide()
            self.problem.deleteLater()
            self.problem = None
        if failed is not None:
            self.problem = ProblemCard(failed, self)
            again = self.changeRequested if self.problem.is_too_much else self.retryRequested
            self.problem.retry_button.clicked.connect(again)
            self._column.insertWidget(1, self.problem)


class ProblemCard(QFrame):
    """Why there is no answer: the sentence, the advice, what can be done, and Details."""

    def __init__(self, failed: Failed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problemCard")
        headline = QLabel(failed.headline, self)
        headline.setObjectName("problemHeadline")
        advice = QLabel(failed.advice, self)
        for label in (headline, advice):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        advice.setVisible(bool(failed.advice))
        # What did not fit will not fit another time.
        self.is_too_much = failed.kind is ErrorKind.TOO_LONG
        label = "Change the question" if self.is_too_much else "Try again"
        self.retry_button = text_button(label, self, kind="primary")
        self.details_button = text_button("Details", self, kind="quiet")
        self.details_button.setVisible(bool(failed.detail))
        self.details_button.clicked.connect(
            lambda _checked=False: details_dialog(failed, self.window()).open()
        )
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 4, 0, 0)
        buttons.addWidget(self.retry_button)
        buttons.addWidget(self.details_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addWidget(headline)
        column.addWidget(advice)
        column.addLayout(buttons)

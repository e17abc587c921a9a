"""One model in the models window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.catalog.machine import Machine
from app.core.errors import ErrorKind
from app.core.words.sizes import size
from app.session.models.download import Step
from app.session.models.library_row import ModelRow
from app.ui.models import model_text as model_words
from app.ui.models.model_bar import FitBar
from app.ui.models.model_details import ModelDetails
from app.ui.widgets.buttons import IconButton, text_button
from app.ui.widgets.theme import Theme

# The labels of the one large button, and what it asks for.
_ACTIONS = {
    "use": "Use",
    "download": "Download",
    "resume": "Resume",
    "retry": "Try again",
    "pause": "Pause",
    "import": "Import…",
}


class ModelCard(QFrame):
    """Says what a model is good at, what it takes and may, and what can be done with it."""

    asked = Signal(str, str)  # id; one of _ACTIONS, "remove", "original", "token" or "failure"

    def __init__(self, theme: Theme, row: ModelRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.setObjectName("modelCard")
        self._title = self._label("cardTitle", wraps=False)
        self._badge = self._label("cardBadge", wraps=False)
        self._good_for = self._label("", wraps=True)
        self._bar = FitBar(theme, self)
        self._verdict = self._label("modelVerdict", wraps=True)
        self._terms = self._label("quietLabel", wraps=True)
        self._disk = self._label("modelVerdict", wraps=True)
        self._disk.setProperty("kind", "danger")
        self._words = self._label("quietLabel", wraps=True)
        self._progress = QProgressBar(self)
        self._progress.setObjectName("progress")
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(6)
        self.act_button = text_button("", self)
        self.token_button = text_button("Access token…", self)
        self.failure_button = text_button("Details", self, kind="quiet")
        self.original_button = text_button("", self)
        self.remove_button = IconButton(theme, "delete", "Delete", self)
        self.more_button = IconButton(theme, "down", "Details", self)
        self.more_button.setCheckable(True)
        self._details = ModelDetails(self)
        self._details.hide()
        self._theme = theme
        self._action = ""
        self.act_button.clicked.connect(lambda: self.asked.emit(self.row.entry.id, self._action))
        for button, what in (
            (self.token_button, "token"),
            (self.failure_button, "failure"),
            (self.original_button, "original"),
            (self.remove_button, "remove"),
        ):
            button.clicked.connect(
                lambda _checked=False, what=what: self.asked.emit(self.row.entry.id, what)
            )
        self.more_button.toggled.connect(self._unfold)
        self._lay_out()
        self.show_row(row, None)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        middle = Qt.AlignmentFlag.AlignVCenter
        head.addWidget(self._title, 0, middle)
        head.addWidget(self._badge, 0, middle)
        head.addStretch(1)
        for button in (self.act_button, self.remove_button, self.more_button):
            head.addWidget(button, 0, middle)
        fit = QHBoxLayout()
        fit.setSpacing(10)
        fit.addWidget(self._bar, 0, middle)
        fit.addWidget(self._verdict, 1)
        under_way = QHBoxLayout()
        under_way.setSpacing(10)
        under_way.addWidget(self._words, 1)
        under_way.addWidget(self.failure_button)
        under_way.addWidget(self.token_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 10, 12)
        column.setSpacing(5)
        column.addLayout(head)
        column.addWidget(self._good_for)
        column.addLayout(fit)
        column.addWidget(self._progress)
        column.addLayout(under_way)
        column.addWidget(self._disk)
        column.addWidget(self._terms)
        column.addWidget(self.original_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._details)

    def show_row(self, row: ModelRow, machine: Machine | None) -> None:
        """Show this state of the model."""
        self.row = row
        entry = row.entry
        self._title.setText(entry.title)
        self._good_for.setText(entry.good_for)
        verdict = model_words.verdict(row, machine)
        self._bar.show_fit(row.fit, verdict)
        self._verdict.setText(verdict)
        self._verdict.setVisible(bool(verdict))
        self._mark(self._verdict, "kind", model_words.colour(row.fit) if row.fit else "muted")
        disk = model_words.disk(row, machine)
        terms = entry.terms
        if not (entry.own or entry.by_hand):
            terms = f"{entry.licence}: {terms}"
        # What keeps it from being fetched stands out; a size alone does not need a line.
        self._disk.setText(f"{disk}.")
        self._disk.setVisible(bool(row.missing))
        self._terms.setText(
            " · ".join(
                part for part in (disk, terms) if part and not (row.missing and part is disk)
            )
        )
        self._mark(self, "current", row.current)
        self._show_badge()
        self._show_progress()
        self._show_buttons()
        if self.more_button.isChecked():
            self._details.show_row(row)

    def _show_badge(self) -> None:
        row = self.row
        badge = model_words.badge(row)
        self._badge.setText(badge)
        self._badge.setVisible(bool(badge))
        failed = row.download is not None and row.download.step is Step.FAILED
        self._mark(self._badge, "on_disk", not failed)
        self._mark(self._badge, "failed", failed)

    def _show_progress(self) -> None:
        item = self.row.download
        self._progress.setVisible(item is not None)
        self._words.setVisible(item is not None)
        if item is None:
            return
        words = model_words.progress(item)
        self._words.setText(words)
        self._mark(self._words, "kind", "danger" if item.step is Step.FAILED else "muted")
        fraction = model_words.fraction(item)
        busy = item.step in (Step.RUNNING, Step.IMPORTING, Step.REMOVING)
        if fraction is None:
            # An endless bar only while something goes on.
            self._progress.setRange(0, 0 if busy else 1)
            self._progress.setValue(0)
        else:
            self._progress.setRange(0, 1000)
            self._progress.setValue(round(1000 * fraction))
        self._progress.setAccessibleName(f"{self.row.entry.title}: {words}")

    def _show_buttons(self) -> None:
        row = self.row
        self._action = _action(row)
        focused = self.act_button.hasFocus()
        words = _ACTIONS.get(self._action, "")
        self.act_button.setText(words)
        self.act_button.setAccessibleName(f"{words.rstrip('…')} {row.entry.title}")
        self.act_button.setVisible(bool(words))
        weight = "primary" if _leads(row, self._action) else "plain"
        self._mark(self.act_button, "kind", weight)
        self.act_button.setEnabled(not (row.missing and self._action == "download"))
        item = row.download
        failed = item.failed if item is not None else None
        self.token_button.setVisible(failed is not None and failed.kind is ErrorKind.ACCESS)
        self.failure_button.setVisible(failed is not None and bool(failed.detail))
        unfinished = item is not None and item.unfinished
        removable = row.removable and (item is None or item.unfinished)
        self.remove_button.setVisible(removable and (row.on_disk or unfinished))
        what = "Delete" if row.on_disk else "Give up the download of"
        self.remove_button.setToolTip(f"{what} {row.entry.title}")
        self.remove_button.setAccessibleName(f"{what} {row.entry.title}")
        self.original_button.setVisible(bool(row.original) and item is None)
        self.original_button.setText(f"Delete the original ({size(row.original)})")
        self.more_button.setAccessibleName(f"Details of {row.entry.title}")
        if focused and not self.act_button.isVisible():
            # The keyboard stays with the card whose button has gone.
            self.more_button.setFocus()

    def _unfold(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._details.show_row(self.row)
        self._details.setVisible(on)
        self.more_button.draw("up" if on else "down")

    def _label(self, name: str, *, wraps: bool) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(wraps)
        return label

    def _mark(self, widget: QWidget, name: str, value: object) -> None:
        """Set a property that the style sheet knows."""
        if widget.property(name) != value:
            widget.setProperty(name, value)
            widget.style().unpolish(widget)
            widget.style().polish(widget)


def _action(row: ModelRow) -> str:
    """What the large button does; empty where there is nothing to do."""
    steps = {
        Step.WAITING: "pause",
        Step.RUNNING: "pause",
        Step.PAUSED: "resume",
        Step.FAILED: "retry",
    }
    if row.download is not None:
        return steps.get(row.download.step, "")
    if row.on_disk:
        return "" if row.current else "use"
    return "import" if row.entry.by_hand else "download"


def _leads(row: ModelRow, action: str) -> bool:
    return action in ("use", "resume") or (action == "download" and row.best)

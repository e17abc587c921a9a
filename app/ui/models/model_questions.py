"""What the models window asks before it does something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.core.words.sizes import size
from app.session.models.library_row import ModelRow
from app.ui.widgets.buttons import text_button

_LEAST_WIDTH = 440


class ConfirmationDialog(QDialog):
    """A sentence, perhaps something to fill in, and two buttons; opened, not waited for."""

    def __init__(self, title: str, words: str, yes: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("question")
        self.setWindowTitle(title)
        headline, text = QLabel(title, self), QLabel(words, self)
        headline.setObjectName("dialogTitle")
        for label in (headline, text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.yes_button = text_button(yes, self, kind="primary")
        self.yes_button.clicked.connect(self.accept)
        leave = text_button("Cancel", self)
        leave.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self.yes_button)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 18, 20, 16)
        self.column.setSpacing(12)
        self.column.addWidget(headline)
        self.column.addWidget(text)
        self.column.addLayout(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """As wide as what cannot be wrapped, whatever the size of the letters."""
        self.setMinimumWidth(max(_LEAST_WIDTH, self.column.minimumSize().width()))
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for all words: in a narrow window they take more lines."""
        super().resizeEvent(event)
        self.setMinimumHeight(self.column.totalHeightForWidth(self.width()))

    def add(self, widget: QWidget) -> None:
        """Put something above the buttons."""
        self.column.insertWidget(self.column.count() - 1, widget)


def ask(title: str, words: str, yes: str, parent: QWidget, then: Callable[[], None]) -> None:
    """A plain question; nothing happens unless it is answered with yes."""
    question = ConfirmationDialog(title, words, yes, parent)
    question.accepted.connect(then)
    question.open()


def ask_removal(row: ModelRow, parent: QWidget, then: Callable[[], None]) -> None:
    """Before files are deleted."""
    entry = row.entry
    if row.on_disk:
        back = "You can download it again." if entry.hub else "Keep a copy of it if you need it."
        words = f"{size(row.size)} of the disk are freed. {back}"
        if row.current:
            words += " Until you choose another model, the built-in one answers."
        ask(f"Delete {entry.title}?", words, "Delete", parent, then)
    else:
        done = row.download.done if row.download else 0
        words = f"The {size(done)} that are here already are deleted."
        ask(f"Cancel the download of {entry.title}?", words, "Give up", parent, then)


def ask_original(row: ModelRow, parent: QWidget, then: Callable[[], None]) -> None:
    """Before the weights are deleted that the 4-bit form was made from."""
    entry = row.entry
    words = (
        f"{size(row.original)} of the disk are freed. {entry.title} answers as before: Ocellus "
        "reads the form in 4 bits that it has made of it. "
    )
    if entry.hub:
        words += "To have the original again, delete the model and download it anew."
    else:
        words += "Keep a copy of the original if you need it elsewhere."
    ask(f"Delete the original of {entry.title}?", words, "Delete the original", parent, then)


def ask_large(row: ModelRow, words: str, parent: QWidget, then: Callable[[], None]) -> None:
    """Before something is fetched that does not fit."""
    title = f"{row.entry.title} will not run here as things are."
    ask(title, words, "Download it anyway", parent, then)


def ask_terms(row: ModelRow, parent: QWidget, then: Callable[[], None]) -> None:
    """Before weights are brought that stand behind their authors' terms."""
    question = ConfirmationDialog(
        row.entry.title,
        f"{row.entry.terms}\n\nOcellus does not have this model and does not fetch it. If you "
        "have its folder, with config.json and .safetensors files, it is imported from there.",
        "Choose the folder…",
        parent,
    )
    agreed = QCheckBox("I got it from its authors and keep to their terms.")
    question.yes_button.setEnabled(False)
    agreed.toggled.connect(question.yes_button.setEnabled)
    question.add(agreed)
    question.accepted.connect(then)
    question.open()
    agreed.setFocus()


def ask_line(
    title: str, words: str, now: str, parent: QWidget, then: Callable[[str], None], *, secret: bool
) -> None:
    """For an address or an access token."""
    question = ConfirmationDialog(title, words, "OK", parent)
    field = QLineEdit(now, question)
    field.setAccessibleName(title)
    if secret:
        field.setEchoMode(QLineEdit.EchoMode.Password)
    field.returnPressed.connect(question.accept)
    question.add(field)
    question.accepted.connect(lambda: then(field.text().strip()))
    question.open()
    field.setFocus()

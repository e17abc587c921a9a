"""The question for a document's password."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.ui.widgets.buttons import text_button


class PasswordDialog(QDialog):
    """Asks for the password of the document `name`; `wrong` says that one was wrong."""

    passwordGiven = Signal(str)

    def __init__(self, name: str, parent: QWidget, *, wrong: bool) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("passwordDialog")
        self.setWindowTitle("Password")
        title = QLabel(f"“{name}” is locked with a password.", self)
        title.setObjectName("dialogTitle")
        self.words = QLabel("It stays on this machine and is forgotten when Ocellus closes.", self)
        if wrong:
            self.words.setText("That was not the password. Capital letters matter; try again.")
            self.words.setObjectName("problemHeadline")
        for label in (title, self.words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.field = QLineEdit(self)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName("Password")
        self.open_button = text_button("Open", self, kind="primary")
        self.open_button.setDefault(True)
        self.open_button.setEnabled(False)
        self.open_button.clicked.connect(self._give)
        self.field.textChanged.connect(lambda text: self.open_button.setEnabled(bool(text)))
        leave = text_button("Cancel", self)
        leave.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        for widget in (title, self.words, self.field):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.setMinimumWidth(400)
        self.field.setFocus()

    def _give(self) -> None:
        self.passwordGiven.emit(self.field.text())
        self.accept()

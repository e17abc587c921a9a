"""The raw text behind a failure, for those who want it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.core.errors import Failed
from app.ui.widgets.buttons import text_button


def details_dialog(failed: Failed, parent: QWidget) -> QDialog:
    """A dialog with the sentence, the advice and the raw text, which can be copied."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setObjectName("details")
    dialog.setWindowTitle("Details")
    headline = QLabel(failed.headline, dialog)
    headline.setObjectName("dialogTitle")
    advice = QLabel(failed.advice, dialog)
    for label in (headline, advice):
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
    raw = QPlainTextEdit(failed.detail, dialog)
    raw.setReadOnly(True)
    raw.setAccessibleName("Raw text of the failure")
    copy = text_button("Copy", dialog)
    copy.clicked.connect(raw.selectAll)
    copy.clicked.connect(raw.copy)
    close = text_button("Close", dialog, kind="primary")
    close.clicked.connect(dialog.accept)
    buttons = QHBoxLayout()
    buttons.addWidget(copy)
    buttons.addStretch(1)
    buttons.addWidget(close)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 18, 20, 16)
    column.setSpacing(12)
    column.addWidget(headline)
    if failed.advice:
        column.addWidget(advice)
    column.addWidget(raw, 1)
    column.addLayout(buttons)
    dialog.resize(620, 400)
    return dialog

"""A table on the clipboard, so that a spreadsheet pastes cells."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.core.reading import Block
from app.text.tables import table_csv, table_page, table_tabs


def table_mime(block: Block) -> QMimeData:
    """The table as HTML, as comma- and tab-separated values, and as plain text."""
    mime = QMimeData()
    mime.setHtml(table_page(block))
    mime.setData("text/csv", table_csv(block).encode())
    mime.setData("text/tab-separated-values", table_tabs(block).encode())
    mime.setText(table_tabs(block))
    return mime


def copy_table(block: Block) -> None:
    """Put the table onto the clipboard."""
    QGuiApplication.clipboard().setMimeData(table_mime(block))

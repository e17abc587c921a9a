"""What a right click on a picture's text offers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.core.reading import Block
from app.session.reading.page_text import PageText
from app.text.tables import is_table
from app.ui.reading.table_clipboard import copy_table


def picture_menu(
    parent: QWidget,
    page: PageText,
    selected: str,
    block: Block | None,
    ask: Callable[[str], object],
) -> QMenu:
    """Copy, Copy all, Copy table on a table, and Ask about this; gone when it is closed.

    Without a selection, Ask is about the block below the pointer.
    """
    put = QGuiApplication.clipboard().setText
    menu = QMenu(parent)
    menu.setObjectName("pictureMenu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    copy = menu.addAction("Copy\tCtrl+C", lambda: put(selected))
    copy.setEnabled(bool(selected))
    menu.addAction("Copy all", lambda: put(page.text))
    if block is not None and is_table(block):
        menu.addAction("Copy table", lambda: copy_table(block))
    about = selected or (" ".join(line.text for line in block.lines) if block else "")
    if about.strip():
        menu.addSeparator()
        menu.addAction("Ask about this", lambda: ask(about))
    return menu

"""Find in the picture: a field, how many, next and previous."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.session.page_text import PageText
from app.ui.buttons import IconButton
from app.ui.theme import Theme


class FindBar(QFrame):
    """Looks for words in a `PageText`; Enter goes on, with Shift back, Esc closes."""

    matchesChanged = Signal(object, object)  # list of (begin, end), index of the current | None
    opened = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: PageText | None = None
        self._matches: list[tuple[int, int]] = []
        self._current: int | None = None
        self.setObjectName("findBar")
        self.field = QLineEdit(self)
        self.field.setAccessibleName("Find in the picture")
        self.field.setPlaceholderText("Find in the picture")
        self.field.setAcceptDrops(False)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self._count = QLabel(self)
        self._count.setObjectName("quietLabel")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self.previous_button = IconButton(theme, "up", "Previous (Shift+Enter)", self, pixels=16)
        self.next_button = IconButton(theme, "down", "Next (Enter)", self, pixels=16)
        close = IconButton(theme, "close", "Close (Esc)", self, pixels=16)
        self.previous_button.clicked.connect(lambda: self.step(-1))
        self.next_button.clicked.connect(lambda: self.step(1))
        close.clicked.connect(self.leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 5, 8, 5)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addSpacing(4)
        row.addWidget(self._count)
        row.addWidget(self.previous_button)
        row.addWidget(self.next_button)
        row.addWidget(close)
        self.hide()

    @property
    def words(self) -> str:
        """What it says about the matches."""
        return self._count.text()

    def begin(self, words: str = "") -> None:
        """Open, with these words where there are any."""
        self.show()
        if words:
            self.field.setText(words)
        self.field.setFocus()
        self.field.selectAll()
        self.opened.emit()
        self._search()

    def leave(self) -> None:
        """Close, and take the marks off the picture."""
        self.hide()
        self._matches, self._current = [], None
        self.matchesChanged.emit([], None)
        self.closed.emit()

    def show_text(self, page: PageText | None) -> None:
        """Look in this text from now on; None while it is being read."""
        if page is not self._page:
            self._page = page
            if not self.isHidden():
                self._search()

    def step(self, by: int) -> None:
        """Go to the next match, or the one before, round and round."""
        if self._matches:
            self._current = ((self._current or 0) + by) % len(self._matches)
            self._tell()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Enter, Shift+Enter and Esc, which would stop an answer elsewhere."""
        kinds = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() in kinds:
            pressed = event.type() is QEvent.Type.KeyPress
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
                if pressed:
                    self.leave()
                return True
            if pressed and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.step(-1 if back else 1)
                return True
        return False

    def _search(self) -> None:
        found = self._page.find(self.field.text()) if self._page is not None else []
        self._matches = found
        self._current = 0 if found else None
        self._tell()

    def _tell(self) -> None:
        for button in (self.previous_button, self.next_button):
            button.setEnabled(len(self._matches) > 1)
        if self._page is None:
            words = "Reading the text…"
        elif not self.field.text().strip():
            words = ""
        elif self._current is None:
            words = "Not found"
        else:
            words = f"{self._current + 1} of {len(self._matches)}"
        self._count.setText(words)
        self.matchesChanged.emit(self._matches, self._current)

"""Find in the picture, or in all pages: a field, how many, where, next and previous."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from app.session.documents.pages import ReadingProgress
from app.session.reading.page_text import PageText
from app.ui.widgets.buttons import IconButton
from app.ui.widgets.theme import Theme


@dataclass(frozen=True, slots=True)
class SearchedPages:
    """A document around the text: the page shown, and how often the words stand on each."""

    page: int
    progress: ReadingProgress
    counts: dict[int, int] = field(default_factory=dict[int, int])


class FindBar(QFrame):
    """Looks for words in a `PageText`; Enter goes on, with Shift back, Esc closes.

    In a document it goes on to the next page that has them, and "Page n" lists
    those that do.
    """

    # A list of (begin, end), which Qt would copy as a `list`; the index of the current | None.
    matchesChanged = Signal(object, object)
    wordsChanged = Signal(str)
    pageWanted = Signal(int)
    opened = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: PageText | None = None
        self._pages: SearchedPages | None = None
        self._matches: list[tuple[int, int]] = []
        self._current: int | None = None
        # The page that was asked for, and whether its last match is the one to show.
        self._awaited: tuple[int, bool] | None = None
        self.setObjectName("findBar")
        self.field = QLineEdit(self)
        self.field.setAcceptDrops(False)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._words_changed)
        self._count = QLabel(self)
        self._count.setObjectName("quietLabel")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self.page_button = IconButton(
            theme, "find", "Pages with these words", self, text="Pages", pixels=16
        )
        self.page_menu = QMenu(self)
        self.page_menu.aboutToShow.connect(self._fill_menu)
        self.page_button.setMenu(self.page_menu)
        self.page_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
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
        row.addWidget(self.page_button)
        row.addWidget(self.previous_button)
        row.addWidget(self.next_button)
        row.addWidget(close)
        self.show_pages(None)
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
        self._words_changed()

    def leave(self) -> None:
        """Close, and take the marks off the picture."""
        self.hide()
        self._matches, self._current, self._awaited = [], None, None
        self.matchesChanged.emit([], None)
        self.closed.emit()

    def show_text(self, page: PageText | None) -> None:
        """Look in this text from now on; None while it is being read."""
        if page is not self._page:
            self._page = page
            if not self.isHidden():
                self._search()

    def show_pages(self, pages: SearchedPages | None) -> None:
        """The text is one page of this document; None for a picture."""
        self._pages = pages
        where = "in the picture" if pages is None else "in all pages"
        self.field.setAccessibleName(f"Find {where}")
        self.field.setPlaceholderText(f"Find {where}")
        self._say()

    def step(self, by: int) -> None:
        """Go to the next match, or the one before, round and round."""
        at = -1 if self._current is None else self._current + by
        if 0 <= at < len(self._matches):
            self._current = at
            self._tell()
        elif (page := self._page_after(by)) is not None:
            self._go_to(page, is_back=by < 0)
        elif self._matches:
            self._current = at % len(self._matches)
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

    def _words_changed(self) -> None:
        self._awaited = None
        self.wordsChanged.emit(self.field.text())
        self._search()

    def _search(self) -> None:
        found = self._page.find(self.field.text()) if self._page is not None else []
        self._matches = found
        self._current = 0 if found else None
        if self._page is not None and self._awaited is not None:
            page, is_last = self._awaited
            if found and is_last and self._pages is not None and self._pages.page == page:
                self._current = len(found) - 1
            self._awaited = None
        self._tell()

    def _counts(self) -> dict[int, int]:
        """How often the words stand on each page that has them, in order."""
        if self._pages is None:
            return {}
        counts = dict(self._pages.counts)
        if self._page is not None:
            counts[self._pages.page] = len(self._matches)
        return {page: counts[page] for page in sorted(counts) if counts[page]}

    def _page_after(self, by: int) -> int | None:
        """The next other page with the words, round and round."""
        if self._pages is None:
            return None
        # Enter once more while a page is on its way goes on from that one.
        here = self._awaited[0] if self._awaited is not None else self._pages.page
        others = [page for page in self._counts() if page != here]
        if by < 0:
            others.reverse()
        beyond = [page for page in others if (page - here) * by > 0]
        return next(iter(beyond or others), None)

    def _go_to(self, page: int, *, is_back: bool = False) -> None:
        self._awaited = page, is_back
        self.pageWanted.emit(page)

    def _fill_menu(self) -> None:
        self.page_menu.clear()
        for page, count in self._counts().items():
            words = f"Page {page}" + (f" – {count} times" if count > 1 else "")
            action = self.page_menu.addAction(words, lambda page=page: self._go_to(page))
            action.setCheckable(True)
            action.setChecked(self._pages is not None and page == self._pages.page)

    def _tell(self) -> None:
        self._say()
        self.matchesChanged.emit(self._matches, self._current)

    def _say(self) -> None:
        counts = self._counts()
        others = len(counts) > 1 or (bool(counts) and not self._matches)
        for button in (self.previous_button, self.next_button):
            button.setEnabled(len(self._matches) > 1 or others)
        self.page_button.setVisible(others)
        self._count.setText(self._sentence(counts))

    def _sentence(self, counts: dict[int, int]) -> str:
        if not self.field.text().strip():
            return "" if self._page is not None else "Reading the text…"
        if self._pages is None:
            if self._page is None:
                return "Searching…"
            found = len(self._matches)
            return "Not found" if self._current is None else f"{self._current + 1} of {found}"
        total = sum(counts.values())
        if self._current is not None:
            before = sum(count for page, count in counts.items() if page < self._pages.page)
            words = f"{before + self._current + 1} of {total}"
        elif total:
            words = f"{total} on other pages"
        else:
            words = "Not found"
        progress = self._pages.progress
        if progress.done < progress.total:
            so_far = f"{progress.done} of {progress.total} pages read"
            if not total and progress.running:
                words = "Searching…"
            return f"{words} · {so_far}" if total or progress.done else "Searching…"
        return words

"""“Read with LLaVA” and what comes of it, bound to the panel and the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow

from app.session.models.models import Models
from app.session.reading.comparisons import Comparisons
from app.session.reading.page_text import PageText
from app.session.reading.transcribing import Transcribing
from app.text.choices import Mark, Version
from app.text.comparison import Difference
from app.ui.reading.comparison_bar import ComparisonBar
from app.ui.reading.difference_popup import DifferencePopup
from app.ui.widgets.theme import Theme
from app.ui.window.layout import WindowLayout

_AROUND = 10


class ComparisonController(QObject):
    """Begins, stops and shows the second reading of the picture on the screen."""

    def __init__(
        self,
        window: QMainWindow,
        theme: Theme,
        parts: WindowLayout,
        transcribing: Transcribing,
        comparisons: Comparisons,
        models: Models,
    ) -> None:
        super().__init__(window)
        self._pane = parts.pictures
        self._transcribing = transcribing
        self._comparisons = comparisons
        self._models = models
        self._page: PageText | None = None
        self._marks: tuple[Mark, ...] = ()
        self._current: Difference | None = None
        self.bar = ComparisonBar(theme, self._pane.panel)
        self.popup = DifferencePopup(theme, window)
        self._pane.panel.add_below_head(self.bar)
        self._connect(window)
        self._show_page(None)

    def _connect(self, window: QMainWindow) -> None:
        pane = self._pane
        pane.textShown.connect(self._show_page)
        pane.panel.text.markClicked.connect(self._open_in_text)
        pane.view.markClicked.connect(self._open_in_picture)
        self.bar.startRequested.connect(self._start)
        self.bar.stopRequested.connect(self._stop)
        self.bar.stepRequested.connect(self._step)
        self.bar.undoRequested.connect(self._undo)
        self.popup.versionChosen.connect(self._choose)
        self.popup.stepRequested.connect(self._step)
        self._transcribing.progressed.connect(self._changed)
        self._comparisons.changed.connect(self._changed)
        self._models.changed.connect(self._show)
        for keys, by in (("F8", 1), ("Shift+F8", -1)):
            shortcut = QShortcut(QKeySequence(keys), window)
            shortcut.activated.connect(lambda by=by: self._step(by))
        pane.panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the panel Ctrl+Z takes a choice back, if there is one; else it is the window's.

        Two shortcuts of one key would be ambiguous, and neither would work.
        """
        if (
            isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
            and self._comparisons.can_undo(self._sha256())
        ):
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self._undo()
                return True
        return super().eventFilter(watched, event)

    def _sha256(self) -> str:
        return self._pane.picture.sha256 if self._pane.picture is not None else ""

    def _show_page(self, page: PageText | None) -> None:
        self._page = page if page is not None and page.lines else None
        self._show()

    def _changed(self, sha256: str) -> None:
        if sha256 == self._sha256():
            self._show()

    def _show(self) -> None:
        sha256 = self._sha256()
        self.bar.setVisible(self._page is not None)
        self._marks = self._comparisons.marks(sha256) if self._page is not None else ()
        at = self._place_of(self._current)
        self._pane.panel.text.show_marks(self._marks, at)
        self._pane.view.show_marks(self._marks, at)
        progress = self._transcribing.progress(sha256)
        lines = self._page.reading.lines if self._page is not None else ()
        self.bar.show_state(
            progress,
            self._marks,
            can_undo=self._comparisons.can_undo(sha256),
            can_start=self._models.current is not None,
            kept=[lines[i].text for i in sorted(progress.kept_lines) if i < len(lines)],
        )

    def _start(self) -> None:
        if self._pane.picture is not None:
            self._transcribing.start(self._pane.picture)

    def _stop(self) -> None:
        self._transcribing.cancel(self._sha256())

    def _choose(self, difference: Difference, version: Version) -> None:
        self._current = difference
        self._comparisons.choose(self._sha256(), difference, version)

    def _undo(self) -> None:
        if (difference := self._comparisons.undo(self._sha256())) is not None:
            self._reveal(difference)

    def _step(self, by: int) -> None:
        """The next difference, or the one before, round and round."""
        if not self._marks or not self._pane.reads:
            return
        at = self._place_of(self._current)
        if at is None:
            at = -1 if by > 0 else 0
        at = (at + by) % len(self._marks)
        self._reveal(self._marks[at].difference)
        self._open_in_text(at)

    def _reveal(self, difference: Difference) -> None:
        self._current = difference
        self._show()
        at = self._place_of(difference)
        if at is not None:
            self._pane.panel.text.reveal_mark(at)
            self._pane.view.reveal_mark(at)

    def _place_of(self, difference: Difference | None) -> int | None:
        places = (at for at, mark in enumerate(self._marks) if mark.difference == difference)
        return next(places, None)

    def _open_in_text(self, at: int) -> None:
        self._open(at, self._pane.panel.text.mark_rect(at))

    def _open_in_picture(self, at: int) -> None:
        self._open(at, self._pane.view.mark_rect(at))

    def _open(self, at: int, place: QRect) -> None:
        if at >= len(self._marks):
            return
        mark = self._marks[at]
        self._current = mark.difference
        self._show()
        around = self._pane.view.mark_bounds(at)
        if not around.isEmpty():
            around = around.adjusted(-_AROUND, -_AROUND / 2, _AROUND, _AROUND / 2)
        self.popup.show_difference(mark, self._pane.view.crop(QRectF(around)), place)

"""Sentences over the window that do not stop anybody's work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.errors import Failed
from app.ui.widgets.buttons import IconButton, text_button
from app.ui.widgets.details import details_dialog
from app.ui.widgets.soon import Soon
from app.ui.widgets.theme import Theme

SECONDS = 10.0
_MOST = 3
_WIDTH = 560
_MARGIN = 12


class Notice(QFrame):
    """One sentence with its advice, perhaps a button, and a way to close it.

    `kind` is "problem", "hint" or "plain".
    """

    left = Signal()

    def __init__(
        self,
        theme: Theme,
        headline: str,
        advice: str = "",
        *,
        kind: str = "plain",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("notice")
        self.kind = kind
        self.setProperty("kind", kind)
        self.setAccessibleName(headline)
        self._sign = QLabel(self)
        self._drawing = "alert" if kind == "problem" else "info"
        self._color = {"problem": "danger", "hint": "warning"}.get(kind, "muted")
        self._words = QLabel(f"{headline} {advice}".strip(), self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 7, 8, 7)
        self._row.setSpacing(10)
        self._row.addWidget(self._sign)
        self._row.addWidget(self._words, 1)
        self._more = QLabel(self)
        self._more.setObjectName("quietLabel")
        self._more.hide()
        self._row.addWidget(self._more)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.leave)
        self.close_button = IconButton(theme, "close", "Close this message", self, pixels=16)
        self.close_button.clicked.connect(self.leave)
        self._row.addWidget(self.close_button)
        self._left_ms: int | None = None
        self._paint()
        theme.changed.connect(self._paint)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def add_action(self, label: str, action: Callable[[], object]) -> None:
        """A button before the closing one."""
        button = text_button(label, self, kind="quiet")
        button.clicked.connect(lambda _checked=False: action())
        self._row.insertWidget(self._row.count() - 1, button)

    def leave(self) -> None:
        """Take it off the window."""
        self._clock.stop()
        self.hide()
        self.left.emit()
        self.deleteLater()

    def leave_after(self, seconds: float) -> None:
        """Leave by itself; not while the pointer is on it."""
        self._clock.start(round(1000 * seconds))

    def show_more(self, count: int) -> None:
        """Say how many more wait behind it."""
        self._more.setText(f"{count} more")
        self._more.setVisible(count > 0)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Somebody may be about to press its button."""
        super().enterEvent(event)
        self._left_ms = self._clock.remainingTime() if self._clock.isActive() else None
        self._clock.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go on where the pointer came."""
        super().leaveEvent(event)
        if self._left_ms is not None:
            self._clock.start(self._left_ms)

    def _paint(self) -> None:
        ratio = self.devicePixelRatioF()
        pixmap = self._theme.pixmap(self._drawing, round(18 * ratio), self._color)
        pixmap.setDevicePixelRatio(ratio)
        self._sign.setPixmap(pixmap)


class NoticeBar(QWidget):
    """Notices over the upper end of `host`, so that nothing moves when they come and go.

    Plain ones stand below each other; the oldest leaves first, and one that leaves by
    itself waits while the pointer is on it. Below them stands one problem at a time, until
    it is closed; the next one then takes its place.
    """

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self._theme = theme
        self._host = host
        self._waiting: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._place_soon = Soon(self, self._place)
        host.installEventFilter(self)
        self.hide()

    @property
    def notices(self) -> list[Notice]:
        """What is shown, from above."""
        items = map(self._column.itemAt, range(self._column.count()))
        shown = [item.widget() for item in items if item is not None]
        return [note for note in shown if isinstance(note, Notice) and not note.isHidden()]

    def say_failed(
        self, failed: Failed, label: str = "", action: Callable[[], object] | None = None
    ) -> None:
        """Show what failed and what to do, after what failed before was read.

        The same words twice are shown once. A button called `label` may do it; the notice
        goes with that.
        """
        notice = Notice(self._theme, failed.headline, failed.advice, kind="problem", parent=self)
        if self._is_said(notice):
            notice.deleteLater()
            return
        if action is not None:
            _offer(notice, label, action)
        if failed.detail:
            notice.add_action("Details", lambda: details_dialog(failed, self.window()).open())
        notice.hide()
        notice.left.connect(self._next)
        self._waiting.append(notice)
        self._next()

    def say(
        self,
        words: str,
        label: str = "",
        action: Callable[[], object] | None = None,
        seconds: float | None = SECONDS,
    ) -> Notice | None:
        """A plain sentence, perhaps with a button, for some seconds; the button ends it too.

        Without seconds it stays until the caller takes it off.
        """
        notice = Notice(self._theme, words, parent=self)
        if self._is_said(notice):
            notice.deleteLater()
            return None
        plain = [other for other in self.notices if other.kind != "problem"]
        for old in plain[: max(0, len(plain) - _MOST + 1)]:
            old.leave()
        if action is not None:
            _offer(notice, label, action)
        notice.left.connect(self._next)
        if seconds is not None:
            notice.leave_after(seconds)
        self._column.insertWidget(len(plain), notice)
        notice.show()
        self._place()
        return notice

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As wide as its host lets it be."""
        if watched is self._host and event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _is_said(self, notice: Notice) -> bool:
        return any(other.words == notice.words for other in (*self.notices, *self._waiting))

    def _next(self) -> None:
        """Show the problem whose turn it is, and how many more there are."""
        problems = [note for note in self.notices if note.kind == "problem"]
        if not problems and self._waiting:
            problems = [self._waiting.pop(0)]
            self._column.addWidget(problems[0])
            problems[0].show()
        for problem in problems:
            problem.show_more(len(self._waiting))
        self._place()
        # Words that wrap say how high they are only once they have their width.
        self._place_soon.ask()

    def _place(self) -> None:
        self.setVisible(bool(self.notices))
        width = min(_WIDTH, self._host.width() - 2 * _MARGIN)
        self._column.activate()
        height = max(self._column.totalHeightForWidth(width), self._column.minimumSize().height())
        self.setGeometry((self._host.width() - width) // 2, _MARGIN, width, height)
        self.raise_()


def _offer(notice: Notice, label: str, action: Callable[[], object]) -> None:
    """A button that does something and takes the notice off."""

    def act() -> None:
        notice.leave()
        action()

    notice.add_action(label, act)

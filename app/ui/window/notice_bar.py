"""Sentences at the top of the window that do not stop anybody's work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.errors import Failed
from app.ui.widgets.buttons import IconButton, text_button
from app.ui.widgets.details import details_dialog
from app.ui.widgets.theme import Theme

_MOST = 3


class Notice(QFrame):
    """One sentence with its advice, perhaps a button, and a way to close it.

    `kind` is "problem", "hint" or "plain".
    """

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
        self.close_button = IconButton(theme, "close", "Close this message", self, pixels=16)
        self.close_button.clicked.connect(self.leave)
        self._row.addWidget(self.close_button)
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
        self.hide()
        self.deleteLater()

    def _paint(self) -> None:
        ratio = self.devicePixelRatioF()
        pixmap = self._theme.pixmap(self._drawing, round(18 * ratio), self._color)
        pixmap.setDevicePixelRatio(ratio)
        self._sign.setPixmap(pixmap)


class NoticeBar(QWidget):
    """Up to three notices below each other; the oldest leaves first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def notices(self) -> list[Notice]:
        """What is shown, oldest first."""
        return [note for note in self.findChildren(Notice) if not note.isHidden()]

    def say_failed(
        self, failed: Failed, label: str = "", action: Callable[[], object] | None = None
    ) -> None:
        """Show what failed and what to do; the same words twice are shown once.

        A button called `label` may do it; the notice goes with that.
        """
        notice = self._add(Notice(self._theme, failed.headline, failed.advice, kind="problem"))
        if notice is None:
            return
        if action is not None:
            _offer(notice, label, action)
        if failed.detail:
            notice.add_action("Details", lambda: details_dialog(failed, self.window()).open())

    def say(
        self, words: str, label: str, action: Callable[[], object], seconds: float | None
    ) -> Notice | None:
        """A plain sentence with one button, for some seconds; the button ends it too.

        Without seconds it stays until the caller takes it off.
        """
        notice = self._add(Notice(self._theme, words))
        if notice is None:
            return None
        _offer(notice, label, action)
        if seconds is not None:
            QTimer.singleShot(round(1000 * seconds), notice, notice.leave)
        return notice

    def _add(self, notice: Notice) -> Notice | None:
        shown = self.notices
        if any(other.words == notice.words for other in shown):
            notice.deleteLater()
            return None
        for old in shown[: max(0, len(shown) - _MOST + 1)]:
            old.leave()
        self._column.addWidget(notice)
        notice.show()
        return notice


def _offer(notice: Notice, label: str, action: Callable[[], object]) -> None:
    """A button that does something and takes the notice off."""

    def act() -> None:
        notice.leave()
        action()

    notice.add_action(label, act)

"""An answer while it is written and afterwards: rendered pieces below each other."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.ui.answer_browser import AnswerBrowser
from app.ui.code_block import CodeBlock
from app.ui.markdown import Piece, split
from app.ui.theme import Theme

_SHORTEST_MS = 250
# Rendering takes this share of the time at most, however slow the machine.
_SHARE = 0.1


class AnswerView(QWidget):
    """Shows streamed Markdown.

    New text appears at once, raw, at the end of the last piece; that piece
    alone is rendered again, a few times a second at most. Finished pieces are
    not touched any more, so a long answer costs no more than a short one.
    """

    rendered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._open_from = 0
        self._views: list[AnswerBrowser | CodeBlock] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SHORTEST_MS)
        self._soon.timeout.connect(self._render)

    @property
    def text(self) -> str:
        """The Markdown as it arrived."""
        return self._text

    def append(self, piece: str) -> None:
        """Add text that has just been generated."""
        self._text += piece
        if self._views and isinstance(last := self._views[-1], AnswerBrowser):
            last.append_raw(piece)
        elif not self._views:
            self._render()
            return
        if not self._soon.isActive():
            self._soon.start()

    def finish(self, text: str) -> None:
        """Render the whole answer; `text` replaces what arrived where they differ."""
        self._soon.stop()
        # The end of an answer is trimmed; that alone is no reason to build it anew.
        if not text.startswith(self._text.rstrip()) or not text:
            for view in self._views:
                view.hide()
                view.deleteLater()
            self._views.clear()
            self._open_from = 0
        self._text = text
        self._render()

    def _render(self) -> None:
        began = time.perf_counter()
        offset = self._open_from
        kept = self._finished()
        for index, piece in enumerate(split(self._text[offset:])):
            place = kept + index
            self._view_for(place, piece)
            self._open_from = offset + piece.start
        took_ms = 1000 * (time.perf_counter() - began)
        self._soon.setInterval(max(_SHORTEST_MS, int(took_ms / _SHARE)))
        self.rendered.emit()

    def _finished(self) -> int:
        """How many views lie before the piece that is still open."""
        return max(0, len(self._views) - 1)

    def _view_for(self, place: int, piece: Piece) -> None:
        kind = CodeBlock if piece.is_code else AnswerBrowser
        if place < len(self._views) and not isinstance(self._views[place], kind):
            self._views.pop(place).deleteLater()
        if place == len(self._views):
            view = kind(self._theme, self)
            self._views.append(view)
            self._column.addWidget(view)
        view = self._views[place]
        if isinstance(view, CodeBlock):
            view.show_code(piece.source, piece.language)
        else:
            view.show_markdown(piece.source)

"""An answer while it is written and afterwards: rendered pieces below each other."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.ui.chat.answer_browser import AnswerBrowser
from app.ui.chat.code_block import CodeBlock
from app.ui.chat.markdown import MarkdownPiece, Start, pieces
from app.ui.chat.turns import Turns
from app.ui.widgets.buttons import text_button
from app.ui.widgets.theme import Theme

_SHORTEST_MS = 250
# Rendering takes this share of the time at most, however slow the machine.
_SHARE = 0.1
# Laying out a long raw tail costs more than rendering it: past this it waits for its rendering.
_RAW_CHARACTERS = 3000
# No model writes as much; what goes beyond waits until it is asked for.
MOST_PIECES = 200


class AnswerView(QWidget):
    """Shows streamed Markdown.

    New text appears at once, raw, at the end of the last piece; that piece
    alone is rendered again, a few times a second at most. Finished pieces are
    not touched any more, so a long answer costs no more than a short one.
    """

    rendered = Signal()
    phraseSelected = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, turns: Turns | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._turns = turns or Turns(self)
        self._text = ""
        # Views before `_finished` show what lies before `_open` and stay as they are. The parts
        # of one block of code share a view.
        self._views: list[AnswerBrowser | CodeBlock] = []
        self._finished = 0
        self._open = Start()
        self._most = MOST_PIECES
        self._raw = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.more_button = text_button("Show more of this answer", self, kind="quiet")
        self.more_button.clicked.connect(self._show_more)
        self.more_button.hide()
        self._column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._render)
        self._pause = _SHORTEST_MS

    @property
    def text(self) -> str:
        """The Markdown as it arrived."""
        return self._text

    @property
    def is_drawn(self) -> bool:
        """Whether everything that is to be on the screen is there."""
        return not self._soon.isActive() and not self._turns.has(self)

    def append(self, piece: str) -> None:
        """Add text that has just been generated."""
        self._text += piece
        self._raw += len(piece)
        if not self._views:
            self._render()
            return
        last = self._views[-1]
        is_open = len(self._views) > self._finished
        if is_open and self._raw <= _RAW_CHARACTERS and isinstance(last, AnswerBrowser):
            last.append_raw(piece)
        if not self._soon.isActive():
            self._soon.start(self._pause)

    def finish(self, text: str) -> None:
        """Render the whole answer; `text` replaces what arrived where they differ."""
        self._soon.stop()
        # The end of an answer is trimmed; that alone is no reason to build it anew.
        if not text.startswith(self._text.rstrip()) or not text:
            for view in set(self._views):
                view.hide()
                view.deleteLater()
            self._views.clear()
            self._finished, self._open, self._most = 0, Start(), MOST_PIECES
        self._text = text
        self._render()

    def _render(self) -> None:
        """Render what is open, or as much of it as this turn of the event loop has time for."""
        began = before = time.perf_counter()
        self._turns.forget(self)
        self._raw = 0
        is_more = False
        for piece in pieces(self._text, self._open):
            self._open = piece.at
            if self._turns.is_over:
                self._turns.wait(self, self._render)
                break
            if not piece.is_blank:
                if self._finished >= self._most:
                    is_more = True
                    break
                self._show(self._finished, piece)
                self._finished += piece.closed
            now = time.perf_counter()
            self._turns.spend(1000 * (now - before))
            before = now
        self.more_button.setVisible(is_more)
        self._pause = max(_SHORTEST_MS, int(1000 * (time.perf_counter() - began) / _SHARE))
        self.rendered.emit()

    def _show_more(self) -> None:
        self._most += MOST_PIECES
        self._render()

    def _show(self, place: int, piece: MarkdownPiece) -> None:
        view = self._view_for(place, piece)
        if isinstance(view, CodeBlock):
            view.show_code(piece.source, piece.language, piece.part)
        else:
            view.show_markdown(piece.source)

    def _view_for(self, place: int, piece: MarkdownPiece) -> AnswerBrowser | CodeBlock:
        kind = CodeBlock if piece.is_code else AnswerBrowser
        if place < len(self._views) and not isinstance(self._views[place], kind):
            self._views.pop(place).deleteLater()
        if place == len(self._views):
            if piece.part:
                view = self._views[-1]
            else:
                view = kind(self._theme, self)
                view.lay_out_for(self.width())
                view.phraseSelected.connect(self.phraseSelected)
                self._column.insertWidget(self._column.count() - 1, view)
            self._views.append(view)
        return self._views[place]

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
# One turn of the event loop renders for about this long; the rest waits for the next turn.
_TURN_MS = 12
# Laying out a long raw tail costs more than rendering it: past this it waits for its rendering.
_RAW_CHARACTERS = 3000


class AnswerView(QWidget):
    """Shows streamed Markdown.

    New text appears at once, raw, at the end of the last piece; that piece
    alone is rendered again, a few times a second at most. Finished pieces are
    not touched any more, so a long answer costs no more than a short one.
    """

    rendered = Signal()
    phraseSelected = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        # Views before `_finished` show what lies before `_open_from` and stay as they are.
        self._views: list[AnswerBrowser | CodeBlock] = []
        self._finished = 0
        self._open_from = 0
        self._raw = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._render)
        self._pause = _SHORTEST_MS

    @property
    def text(self) -> str:
        """The Markdown as it arrived."""
        return self._text

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
            for view in self._views:
                view.hide()
                view.deleteLater()
            self._views.clear()
            self._finished = self._open_from = 0
        self._text = text
        self._render()

    def _render(self) -> None:
        """Render what is open, or as much of it as fits one turn of the event loop."""
        began = time.perf_counter()
        self._raw = 0
        first, offset = self._finished, self._open_from
        pieces = split(self._text[offset:])
        took_ms = 0.0
        for place, piece in enumerate(pieces):
            self._open_from = offset + piece.start
            self._finished = first + place
            if took_ms > _TURN_MS:
                self._soon.start(0)
                break
            self._view_for(self._finished, piece)
            took_ms = 1000 * (time.perf_counter() - began)
        self._pause = max(_SHORTEST_MS, int(took_ms / _SHARE))
        self.rendered.emit()

    def _view_for(self, place: int, piece: Piece) -> None:
        kind = CodeBlock if piece.is_code else AnswerBrowser
        if place < len(self._views) and not isinstance(self._views[place], kind):
            self._views.pop(place).deleteLater()
        if place == len(self._views):
            view = kind(self._theme, self)
            view.phraseSelected.connect(self.phraseSelected)
            self._views.append(view)
            self._column.addWidget(view)
        view = self._views[place]
        if isinstance(view, CodeBlock):
            view.show_code(piece.source, piece.language)
        else:
            view.show_markdown(piece.source)

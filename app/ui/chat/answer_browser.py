"""A piece of an answer: Markdown that loads nothing and opens nothing by itself."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QSize, QSizeF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QImage,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from app.core.cleaning import clean
from app.ui.chat.links import question_for, web_link
from app.ui.chat.rich_text import markdown_document, plain_document
from app.ui.widgets.theme import Theme


class AnswerBrowser(QTextBrowser):
    """As tall as its text. Shows Markdown, or text as it streams in before that."""

    rendered = Signal()
    phraseSelected = Signal(str)  # empty when nothing is selected any more

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._markdown = ""
        self._is_raw = False
        self._shown: QTextDocument | None = None
        self.setObjectName("answerText")
        self.setAccessibleName("Answer")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._adopt(plain_document(self, self.font()))
        self.anchorClicked.connect(self._ask_before_opening)
        self.selectionChanged.connect(
            lambda: self.phraseSelected.emit(self.textCursor().selectedText())
        )
        theme.changed.connect(self._theme_changed)

    def lay_out_for(self, width: int) -> None:
        """About the width that it will have; a narrow one would make far more lines of the text.

        Not shown yet, a widget does not hand its size on to its viewport.
        """
        self.resize(width, 1)
        self.viewport().resize(width, 1)

    def show_markdown(self, text: str) -> None:
        """Replace what is shown by `text` rendered as Markdown."""
        if self._is_raw or text != self._markdown:
            self._markdown = text
            self._render()

    def show_plain(self, text: str) -> None:
        """Replace what is shown by `text` as it is."""
        document = plain_document(self, self.font())
        document.setPlainText(clean(text))
        self._adopt(document)

    def natural_width(self) -> int:
        """Points that the text takes where no line is wrapped."""
        unwrapped = self.document().clone()
        unwrapped.setTextWidth(-1)
        return math.ceil(unwrapped.idealWidth()) + 1

    def append_raw(self, piece: str) -> None:
        """Add `piece` as it is, until the next rendering."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(piece, QTextCharFormat())
        self._is_raw = True

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: ARG002 - Qt's signature
        """One empty pixel for whatever is asked for.

        An empty answer would be worse: Qt would then try to open the file itself.
        """
        pixel = QImage(1, 1, QImage.Format.Format_ARGB32)
        pixel.fill(Qt.GlobalColor.transparent)
        return pixel

    def sizeHint(self) -> QSize:
        """The text's own size."""
        return QSize(320, self._text_height())

    def minimumSizeHint(self) -> QSize:
        """Narrow, and as tall as the text."""
        return QSize(80, self._text_height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the conversation, not this piece."""
        event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        """Set the text again when the type changed."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and self._markdown:
            self._render()

    def _render(self) -> None:
        self._is_raw = False
        self._adopt(markdown_document(self._markdown, self, self.font(), self._theme))
        self.rendered.emit()

    def _adopt(self, document: QTextDocument) -> None:
        document.setDefaultTextOption(self.document().defaultTextOption())
        old, self._shown = self._shown, document
        self.setDocument(document)
        if old is not None:
            old.deleteLater()
        document.documentLayout().documentSizeChanged.connect(self._fit)
        self._fit(document.size())

    def _fit(self, size: QSizeF) -> None:
        self.setFixedHeight(max(1, math.ceil(size.height())))

    def _text_height(self) -> int:
        return max(1, math.ceil(self.document().size().height()))

    def _theme_changed(self) -> None:
        if self._markdown:
            self._render()

    def _ask_before_opening(self, address: QUrl) -> None:
        url = web_link(address.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        if url is not None:
            question_for(url, self.window()).open()

"""Where a question is written, with the pictures that will go with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor, QTextOption
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.core.conversation import Picture, ReferenceMode
from app.session.pictures.attachments import Attachment
from app.ui.chat.attached import AttachedPictures
from app.ui.chat.capacity_bar import CapacityBar
from app.ui.chat.quick_look import QuickLook
from app.ui.picture.picture_loader import PictureLoader
from app.ui.widgets.buttons import IconButton
from app.ui.widgets.theme import Theme

_MOST_LINES = 8
_LONGEST_QUOTE = 400
_REFERENCE = (
    (ReferenceMode.AUTO, "Auto", "Send the text that was read from the picture if there is any"),
    (ReferenceMode.ON, "On", "Always send the text that was read from the picture"),
    (ReferenceMode.OFF, "Off", "Let the model look for itself"),
)


class Composer(QFrame):
    """The question field, thumbnails, the choices for pictures, and Send or Stop."""

    sendRequested = Signal(str)
    stopRequested = Signal()
    openRequested = Signal()
    removeRequested = Signal(int)
    retryRequested = Signal(int)
    pictureChosen = Signal(Picture)
    referenceChosen = Signal(ReferenceMode)
    pasted = Signal(QMimeData)  # more than text

    def __init__(self, theme: Theme, loader: PictureLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._busy = False
        self.setObjectName("composer")
        self.field = QuestionField(self)
        self.field.sendPressed.connect(self._send)
        self.field.pasted.connect(self.pasted)
        self.field.textChanged.connect(self._update_button)
        self.attached = AttachedPictures(theme, loader, self)
        self.attached.removeRequested.connect(self.removeRequested)
        self.attached.retryRequested.connect(self.retryRequested)
        self.attached.pictureChosen.connect(self.pictureChosen)
        self.pages = QLabel(self)
        self.pages.setObjectName("quietLabel")
        self.pages.setTextFormat(Qt.TextFormat.PlainText)
        self.pages.setWordWrap(True)
        self.pages.hide()
        self.quick = QuickLook(theme, self)
        self.capacity = CapacityBar(self)
        self.capacity.refused.connect(self._update_button)
        self.capacity.refused.connect(self.quick.give_way)
        # The buttons vanish once pressed; the next key is meant for the question.
        self.capacity.quickChosen.connect(self.field.setFocus)
        self.capacity.removeChosen.connect(self.field.setFocus)
        self.reference = QComboBox(self)
        self.send_button = IconButton(theme, "send", "Send (Enter)", self, color="on_accent")
        self.send_button.setObjectName("sendButton")
        self.send_button.clicked.connect(self._button_pressed)
        self._build()
        self._update_button()

    def show_attachments(self, attachments: tuple[Attachment, ...]) -> None:
        """Show these above the question."""
        self.attached.show_attachments(attachments)
        self._update_button()

    def mark(self, sha256: str) -> None:
        """Ring the picture that is on the screen."""
        self.attached.mark(sha256)

    def show_busy(self, *, busy: bool) -> None:
        """While an answer is written the button stops it."""
        self._busy = busy
        self._update_button()

    def show_reference(self, mode: ReferenceMode) -> None:
        """Show which way the switch stands."""
        self.reference.setCurrentIndex(self.reference.findData(mode))

    def add_text(self, text: str) -> None:
        """Insert dropped or pasted text where the cursor is."""
        self.field.insertPlainText(text)
        self.field.setFocus()

    def ask_about(self, text: str) -> None:
        """Begin a question about this text, after what is written already."""
        words = " ".join(text.split())
        if len(words) > _LONGEST_QUOTE:
            words = f"{words[:_LONGEST_QUOTE].rstrip()}…"
        quoted = f"About “{words}”: "
        cursor = self.field.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        before = self.field.toPlainText()
        cursor.insertText(f"\n{quoted}" if before.strip() else quoted)
        self.field.setTextCursor(cursor)
        self.field.setFocus()

    def show_draft(self, text: str) -> None:
        """Go on with what was written for another conversation."""
        self.field.setPlainText(text)
        self.field.moveCursor(QTextCursor.MoveOperation.End)

    def clear(self) -> None:
        """The question is on its way."""
        self.field.clear()

    def _build(self) -> None:
        self.reference.setObjectName("referenceMode")
        self.reference.setAccessibleName("Send the text read from the picture")
        self.reference.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for index, (mode, title, tip) in enumerate(_REFERENCE):
            self.reference.addItem(title, mode)
            self.reference.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
        self.reference.activated.connect(
            lambda index: self.referenceChosen.emit(_REFERENCE[index][0])
        )
        label = QLabel("Send read text", self)
        label.setObjectName("quietLabel")
        label.setBuddy(self.reference)
        tip = "Whether the text that was read from the picture goes to the model with the question"
        label.setToolTip(tip)
        self.reference.setToolTip(tip)

        add = IconButton(self._theme, "picture", "Add a picture (Ctrl+O)", self, pixels=20)
        add.clicked.connect(self.openRequested)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(add)
        below.addStretch(1)
        below.addWidget(label)
        below.addWidget(self.reference)
        below.addWidget(self.send_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 10, 10)
        column.setSpacing(6)
        column.addWidget(self.attached)
        column.addWidget(self.pages)
        column.addWidget(self.field)
        column.addWidget(self.quick)
        column.addWidget(self.capacity)
        column.addLayout(below)

    def _send(self) -> None:
        if self._sendable():
            self.sendRequested.emit(self.field.toPlainText().strip())

    def _button_pressed(self) -> None:
        # With a next question written down, the button sends that; it waits its turn.
        if self._busy and not self._sendable():
            self.stopRequested.emit()
        else:
            self._send()
        # The button may go grey, and Qt would hand the keys to the one beside it.
        self.field.setFocus()

    def _sendable(self) -> bool:
        if self.capacity.refuses:
            return False
        return bool(self.field.toPlainText().strip()) or self.attached.count > 0

    def _update_button(self) -> None:
        stops = self._busy and not self._sendable()
        label = "Stop (Esc)" if stops else "Send (Enter)"
        self.send_button.draw("stop" if stops else "send", "on_accent")
        self.send_button.setToolTip(label)
        self.send_button.setAccessibleName(label)
        self.send_button.setEnabled(stops or self._sendable())


class QuestionField(QPlainTextEdit):
    """Grows with its lines up to eight. Enter sends, Shift+Enter breaks the line."""

    sendPressed = Signal()
    pasted = Signal(QMimeData)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("questionField")
        self.setAccessibleName("Question")
        self.setPlaceholderText("Ask about the picture…")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(2)
        # The margin would be the first thing that Ctrl+Z takes back.
        self.document().clearUndoRedoStacks()
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends; with Shift it stays a line break."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.sendPressed.emit()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Where there is nothing to undo here, Ctrl+Z is the window's."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.matches(QKeySequence.StandardKey.Undo)
            and not self.document().isUndoAvailable()
        ):
            event.ignore()
            return False
        return super().event(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Anything may be pasted; what is not text goes to the window."""
        return source.hasText() or source.hasUrls() or source.hasImage()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Hand everything to the window, which gives plain text back."""
        self.pasted.emit(source)

    def sizeHint(self) -> QSize:
        """As tall as its lines."""
        return QSize(320, self.height())

    def _fit(self, *_size: object) -> None:
        # A plain text document measures itself in lines.
        lines = max(1, min(_MOST_LINES, round(self.document().size().height())))
        margins = 2 * self.document().documentMargin() + 4
        self.setFixedHeight(round(lines * self.fontMetrics().lineSpacing() + margins))

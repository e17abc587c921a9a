"""The window: everything that can be seen, bound to the session."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QResizeEvent,
)
from PySide6.QtWidgets import QMainWindow

from app.archive.archive import ConversationRow
from app.core.conversation import Picture, Role
from app.session.chat.chat import Chat
from app.session.chat.entry import ChatState, ChatTurn
from app.session.chat.library import Library
from app.session.documents.documents import Documents
from app.session.models.models import Models
from app.session.pictures.attachments import Attachments
from app.session.reading.readings import Readings
from app.ui.picture.picture_loader import PictureLoader
from app.ui.reading.reading_controller import ReadingController
from app.ui.widgets.soon import Soon
from app.ui.widgets.theme import Theme
from app.ui.window.drop import accept_as_copy, could_hold_picture, sort_out
from app.ui.window.drop_hint import DropHint
from app.ui.window.layout import WindowLayout
from app.ui.window.open_dialog import ask_for_files
from app.ui.window.sizes import WindowSizes
from app.ui.window.toolbar import Actions

_UNDO_SECONDS = 10.0


class MainWindow(QMainWindow):
    """Takes drops, pastes and keys, and shows what the session says.

    `store` is the folder of clean pictures, `resources` that of icons, themes
    and samples. Sizes are kept in window.ini beside the store.
    """

    def __init__(  # noqa: PLR0913 - every part of the session, and two folders
        self,
        chat: Chat,
        attachments: Attachments,
        readings: Readings,
        documents: Documents,
        library: Library,
        models: Models,
        *,
        store: Path,
        resources: Path,
    ) -> None:
        # Before any widget: the style sheet keeps the type that it first met.
        theme = Theme(resources)
        super().__init__()
        theme.setParent(self)
        self.theme = theme
        self._chat = chat
        self._attachments = attachments
        self._library = library
        self._models = models
        self._entries: dict[int, ChatTurn] = {}
        self._just_taken: Picture | None = None
        self.loader = PictureLoader(store, self)
        # Sending moves pictures from the composer to the conversation in several signals;
        # the pane must not empty in between.
        self._pictures_soon = Soon(self, self._show_pictures_now)
        self.actions_ = Actions(self.theme, self)
        self.parts = WindowLayout(
            self, self.theme, self.loader, (readings, documents), self.actions_, resources
        )
        self.sizes = WindowSizes(
            self, self.parts.splitters, self.actions_.sidebar, store.parent / "window.ini"
        )
        self._ways = ReadingController(self, self.parts, self.actions_, attachments, documents)
        self._hint = DropHint(self.theme, self)
        self.setWindowTitle("Ocellus")
        self.setObjectName("mainWindow")
        self.setAcceptDrops(True)
        self.resize(1280, 820)
        self._dress()
        self.theme.changed.connect(self._dress)
        self._bind_actions()
        self._bind_parts()
        self._bind_session()
        self.sizes.restore()
        self._show_all()

    # What the person does

    def take_mime(self, mime: QMimeData) -> None:
        """Sort a drop or paste: pictures to the reader, text to the composer, the rest refused."""
        offer = sort_out(mime)
        for path in offer.files:
            self._attachments.take_file(Path(path))
        for data, name in offer.data:
            self._attachments.take_data(data, name)
        if offer.text and not (offer.files or offer.data or offer.refusals):
            self.parts.composer.add_text(offer.text)
        for refusal in offer.refusals:
            self.parts.notices.say_failed(refusal)

    def paste(self) -> None:
        """Take what the clipboard holds."""
        self.take_mime(QGuiApplication.clipboard().mimeData())

    def open_files(self) -> None:
        """Ask for pictures on this disk."""
        ask_for_files(self, self.sizes, self._take_paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Whatever could be a picture is let in; what is not gets a sentence when dropped."""
        if could_hold_picture(event.mimeData()):
            accept_as_copy(event)
            self._hint.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The drag went elsewhere."""
        self._hint.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        self._hint.hide()
        accept_as_copy(event)
        self.take_mime(event.mimeData())
        self.activateWindow()
        self.parts.composer.field.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the drop hint as large as the window."""
        super().resizeEvent(event)
        if self._hint.isVisible():
            self._hint.cover()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let no picture arrive in a window that is gone."""
        self.sizes.keep()
        self.loader.close()
        super().closeEvent(event)

    # Binding

    def _bind_actions(self) -> None:
        actions, pane = self.actions_, self.parts.pictures
        actions.open.triggered.connect(self.open_files)
        actions.paste.triggered.connect(self.paste)
        actions.read.toggled.connect(lambda on: pane.show_reading(on=on))
        pane.readingShown.connect(actions.read.setChecked)
        actions.stop.triggered.connect(self._chat.stop)
        actions.new.triggered.connect(self._chat.new_conversation)
        actions.zoom_in.triggered.connect(pane.view.zoom_in)
        actions.zoom_out.triggered.connect(pane.view.zoom_out)
        actions.zoom_fit.triggered.connect(pane.view.fit)
        actions.zoom_width.triggered.connect(pane.view.fit_width)
        actions.undo.triggered.connect(self._library.undo_delete)
        actions.sidebar.toggled.connect(self.parts.conversations.setVisible)
        actions.quit.triggered.connect(self.close)

    def _bind_parts(self) -> None:
        parts = self.parts
        composer = parts.composer
        composer.sendRequested.connect(self._send)
        composer.stopRequested.connect(self._chat.stop)
        composer.openRequested.connect(self.open_files)
        composer.removeRequested.connect(self._attachments.remove)
        composer.retryRequested.connect(self._attachments.retry)
        composer.referenceChosen.connect(self._chat.set_reference)
        composer.pasted.connect(self.take_mime)
        parts.chat.retryRequested.connect(self._chat.retry)
        parts.chat.changeRequested.connect(self._chat.take_back)
        for source in (composer, parts.chat):
            source.pictureChosen.connect(parts.pictures.show_picture)
            parts.pictures.strip.marked.connect(source.mark)
        parts.empty.openRequested.connect(self.open_files)
        parts.empty.sampleChosen.connect(self._try_sample)
        parts.ask_hint.suggested.connect(self._suggest)
        parts.conversations.openRequested.connect(self._chat.open_conversation)
        parts.conversations.renameRequested.connect(self._library.rename)
        parts.conversations.deleteRequested.connect(self._library.delete)
        parts.conversations.newRequested.connect(self._chat.new_conversation)

    def _bind_session(self) -> None:
        self._chat.entryAdded.connect(self._entry_added)
        self._chat.textArrived.connect(self.parts.chat.append_text)
        self._chat.entryChanged.connect(self._entry_changed)
        self._chat.conversationOpened.connect(self._conversation_opened)
        self._chat.stateChanged.connect(self._chat_state_changed)
        self._attachments.changed.connect(self._attachments_changed)
        self._attachments.shown.connect(self._picture_taken)
        self._library.listChanged.connect(self.parts.conversations.show_rows)
        self._library.deleted.connect(self._conversation_deleted)
        self._models.changed.connect(self._models_changed)
        self._models.loadingChanged.connect(self._models_changed)
        say = self.parts.notices.say_failed
        for speaker in (self._chat, self._library, self._models, self._attachments):
            speaker.noticed.connect(say)
        self._attachments.refused.connect(say)

    def _show_all(self) -> None:
        """What the session holds already."""
        self._conversation_opened(self._chat.entries)
        self._show_pictures_now()
        self._chat_state_changed(self._chat.state)
        self._attachments_changed()
        self.parts.conversations.show_rows(self._library.rows)
        self.parts.composer.show_reference(self._chat.reference)
        self._models_changed()
        self.parts.composer.field.setFocus()

    # What the session says

    def _entry_added(self, entry: ChatTurn) -> None:
        self._entries[entry.id] = entry
        self.parts.chat.add(entry)
        self._show_pictures()
        self.parts.conversations.mark(self._chat.conversation_id)

    def _entry_changed(self, entry: ChatTurn) -> None:
        self._entries[entry.id] = entry
        self.parts.chat.change(entry)
        if entry.role is Role.PERSON:
            self._show_pictures()

    def _conversation_opened(self, entries: tuple[ChatTurn, ...]) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self._just_taken = None
        self.parts.chat.open(entries)
        self._show_pictures()
        self.parts.conversations.mark(self._chat.conversation_id)
        self.parts.composer.field.setFocus()

    def _chat_state_changed(self, state: ChatState) -> None:
        self.actions_.stop.setEnabled(state.busy)
        self.parts.composer.show_busy(busy=state.busy)
        self.parts.status.show_chat(state)

    def _attachments_changed(self, *_items: object) -> None:
        self.parts.composer.show_attachments(self._attachments.items)
        self._show_pictures()

    def _picture_taken(self, picture: Picture) -> None:
        self._just_taken = picture
        self._show_pictures()

    def _models_changed(self, *_news: object) -> None:
        current = self._models.current
        self.parts.status.show_model(current.title if current else "", self._models.load_state)
        self.parts.builtin.show_for(current)

    def _conversation_deleted(self, row: ConversationRow) -> None:
        self.parts.notices.say(
            f"“{row.title or 'Draft'}” was deleted.",
            "Undo",
            self._library.undo_delete,
            _UNDO_SECONDS,
        )

    def _send(self, text: str) -> None:
        if self._chat.send(text):
            self.parts.composer.clear()

    def _take_paths(self, paths: list[str]) -> None:
        for path in paths:
            self._attachments.take_file(Path(path))

    def _try_sample(self, path: Path, question: str) -> None:
        self._attachments.take_file(path)
        self._suggest(question)

    def _suggest(self, question: str) -> None:
        self.parts.composer.field.setPlainText(question)
        self.parts.composer.field.selectAll()
        self.parts.composer.field.setFocus()

    def _show_pictures(self) -> None:
        self._pictures_soon.ask()

    def _show_pictures_now(self) -> None:
        found = [picture for entry in self._entries.values() for picture in entry.pictures]
        found += [item.picture for item in self._attachments.items if item.picture is not None]
        pictures = tuple({picture.sha256: picture for picture in found}.values())
        self.parts.show(pictures, has_entries=bool(self._entries))
        # One that was taken for another conversation is not among them.
        if (taken := self._just_taken) in pictures:
            self._just_taken = None
            self.parts.pictures.show_picture(taken)
        for action in (self.actions_.read, self.actions_.find):
            action.setEnabled(bool(pictures))

    def _dress(self) -> None:
        self.setStyleSheet(self.theme.style_sheet())

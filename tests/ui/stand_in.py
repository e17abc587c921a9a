# ruff: noqa: N815 - signals keep Qt's own naming
"""The session as the window sees it: the same signals, and a record of what was asked of it.

For looks and gestures only. What the session does with it is shown with the real one.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.archive.archive import ConversationRow
from app.core.conversation import Picture, ReferenceMode, Role
from app.core.errors import Failed
from app.core.geometry import Box
from app.core.model import ModelSpec, PromptFormat
from app.core.pictures import picture_path
from app.core.reading import Block, Line, Page, Reading
from app.session.chat.entry import ChatState, ChatTurn
from app.session.models.models import LoadState
from app.session.pictures.attachments import Attachment

BUILTIN = ModelSpec(
    "builtin", "Ocellus built-in", "/models/builtin", PromptFormat.MISTRAL, for_trying=True
)


def store_png(store: Path, source: Path, width: int, height: int) -> Picture:
    """Put a PNG into the store, as the reader would."""
    data = source.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    path = picture_path(store, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return Picture(sha256, width, height, source.name)


def reading_of(*lines: tuple[str, tuple[float, float, float, float], float]) -> Reading:
    found = tuple(Line(text, Box(*box), sure) for text, box, sure in lines)
    return Reading((Page(640, 1000, (Block(found),)),))


class StandInChat(QObject):
    entryAdded = Signal(object)
    textArrived = Signal(int, str)
    entryChanged = Signal(object)
    conversationOpened = Signal(object)
    stateChanged = Signal(object)
    noticed = Signal(Failed)

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple] = []
        self.entries: tuple[ChatTurn, ...] = ()
        self.state = ChatState()
        self.reference = ReferenceMode.AUTO
        self.conversation_id: int | None = None
        self.accepts = True

    def take_back(self, entry_id: int) -> None:
        self.calls.append(("take_back", entry_id))

    def send(self, text: str) -> bool:
        self.calls.append(("send", text))
        return self.accepts

    def stop(self) -> None:
        self.calls.append(("stop",))

    def retry(self, entry_id: int) -> None:
        self.calls.append(("retry", entry_id))

    def set_reference(self, mode: ReferenceMode) -> None:
        self.calls.append(("set_reference", mode))

    def new_conversation(self) -> None:
        self.calls.append(("new_conversation",))

    def open_conversation(self, conversation_id: int) -> None:
        self.calls.append(("open_conversation", conversation_id))

    def add(self, entry: ChatTurn) -> ChatTurn:
        self.entries = (*self.entries, entry)
        self.entryAdded.emit(entry)
        return entry

    def answer(self, number: int, text: str = "", **fields) -> ChatTurn:
        return self.add(ChatTurn(number, Role.MODEL, text, **fields))

    def ask(self, number: int, text: str, *pictures: Picture) -> ChatTurn:
        return self.add(ChatTurn(number, Role.PERSON, text, pictures))

    def become(self, state: ChatState) -> None:
        self.state = state
        self.stateChanged.emit(state)


class StandInAttachments(QObject):
    changed = Signal(object)
    refused = Signal(object)
    noticed = Signal(Failed)
    shown = Signal(object)
    passwordNeeded = Signal(int, str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.files: list[Path] = []
        self.data: list[tuple[bytes, str]] = []
        self.removed: list[int] = []
        self.retried: list[int] = []
        self.items: tuple[Attachment, ...] = ()

    def take_file(self, path: Path) -> None:
        self.files.append(path)

    def take_data(self, data: bytes, name: str) -> None:
        self.data.append((data, name))

    def remove(self, key: int) -> None:
        self.removed.append(key)
        self.become(*(item for item in self.items if item.key != key))

    def retry(self, key: int) -> None:
        self.retried.append(key)

    def become(self, *items: Attachment) -> None:
        self.items = items
        self.changed.emit(items)


class StandInReadings(QObject):
    readingReady = Signal(str, object)
    readingFailed = Signal(str, object)
    forgotten = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.requested: list[Picture] = []
        self.found: dict[str, Reading] = {}

    def known(self, sha256: str) -> Reading | None:
        return self.found.get(sha256)

    def request(self, picture: Picture) -> None:
        self.requested.append(picture)
        if picture.sha256 in self.found:
            self.readingReady.emit(picture.sha256, self.found[picture.sha256])


class StandInDocuments(QObject):
    """No picture is a page."""

    pageTaken = Signal(str, int, object)
    pageFailed = Signal(str, int, object)
    pageAhead = Signal(object)
    passwordNeeded = Signal(str, str, bool)
    progressed = Signal(str, object)
    noticed = Signal(Failed)

    def place(self, sha256: str) -> None:
        return None


class StandInLibrary(QObject):
    listChanged = Signal(object)
    deleted = Signal(object)
    restored = Signal(int)
    noticed = Signal(Failed)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[ConversationRow] = []
        self.calls: list[tuple] = []

    def rename(self, conversation_id: int, title: str) -> None:
        self.calls.append(("rename", conversation_id, title))

    def delete(self, conversation_id: int) -> None:
        gone = next(row for row in self.rows if row.id == conversation_id)
        self._gone = gone
        self.become(*(row for row in self.rows if row is not gone))
        self.deleted.emit(gone)

    def undo_delete(self) -> None:
        self.become(*self.rows, self._gone)
        self.restored.emit(self._gone.id)

    def become(self, *rows: ConversationRow) -> None:
        self.rows = list(rows)
        self.listChanged.emit(self.rows)

    def have(self, *titles: str) -> None:
        now = datetime.now(UTC)
        self.become(
            *(
                ConversationRow(place + 1, title, now - timedelta(hours=19 * place))
                for place, title in enumerate(titles)
            )
        )


class StandInModels(QObject):
    changed = Signal()
    loadingChanged = Signal(object)
    noticed = Signal(Failed)

    def __init__(self) -> None:
        super().__init__()
        self.current: ModelSpec | None = BUILTIN
        self.load_state = LoadState()
        self.calls: list[tuple] = []

    def choose(self, spec_id: str) -> None:
        self.calls.append(("choose", spec_id))

    def choose_folder(self, path: Path) -> None:
        self.calls.append(("choose_folder", path))

    def become(self, state: LoadState) -> None:
        self.load_state = state
        self.loadingChanged.emit(state)

"""What the window does, as one: its parts, built, started and ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from app.archive.archive import Archive
from app.catalog.catalog import Catalog
from app.session.chat.chat import Chat
from app.session.chat.entry import ChatTurn
from app.session.chat.library import Library
from app.session.documents.documents import Documents
from app.session.models.models import Models
from app.session.pictures.attachments import Attachments
from app.session.preferences import Preferences
from app.session.reading.comparisons import Comparisons
from app.session.reading.readings import Readings
from app.session.reading.saving import Saving
from app.session.reading.transcribing import Transcribing
from app.workers.host import ChildSpec
from app.workers.remote import Remote


@dataclass(frozen=True, slots=True)
class Session:
    """Every part, wired to those that it needs. Nothing runs before `start`."""

    engine: Remote
    reader: Remote
    archive: Archive
    preferences: Preferences
    readings: Readings
    documents: Documents
    attachments: Attachments
    saving: Saving
    library: Library
    models: Models
    chat: Chat
    comparisons: Comparisons
    transcribing: Transcribing

    def start(self) -> None:
        """Start both children; returns at once."""
        self.engine.start()
        self.reader.start()

    async def end_work(self) -> None:
        """End what is under way, and keep what it has; before `end_children`."""
        await self.chat.close()
        await self.transcribing.close()
        await self.saving.close()
        await self.documents.close()

    async def end_children(self) -> None:
        """End both children within a second or so. The archive stays open."""
        await asyncio.gather(self.engine.close(), self.reader.close())


def build_session(
    engine: ChildSpec,
    reader: ChildSpec,
    archive: Archive,
    preferences: Preferences,
    catalog: Catalog,
    inbox: Path,
) -> Session:
    """Build the parts, in the order in which they need each other. Needs a QCoreApplication."""
    remote_engine, remote_reader = Remote(engine), Remote(reader)
    readings = Readings(remote_reader)
    documents = Documents(remote_reader, readings, archive.documents)
    attachments = Attachments(remote_reader, readings, documents, inbox)
    library = Library(archive)
    models = Models(remote_engine, catalog, preferences)
    chat = Chat(remote_engine, archive, attachments, readings, library, models, preferences)

    def recall(entries: tuple[ChatTurn, ...]) -> None:
        documents.recall(picture for entry in entries for picture in entry.pictures)

    # Before the window hears of it, which asks for the documents' pages.
    chat.conversationOpened.connect(recall)
    chat.attached.connect(documents.keep_read)
    comparisons = Comparisons(readings, documents)
    return Session(
        engine=remote_engine,
        reader=remote_reader,
        archive=archive,
        preferences=preferences,
        readings=readings,
        documents=documents,
        attachments=attachments,
        saving=Saving(remote_reader, readings, documents, inbox),
        library=library,
        models=models,
        chat=chat,
        comparisons=comparisons,
        transcribing=Transcribing(
            remote_engine, remote_reader, readings, comparisons, models, chat
        ),
    )

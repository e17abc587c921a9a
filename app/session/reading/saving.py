"""Read text into files of the person's own, through the reader."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.cancelled import WorkCancelledError
from app.core.document import Document
from app.core.errors import Failed, OcellusError
from app.core.events import Finished
from app.core.export import ExportFormat
from app.core.files.placing import check_free, place
from app.core.reading import Reading
from app.session.documents.documents import Documents
from app.session.reading.readings import Readings
from app.session.threads import in_thread
from app.workers.remote import Remote
from app.workers.request_result import outcome
from app.workers.saving import SaveJob


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file to be written: what was read of `document`, in this form, to this path.

    What stands at the path already stays, unless it is to `replace` that.
    """

    document: Document
    reading: Reading
    form: ExportFormat
    path: Path
    replace: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether pages of the document are missing."""
        return len(self.reading.pages) < self.document.pages


class Saving(QObject):
    """Writes one file at a time; asking for another gives up the one under way.

    Reading all pages waits meanwhile; for whatever a person waits for, the
    writing steps aside and starts anew.
    """

    begun = Signal(SavedFile)
    saved = Signal(SavedFile, str)  # what to say of it
    failed = Signal(SavedFile, Failed)
    cancelled = Signal(SavedFile)

    def __init__(
        self,
        reader: Remote,
        readings: Readings,
        documents: Documents,
        inbox: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._readings = readings
        self._documents = documents
        self._inbox = inbox
        self._task: asyncio.Task[None] | None = None

    def save(self, file: SavedFile) -> None:
        """Begin; one of the signals tells how it ended."""
        self.cancel()
        self._task = asyncio.create_task(self._run(file))

    def cancel(self) -> None:
        """Give up what is under way; nothing of it stays."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def close(self) -> None:
        """Let go of what is under way."""
        task = self._task
        self.cancel()
        if task is not None:
            await asyncio.wait([task])

    async def _run(self, file: SavedFile) -> None:
        self.begun.emit(file)
        if self._reader.state.can_restart:
            self._reader.restart()
        try:
            with self._readings.batch.stepping_aside():
                await self._readings.saving.run(lambda: self._attempt(file))
        except OcellusError as error:
            self.failed.emit(file, error.failed)
        except WorkCancelledError:
            self.cancelled.emit(file)  # The reader is being closed.
        except asyncio.CancelledError:
            self.cancelled.emit(file)
            raise
        else:
            self.saved.emit(file, _told(file))

    async def _attempt(self, file: SavedFile) -> None:
        """Write it. Raises OcellusError and WorkCancelledError."""
        # Before the work rather than after it.
        await in_thread(lambda _: check_free(file.path, replace=file.replace))
        password = self._documents.password(file.document.sha256)
        with SaveJob(self._inbox, file.document, file.form, file.path.name, password) as job:
            for page in file.reading.pages:
                job.add(page)
                await asyncio.sleep(0)  # The window keeps moving.
            await outcome(self._reader, job.request, Finished)
            await in_thread(
                lambda left: place(
                    lambda target: job.copy(target, left), file.path, replace=file.replace
                )
            )


def _told(file: SavedFile) -> str:
    """That it was saved, and what is not in it."""
    told = f"Saved {file.path.name}."
    if file.is_partial:
        done, total = len(file.reading.pages), file.document.pages
        pages = "page" if done == 1 else "pages"
        told += f" It holds the {done} {pages} of {total} that have been read."
    return told

"""The questions on their way, one behind the other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.archive.archive import TurnState
from app.core.errors import Failed
from app.session.chat import wording
from app.session.chat.answer_job import AnswerJob
from app.session.chat.transcript import Transcript, TranscriptTurn
from app.session.models.models import Models
from app.session.reading.readings import Readings
from app.workers.remote import Remote


class AnswerQueue(QObject):
    """Has them answered in their order, one at a time."""

    changed = Signal()  # which one is first, or how far it is
    answered = Signal()
    attached = Signal()  # a question's pictures are in the archive
    noticed = Signal(Failed)

    def __init__(
        self, engine: Remote, readings: Readings, models: Models, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._readings = readings
        self._models = models
        self._asked: deque[AnswerJob] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def first(self) -> AnswerJob | None:
        """The one that is being answered, or about to be."""
        return self._asked[0] if self._asked else None

    def ask(self, transcript: Transcript, question: TranscriptTurn, answer: TranscriptTurn) -> None:
        """Answer this one after those that wait."""
        asking = AnswerJob(self._engine, self._readings, self._models, transcript, question, answer)
        asking.progressed.connect(self.changed)
        asking.noticed.connect(self.noticed)
        asking.attached.connect(self.attached)
        self._asked.append(asking)
        self.changed.emit()
        if self._task is None:
            self._task = asyncio.create_task(self._answer_all())

    def stop_where(self, matches: Callable[[AnswerJob], bool]) -> None:
        """End those that match, begun or not."""
        for asking in [asking for asking in self._asked if matches(asking)]:
            if not asking.begun:
                self._asked.remove(asking)
            asking.stop()

    async def close(self) -> None:
        """Keep what has arrived, and answer nothing more."""
        self._closing = True
        if self._asked:
            self._asked[0].stop(TurnState.INTERRUPTED, wording.CLOSED)
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _answer_all(self) -> None:
        while self._asked and not self._closing:
            asking = self._asked[0]
            self.changed.emit()
            await asyncio.wait([asking.begin()])
            self._asked.popleft()
            self.answered.emit()
        self._task = None
        self.changed.emit()

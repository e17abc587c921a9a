"""One question on its way, from the composer to the end of its answer."""

from __future__ import annotations

import asyncio
import traceback
from contextlib import aclosing
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.archive.archive import TurnState
from app.core.cancelled import WorkCancelledError
from app.core.cleaning import clean
from app.core.conversation import Ask, Picture, ReferenceMode, Turn
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import Event, Finished, FinishReason, Loading, Ready, Seen, Text
from app.core.requests import GenerateAnswer
from app.session.chat import wording
from app.session.chat.entry import ChatState
from app.session.chat.transcript import Memory, Transcript, TranscriptTurn
from app.session.models.models import Models
from app.session.reading.readings import Readings
from app.text.reference import reference_rows
from app.workers.remote import Remote
from app.workers.request_result import follow

SAVE_SECONDS = 0.2


class AnswerJob(QObject):
    """Takes, reads, stores, asks and writes down, one step after the other.

    Whatever goes wrong ends in the transcript, with the words that were there.
    """

    progressed = Signal(ChatState)
    attached = Signal()  # the question's pictures are in the archive
    noticed = Signal(Failed)  # the answer goes on, but cannot be saved

    def __init__(
        self,
        engine: Remote,
        readings: Readings,
        models: Models,
        transcript: Transcript,
        question: TranscriptTurn,
        answer: TranscriptTurn,
    ) -> None:
        super().__init__()
        self._engine = engine
        self._readings = readings
        self._models = models
        self.transcript = transcript
        self.question = question
        self._answer = answer
        self._task: asyncio.Task[None] | None = None
        self._saving: asyncio.TimerHandle | None = None
        self._unsaved_told = False
        self._ending = (TurnState.STOPPED, wording.STOPPED)
        self._reference_note = ""
        self._figures = ""
        self._seen = False
        self._memory = Memory("", quick=False)
        self._state = ChatState(busy=True)

    @property
    def state(self) -> ChatState:
        """As last announced."""
        return self._state

    @property
    def begun(self) -> bool:
        """Whether it is past waiting for its turn."""
        return self._task is not None

    def begin(self) -> asyncio.Task[None]:
        """Start; the task ends with everything in the transcript, and raises nothing."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._end_early)
        return self._task

    def stop(self, state: TurnState = TurnState.STOPPED, note: str = wording.STOPPED) -> None:
        """End early and keep what is there, marked with this state and note."""
        if state is TurnState.STOPPED and not self._answer.entry.text:
            note = wording.STOPPED_WAITING
        self._ending = (state, note)
        if self._task is None:
            self._end(state, note)
        else:
            self._task.cancel()

    def _end_early(self, task: asyncio.Task[None]) -> None:
        # Not an `except` in the task: one that is cancelled before its first step never gets there.
        if task.cancelled():
            self._end(*self._ending)

    async def _run(self) -> None:
        try:
            await self._complete_question()
            await self._write_answer()
        except WorkCancelledError:
            self._end(*self._ending)
        except OcellusError as error:
            self._fail(error.failed)
        except Exception:  # noqa: BLE001 - a fault of ours must not leave a question open for ever
            self._fail(
                Failed(
                    ErrorKind.INTERNAL,
                    "Something went wrong with this question.",
                    "Try once more. If it happens again, please report it with the details.",
                    traceback.format_exc(),
                )
            )

    async def _complete_question(self) -> None:
        """Pictures, their text, and all of it on disk."""
        question = self.question
        self.transcript.store(question)
        self.transcript.store(self._answer)
        pictures = question.entry.pictures
        if question.takings:
            self._say(wording.opening(len(question.takings)))
            pictures = tuple([await taking.finish() for taking in question.takings])
            self.transcript.attach(question, pictures, question.reference)
        if pictures and not question.reference and question.mode is not ReferenceMode.OFF:
            self._say(wording.reading(len(pictures)))
            rows = await self._read(pictures)
            self.transcript.attach(question, pictures, rows)
        self.attached.emit()
        self.transcript.change(question, TurnState.DONE)

    async def _read(self, pictures: tuple[Picture, ...]) -> tuple[str, ...]:
        mode, failed = self.question.mode, False
        rows: list[str] = []
        for picture in pictures:
            try:
                reading = await self._readings.read(picture)
            except OcellusError:
                # The model can still look at the picture; the note says what is missing.
                failed = True
                continue
            rows.extend(reference_rows(reading, mode))
        if not rows:
            self._reference_note = wording.no_reference_note(mode, len(pictures), failed=failed)
        return tuple(rows)

    async def _write_answer(self) -> None:
        model = self._models.current
        if model is None:
            raise OcellusError.of(
                ErrorKind.NO_CHECKPOINT, "There is no model to ask.", "Choose one with “Model”."
            )
        turns = self._turns()
        memory = self.transcript.memory
        # Only what the same model has forgotten: another one may hold more.
        known = memory is not None and (memory.model, memory.quick) == (
            model.id,
            self.question.quick,
        )
        start = memory.start if memory is not None and known and memory.start < len(turns) else 0
        self._memory = Memory(model.id, self.question.quick, start)
        ask = Ask(model, turns[start:], quick=self.question.quick)
        looking = wording.looking(len(self.question.entry.pictures))
        self._follow_loading()
        self._models.loadingChanged.connect(self._follow_loading)
        try:
            async with aclosing(follow(self._engine, GenerateAnswer(ask))) as events:
                async for event in events:
                    self._take_in(event, looking)
        finally:
            self._models.loadingChanged.disconnect(self._follow_loading)
            self._stop_saving()

    def _turns(self) -> tuple[Turn, ...]:
        turns = self.transcript.history(self.question)
        if self.question.mode is ReferenceMode.OFF:
            return tuple(replace(turn, reference=()) for turn in turns)
        return turns

    def _take_in(self, event: Event, looking: str) -> None:
        match event:
            case Loading():
                self._models.follow(event)
            case Ready():
                self._models.follow(event)
                self._say(looking)
            case Seen():
                self._seen = True
                start = self._memory.start + event.forgotten
                self._memory = replace(self._memory, start=start, tokens=event.tokens)
                self.transcript.remember(self.question, self._memory)
                sent = [one for turn in self._turns()[start:] for one in turn.pictures]
                note = wording.reference_note(event, len(sent)) or self._reference_note
                quick = wording.quick_note(len(sent)) if event.quick else ""
                pages = wording.pages_note(sent)
                self._reference_note = " ".join(filter(None, (pages, quick, note)))
                self.transcript.change(self._answer, TurnState.OPEN, self._reference_note)
                self._say(looking)
            case Text(piece):
                self._append(clean(piece))
            case Finished(reason, stats):
                self._figures = wording.figures(stats)
                used = self._memory.tokens + stats.new_tokens
                self.transcript.memory = replace(self._memory, tokens=used)
                self._finish(reason)
            case _:
                pass

    def _append(self, piece: str) -> None:
        if not self._answer.entry.text:
            piece = piece.lstrip()
        if not piece:
            return
        self.transcript.extend(self._answer, piece)
        self._say(wording.ANSWERING)
        if self._saving is None:
            self._saving = asyncio.get_running_loop().call_later(SAVE_SECONDS, self._save)

    def _finish(self, reason: FinishReason) -> None:
        note = "" if self._answer.entry.text else wording.EMPTY
        self._end(TurnState.DONE, wording.CUT_OFF if reason is FinishReason.LENGTH else note)

    def _fail(self, failed: Failed) -> None:
        died = failed.kind is ErrorKind.CHILD_DIED
        self._end(TurnState.INTERRUPTED if died else TurnState.FAILED, "", failed)

    def _end(self, state: TurnState, note: str, failed: Failed | None = None) -> None:
        """The last word; it reaches the screen even where the disk refuses it."""
        self._stop_saving()
        if self.question.entry.state is TurnState.OPEN:
            self.transcript.change(self.question, TurnState.DONE)
        note = " ".join(filter(None, (self._reference_note, note)))
        text = self._answer.entry.text.strip()
        self.transcript.change(self._answer, state, note, failed, text, self._figures)
        self._save()

    def _save(self) -> None:
        self._saving = None
        try:
            self.transcript.save(self._answer)
        except OcellusError as error:
            if not self._unsaved_told:
                self._unsaved_told = True
                self.noticed.emit(error.failed)

    def _stop_saving(self) -> None:
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None

    def _follow_loading(self) -> None:
        load = self._models.load_state
        if self._seen:
            return
        if load.status:
            self._say(load.status, load.fraction)
        else:
            self._say(wording.looking(len(self.question.entry.pictures)))

    def _say(self, status: str, fraction: float | None = None) -> None:
        state = ChatState(busy=True, status=status, fraction=fraction)
        if state != self._state:
            self._state = state
            self.progressed.emit(state)

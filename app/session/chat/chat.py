"""The conversation on the screen, and the questions on their way."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.archive.archive import ConversationRow, TurnState
from app.core.cleaning import clean
from app.core.conversation import ReferenceMode, Role
from app.core.errors import ErrorKind, Failed, OcellusError
from app.session.chat import wording
from app.session.chat.answer_queue import AnswerQueue
from app.session.chat.entry import ChatState, ChatTurn
from app.session.chat.library import Library
from app.session.chat.store import ConversationStore
from app.session.chat.transcript import Transcript, TranscriptTurn, new_entry
from app.session.models.models import Models
from app.session.pictures.attachments import Attachments
from app.session.preferences import Preferences
from app.session.reading.readings import Readings
from app.workers.remote import Remote

__all__ = ["Chat", "ChatState", "ChatTurn"]


class Chat(QObject):
    """Asks, streams, stores. Signals speak only of the conversation on the screen."""

    entryAdded = Signal(ChatTurn)
    textArrived = Signal(int, str)  # entry id, new text; at most 30 a second
    entryChanged = Signal(ChatTurn)  # its state, note, failed, pictures or whole text
    conversationOpened = Signal(tuple)  # of ChatTurn: show these instead
    stateChanged = Signal(ChatState)
    draftChanged = Signal()  # what is written and not sent yet
    quickChanged = Signal()
    attached = Signal()  # a question's pictures are in the archive, in whichever conversation
    noticed = Signal(Failed)  # for the notice bar

    def __init__(
        self,
        engine: Remote,
        archive: ConversationStore,
        attachments: Attachments,
        readings: Readings,
        library: Library,
        models: Models,
        preferences: Preferences,
    ) -> None:
        super().__init__()
        self._engine = engine
        self._archive = archive
        self._attachments = attachments
        self._library = library
        self._models = models
        self._preferences = preferences
        self._queue = AnswerQueue(engine, readings, models, self)
        self._state = ChatState()
        self._left: int | None = None
        # All that were on the screen: a question that failed has more than the archive knows.
        self._transcripts: list[Transcript] = []
        self._transcript = Transcript(archive)
        self._show(self._transcript)
        self._queue.changed.connect(self._announce)
        self._queue.answered.connect(library.refresh)
        self._queue.noticed.connect(self.noticed)
        self._queue.attached.connect(self.attached)
        library.deleted.connect(self._conversation_deleted)
        library.restored.connect(self._conversation_restored)
        preferences.noticed.connect(self.noticed)
        engine.died.connect(self._engine_died)

    @property
    def conversation_id(self) -> int | None:
        """The one on the screen; None until its first question is stored."""
        return self._transcript.conversation_id

    @property
    def entries(self) -> tuple[ChatTurn, ...]:
        """What is on the screen."""
        return self._transcript.entries

    @property
    def state(self) -> ChatState:
        """As last announced."""
        return self._state

    @property
    def reference(self) -> ReferenceMode:
        """Whether read text goes with the next question."""
        return self._preferences.settings.reference

    def set_reference(self, mode: ReferenceMode) -> None:
        """Switch the read text on, off or to automatic, and remember it."""
        self._preferences.set_reference(mode)

    @property
    def quick(self) -> bool:
        """Whether the next question takes only a quick look at its pictures."""
        return self._preferences.settings.quick

    def set_quick(self, *, quick: bool) -> None:
        """Look quickly or closely from the next question on, and remember it."""
        self._preferences.set_quick(quick=quick)
        self.quickChanged.emit()

    @property
    def remembered(self) -> int:
        """How many tokens the model was last asked with here, its answer included."""
        memory = self._transcript.memory
        return memory.tokens if memory is not None else 0

    @property
    def draft(self) -> str:
        """What was written for the conversation on the screen and not sent yet."""
        return self._transcript.draft.text

    def set_draft(self, text: str) -> None:
        """Keep what is being written with the conversation on the screen."""
        if text != self._transcript.draft.text:
            self._transcript.draft.text = text
            self.draftChanged.emit()

    def send(self, text: str) -> bool:
        """Ask with the current attachments, which leave the composer.

        Waits its turn behind earlier questions, pictures that are still being
        taken or read, and a loading model. False, and nothing happens, when
        there is neither text nor a picture or no model to ask.
        """
        text = clean(text).strip()
        if not text and all(item.failed for item in self._attachments.items):
            return False
        if self._models.current is None:
            self.noticed.emit(
                Failed(
                    ErrorKind.NO_CHECKPOINT,
                    "There is no model to ask.",
                    "Choose one with “Model”, then send your question.",
                )
            )
            return False
        takings = self._attachments.hand_over()
        asked = text or wording.default_question(len(takings))
        entry = new_entry(Role.PERSON, asked, TurnState.OPEN)
        pictures = tuple(taking.picture for taking in takings if taking.picture is not None)
        question = TranscriptTurn(
            replace(entry, pictures=pictures),
            takings=takings,
            mode=self.reference,
            quick=self.quick,
        )
        # The answer has its place from the start, so that it stands below its own question.
        answer = TranscriptTurn(new_entry(Role.MODEL, "", TurnState.OPEN))
        self._store(question, answer, title="" if text else takings[0].name)
        self._transcript.add(question)
        self._transcript.add(answer)
        self._queue.ask(self._transcript, question, answer)
        return True

    def stop(self) -> None:
        """End the answer that is being written and drop the questions that wait."""
        self._queue.stop_where(lambda _: True)

    def retry(self, entry_id: int) -> None:
        """Ask an entry's question again; its answer starts anew in its place."""
        pair = self._transcript.pair(entry_id)
        if pair is None or pair[1].entry.state is TurnState.OPEN:
            return
        question, answer = pair
        if self._engine.state.can_restart:
            self._engine.restart()
        for taking in question.takings:
            taking.retry()
        question.mode = self.reference
        question.quick = self.quick
        self._transcript.change(answer, TurnState.OPEN, text="")
        self._queue.ask(self._transcript, question, answer)

    def take_back(self, entry_id: int) -> None:
        """Bring a question and its pictures back into the composer, to be changed."""
        pair = self._transcript.pair(entry_id)
        if pair is None:
            return
        question = pair[0].entry
        for picture in question.pictures:
            self._attachments.add_picture(picture)
        self.set_draft("\n".join(filter(None, (self.draft, question.text))))

    def new_conversation(self) -> None:
        """An empty conversation; it is stored with its first question, or a draft of one."""
        self._open(Transcript(self._archive))

    def open_conversation(self, conversation_id: int) -> None:
        """Show another conversation. A running answer goes on in its own."""
        if conversation_id == self.conversation_id:
            return
        for transcript in self._transcripts:
            if transcript.conversation_id == conversation_id:
                self._open(transcript)
                return
        try:
            self._open(Transcript.stored(self._archive, conversation_id))
        except OcellusError as error:
            self.noticed.emit(error.failed)

    async def close(self) -> None:
        """Store what has arrived and end; to be awaited before the children are closed."""
        await self._queue.close()

    def _store(self, question: TranscriptTurn, answer: TranscriptTurn, title: str) -> None:
        """On disk at once, before the pictures are known."""
        transcript = self._transcript
        new = not transcript.lines
        try:
            transcript.store(question)
            transcript.store(answer)
        except OcellusError:
            # It is tried again before the question is asked, and then says what is wrong.
            return
        if new and title and transcript.conversation_id is not None:
            self._library.rename(transcript.conversation_id, title)
        else:
            self._library.refresh()

    def _open(self, transcript: Transcript) -> None:
        left = self._transcript
        if not self._keep_draft(left):
            return
        self._transcript.entryAdded.disconnect(self.entryAdded)
        self._transcript.textArrived.disconnect(self.textArrived)
        self._transcript.entryChanged.disconnect(self.entryChanged)
        self._show(transcript)
        self._announce()
        if not left.lines:
            self._library.refresh()

    def _keep_draft(self, transcript: Transcript) -> bool:
        """Whether the conversation's draft can be reached from the list, should there be one."""
        try:
            transcript.keep_draft()
        except OcellusError as error:
            self.noticed.emit(error.failed)
            return False
        return True

    def _show(self, transcript: Transcript) -> None:
        self._transcript = transcript
        if transcript not in self._transcripts:
            self._transcripts.append(transcript)
        transcript.entryAdded.connect(self.entryAdded)
        transcript.textArrived.connect(self.textArrived)
        transcript.entryChanged.connect(self.entryChanged)
        self._attachments.use(transcript.draft.takings)
        self.conversationOpened.emit(transcript.entries)

    def _announce(self) -> None:
        state = ChatState()
        if (asking := self._queue.first) is not None:
            state = asking.state
            if asking.transcript is not self._transcript:
                state = replace(state, status=wording.elsewhere(state.status))
        if state != self._state:
            self._state = state
            self.stateChanged.emit(state)

    def _conversation_deleted(self, row: ConversationRow) -> None:
        self._queue.stop_where(lambda asking: asking.transcript.conversation_id == row.id)
        if self.conversation_id == row.id:
            self._left = row.id
            self.new_conversation()

    def _conversation_restored(self, conversation_id: int) -> None:
        if conversation_id == self._left and not self._transcript.lines:
            self.open_conversation(conversation_id)

    def _engine_died(self, failed: Failed) -> None:
        # With a question under way, its entry says it.
        if self._queue.first is None:
            state = self._engine.state
            advice = wording.START_AGAIN if state.can_restart else ""
            self.noticed.emit(replace(failed, headline=state.sentence, advice=advice))

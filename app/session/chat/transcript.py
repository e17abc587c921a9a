"""One conversation: on the screen, in memory and on disk."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from app.archive.archive import StoredTurn, TurnState
from app.core.conversation import Picture, ReferenceMode, Role, Turn
from app.core.errors import ErrorKind, Failed
from app.session.chat import wording
from app.session.chat.draft import Draft
from app.session.chat.entry import ChatTurn
from app.session.chat.store import ConversationStore
from app.session.pictures.ingest import Ingest

_ids = itertools.count(1)
_DEFAULT_NOTES = {
    TurnState.STOPPED: wording.STOPPED,
    TurnState.INTERRUPTED: wording.INTERRUPTED,
}


@dataclass(slots=True, eq=False)
class TranscriptTurn:
    """A turn with what is not for the screen.

    `turn_id` is its id in the archive, None while it could not be stored.
    `takings` are a question's pictures on their way, none for what came from
    the archive; `mode` says whether their text is wanted, `quick` how they
    are looked at.
    """

    entry: ChatTurn
    turn_id: int | None = None
    reference: tuple[str, ...] = ()
    takings: tuple[Ingest, ...] = ()
    mode: ReferenceMode = ReferenceMode.AUTO
    quick: bool = False

    @property
    def turn(self) -> Turn:
        """As the archive and the engine know it."""
        return Turn(self.entry.role, self.entry.text, self.entry.pictures, self.reference)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a model was asked with: turns from number `start` on, which took `tokens` in all."""

    model: str
    quick: bool
    start: int = 0
    tokens: int = 0


class Transcript(QObject):
    """The lines of one conversation. Methods that reach the disk raise OcellusError."""

    entryAdded = Signal(ChatTurn)
    textArrived = Signal(int, str)  # entry id, new text
    entryChanged = Signal(ChatTurn)

    def __init__(self, archive: ConversationStore, conversation_id: int | None = None) -> None:
        super().__init__()
        self._archive = archive
        self.conversation_id = conversation_id
        self.lines: list[TranscriptTurn] = []
        self.draft = Draft()
        self.memory: Memory | None = None

    @classmethod
    def stored(cls, archive: ConversationStore, conversation_id: int) -> Transcript:
        """The conversation as it lies in the archive."""
        transcript = cls(archive, conversation_id)
        for stored in archive.turns(conversation_id):
            if stored.turn.role is Role.PERSON:
                transcript._answer_last()
            transcript.lines.append(_line(stored))
        transcript._answer_last()
        return transcript

    @property
    def entries(self) -> tuple[ChatTurn, ...]:
        """All of it, for the screen."""
        return tuple(line.entry for line in self.lines)

    def pair(self, entry_id: int) -> tuple[TranscriptTurn, TranscriptTurn] | None:
        """The question and the answer of which this entry is one."""
        for question, answer in itertools.pairwise(self.lines):
            if (
                entry_id in (question.entry.id, answer.entry.id)
                and question.entry.role is Role.PERSON
                and answer.entry.role is Role.MODEL
            ):
                return question, answer
        return None

    def keep_draft(self) -> None:
        """Have a conversation without a question in the archive if a draft waits, and else not."""
        if not self.lines and not self.draft.is_empty:
            self.begin()
        elif not self.lines and self.conversation_id is not None:
            self._archive.delete(self.conversation_id)
            self.conversation_id = None

    def add(self, line: TranscriptTurn) -> None:
        """Show a line at the end."""
        self.lines.append(line)
        self.entryAdded.emit(line.entry)

    def store(self, line: TranscriptTurn) -> None:
        """Put a line into the archive that is not there yet, and its conversation with it."""
        if line.turn_id is None:
            line.turn_id = self._archive.add_turn(self.begin(), line.turn)

    def begin(self) -> int:
        """Put the conversation into the archive if it is not there yet; returns its id."""
        if self.conversation_id is None:
            self.conversation_id = self._archive.create()
        return self.conversation_id

    def attach(
        self, line: TranscriptTurn, pictures: tuple[Picture, ...], reference: tuple[str, ...]
    ) -> None:
        """Give a question its pictures and their text, on the screen and on disk."""
        line.reference = reference
        if pictures != line.entry.pictures:
            line.entry = replace(line.entry, pictures=pictures)
            self.entryChanged.emit(line.entry)
        if line.turn_id is None:
            self.store(line)
        else:
            self._archive.attach(line.turn_id, pictures, reference)

    def extend(self, line: TranscriptTurn, piece: str) -> None:
        """New text at the end of an answer; not saved yet."""
        line.entry = replace(line.entry, text=line.entry.text + piece)
        self.textArrived.emit(line.entry.id, piece)

    def change(
        self,
        line: TranscriptTurn,
        state: TurnState,
        note: str = "",
        failed: Failed | None = None,
        text: str | None = None,
        figures: str = "",
    ) -> None:
        """Another state, on the screen; not saved yet."""
        text = line.entry.text if text is None else text
        line.entry = replace(
            line.entry, text=text, state=state, note=note, failed=failed, figures=figures
        )
        self.entryChanged.emit(line.entry)

    def save(self, line: TranscriptTurn) -> None:
        """Put a line's text, state and note into the archive."""
        if line.turn_id is None:
            self.store(line)
        entry = line.entry
        note = entry.note
        if entry.failed is not None:
            note = " ".join(filter(None, (note, entry.failed.headline)))
        if line.turn_id is not None:
            self._archive.update_text(line.turn_id, entry.text, entry.state, note)

    def history(self, question: TranscriptTurn) -> tuple[Turn, ...]:
        """The turns for the engine, up to and with this question.

        A question whose answer is empty is left out, for questions and
        answers have to alternate; its pictures go with the next one, unless
        they may have been too many.
        """
        return tuple(turn for turn, _ in self._history(question))

    def remember(self, question: TranscriptTurn, memory: Memory) -> None:
        """Show from which question on the model was asked with what is here."""
        self.memory = memory
        history = self._history(question)
        first = history[memory.start][1] if 0 < memory.start < len(history) else None
        for line in self.lines:
            if line.entry.memory_begins != (line is first):
                line.entry = replace(line.entry, memory_begins=line is first)
                self.entryChanged.emit(line.entry)

    def _history(self, question: TranscriptTurn) -> list[tuple[Turn, TranscriptTurn]]:
        """Each turn for the engine with the line that it is of."""
        turns: list[tuple[Turn, TranscriptTurn]] = []
        waiting: Turn | None = None
        asked = question
        for line in self.lines[: self.lines.index(question) + 1]:
            if line.entry.role is Role.PERSON:
                before = waiting or Turn(Role.PERSON, "")
                asked = line
                waiting = replace(
                    line.turn,
                    pictures=before.pictures + line.turn.pictures,
                    reference=before.reference + line.turn.reference,
                )
            elif waiting is not None and line.entry.text.strip():
                turns += [(waiting, asked), (line.turn, line)]
                waiting = None
            elif _may_have_been_too_much(line):
                waiting = None
        return turns if waiting is None else [*turns, (waiting, asked)]

    def _answer_last(self) -> None:
        """Give the last line an answer where it is a question that the archive has none for."""
        if self.lines and self.lines[-1].entry.role is Role.PERSON:
            entry = new_entry(Role.MODEL, "", TurnState.INTERRUPTED)
            self.lines.append(TranscriptTurn(replace(entry, note=wording.UNANSWERED)))


def _may_have_been_too_much(answer: TranscriptTurn) -> bool:
    """Whether nothing came because the question did not fit; once stored, why is not known."""
    entry = answer.entry
    return entry.state is TurnState.FAILED and (
        entry.failed is None or entry.failed.kind is ErrorKind.TOO_LONG
    )


def new_entry(role: Role, text: str, state: TurnState) -> ChatTurn:
    """An entry with an id of its own."""
    return ChatTurn(next(_ids), role, text, state=state)


def _line(stored: StoredTurn) -> TranscriptTurn:
    note = stored.note or _DEFAULT_NOTES.get(stored.state, "")
    damage = wording.DAMAGED if stored.text_damaged else ""
    if stored.attached_damaged and not damage:
        damage = wording.DAMAGED_PICTURES
    note = " ".join(filter(None, (note, damage)))
    turn = stored.turn
    entry = ChatTurn(next(_ids), turn.role, turn.text, turn.pictures, stored.state, note)
    return TranscriptTurn(entry, stored.id, turn.reference)

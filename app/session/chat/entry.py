"""What the chat pane shows."""

from __future__ import annotations

from dataclasses import dataclass

from app.archive.archive import TurnState
from app.core.conversation import Picture, Role
from app.core.errors import Failed


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One turn on the screen.

    `id` is unique while the program runs. Each question is followed at once by
    its answer, OPEN and empty while it waits. A person's entry is OPEN while
    its pictures are being taken or read; a model's until its end.
    `figures` says how fast it came and what it took; a conversation that is
    opened again has none.
    `note` is a plain sentence for below the text (that read text was used,
    that the answer was stopped); `failed` says why there is no (whole) answer
    and `Chat.retry(id)` asks again. With `memory_begins` the model was asked
    with this question and what follows; what stands above did not fit.
    """

    id: int
    role: Role
    text: str
    pictures: tuple[Picture, ...] = ()
    state: TurnState = TurnState.DONE
    note: str = ""
    failed: Failed | None = None
    figures: str = ""
    memory_begins: bool = False


@dataclass(frozen=True, slots=True)
class ChatState:
    """The status line.

    `busy` while a question waits or an answer is written (Stop makes sense);
    `fraction` runs from 0 to 1 and is None where no progress is known.
    """

    busy: bool = False
    status: str = ""
    fraction: float | None = None

"""Sentences of the status line and below answers."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.conversation import Picture, ReferenceMode
from app.core.document import Document
from app.core.events import Loading, Seen, Stage, Stats
from app.core.words.sizes import size

STOPPED = "Stopped."
INTERRUPTED = "Interrupted before it was complete."
UNANSWERED = "This question was not answered."
DAMAGED = "This text may have been damaged on the disk."
DAMAGED_PICTURES = "The pictures of this question may have been damaged on the disk."
STOPPED_WAITING = "Stopped before it was answered."
CLOSED = "Interrupted: the window was closed."
CUT_OFF = "The answer reached the longest allowed length and ends here."
EMPTY = "The model had nothing to say."
START_AGAIN = "“Try again” below the question asks it again."
ANSWERING = "Answering…"
WAITING = "Waiting for the engine…"
PUT_AWAY = "The model was unloaded to free memory. It loads again with your next question."

_STAGES = {
    Stage.STARTING: "Starting the engine…",
    Stage.READING_WEIGHTS: "Loading the model…",
    Stage.WARMING_UP: "Warming up the model…",
}


def loading(event: Loading) -> tuple[str, float | None]:
    """What the engine is busy with, and how much of it is done (0 to 1) where that is known."""
    fraction = min(1.0, max(0.0, event.done / event.total)) if event.total > 0 else None
    return _STAGES[event.stage], fraction


def elsewhere(status: str) -> str:
    """The status of a question in a conversation that is not on the screen."""
    return f"In another conversation: {status[:1].lower()}{status[1:]}" if status else ""


def default_question(pictures: int) -> str:
    """What is asked when somebody sends pictures and no words."""
    return "Describe this picture." if pictures == 1 else "Describe these pictures."


def opening(pictures: int) -> str:
    """While the reader takes the pictures of a question."""
    return f"Opening the {_picture_s(pictures)}…"


def reading(pictures: int) -> str:
    """While the reader finds their text."""
    return f"Reading the text of the {_picture_s(pictures)}…"


def looking(pictures: int) -> str:
    """From the question's arrival at the model to the first word."""
    return f"Looking at the {_picture_s(pictures)}…" if pictures else "Thinking…"


def reference_note(seen: Seen, pictures: int) -> str:
    """That read text was used, and how much of it; empty when none was."""
    sent, total = seen.reference_sent, seen.reference_total
    if total <= 0:
        return ""
    source = f"text read from the {_picture_s(pictures)}"
    if sent < total:
        return f"Used {sent} of {total} lines of {source}; the rest did not fit."
    return f"Used {sent} {'line' if sent == 1 else 'lines'} of {source}."


def quick_note(pictures: int) -> str:
    """That the model saw less than it could have."""
    return f"Took a quick look at the {_picture_s(pictures)}."


def pages_go(pictures: Sequence[Picture]) -> str:
    """Which pages of documents the next question is about; empty where there are none."""
    pages, count = _pages(pictures)
    return f"{pages} {'goes' if count == 1 else 'go'} with the question." if pages else ""


def pages_note(pictures: Sequence[Picture]) -> str:
    """Which pages of documents the model was asked about; empty where there are none."""
    pages, _ = _pages(pictures)
    return f"{pages} went with the question." if pages else ""


def _pages(pictures: Sequence[Picture]) -> tuple[str, int]:
    """The pages in words, and how many they are. A document of one page says nothing new."""
    sent: dict[Document, set[int]] = {}
    for picture in pictures:
        if picture.document is not None and picture.document.pages > 1:
            sent.setdefault(picture.document, set()).add(picture.page)
    said: list[str] = []
    for document, pages in sent.items():
        *most, last = map(str, sorted(pages))
        numbers = f"pages {', '.join(most)} and {last}" if most else f"page {last}"
        name = f" of “{document.name}”" if len(sent) > 1 else ""
        said.append(f"{numbers} of {document.pages}{name}")
    words = "; ".join(said)
    return words[:1].upper() + words[1:], sum(map(len, sent.values()))


def no_reference_note(mode: ReferenceMode, pictures: int, *, failed: bool) -> str:
    """Why no read text was used, where a person would expect it."""
    if failed:
        return f"The text of the {_picture_s(pictures)} could not be read, so none was used."
    if mode is ReferenceMode.ON and pictures:
        return f"No text was found in the {_picture_s(pictures)}."
    return ""


def figures(stats: Stats) -> str:
    """How fast an answer came and what it took; empty where the engine did not say."""
    if not stats.new_tokens or stats.prefill_seconds <= 0:
        return ""
    speed = stats.tokens_per_second
    used = stats.prompt_tokens + stats.new_tokens
    parts = [
        f"First word after {_short(stats.prefill_seconds)} s",
        f"{_short(speed)} tokens per second" if speed else "",
        f"{used:,} of {stats.context:,} tokens" if stats.context else "",
        f"{size(stats.memory)} of memory" if stats.memory >= 50e6 else "",
    ]
    return " · ".join(filter(None, parts))


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}"


def _picture_s(count: int) -> str:
    return "picture" if count <= 1 else "pictures"

"""Text on its way into the database and out of it."""

from __future__ import annotations

from app.core.conversation import Role, Turn

TITLE_LENGTH = 80


def storable(text: str) -> str:
    """`text` with lone surrogates replaced: pasted text may hold them, UTF-8 may not."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_back(stored: bytes) -> str:
    """A connection's `text_factory`: bytes that are no UTF-8 become surrogates, not an error."""
    return stored.decode("utf-8", "surrogateescape")


def shown(value: object) -> str:
    """What `read_back` returned, for people's eyes; empty where a damaged file has no text."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def title_of(turn: Turn) -> str:
    """The first line of a question, or the first picture's name; empty for a model's turn."""
    if turn.role is not Role.PERSON:
        return ""
    lines = [*turn.text.split("\n"), *(picture.name for picture in turn.pictures)]
    line = next((" ".join(line.split()) for line in lines if line.strip()), "")
    if len(line) > TITLE_LENGTH:
        line = line[: TITLE_LENGTH - 1].rstrip() + "…"
    return storable(line)

"""What is meant for a conversation's next question."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.session.pictures.ingest import Ingest


@dataclass(slots=True, eq=False)
class Draft:
    """Words that were written and not sent, and the pictures beside them by their keys."""

    text: str = ""
    takings: dict[int, Ingest] = field(default_factory=dict[int, Ingest])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that a person would miss."""
        return not self.text.strip() and not self.takings

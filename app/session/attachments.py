"""The pictures that go with the next question."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.conversation import Picture
from app.core.errors import Failed
from app.session.reading import Readings
from app.workers.remote import Remote


@dataclass(frozen=True, slots=True)
class Attachment:
    """One thumbnail of the composer.

    `picture` is None while the reader still takes it; `failed` is set when it
    could not, and then `Attachments.retry(key)` may help.
    """

    key: int
    name: str
    picture: Picture | None = None
    failed: Failed | None = None


class Attachments(QObject):
    """Takes files and data through the reader into the picture store.

    What can never become a picture (not a picture, too large, damaged) is
    refused and does not stay in the list; what may work another time (the
    reader died, the disk is full) stays with `failed` set.
    """

    changed = Signal(object)  # tuple[Attachment, ...]
    refused = Signal(object)  # Failed
    shown = Signal(object)  # Picture, just taken

    def __init__(
        self, reader: Remote, readings: Readings, inbox: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        raise NotImplementedError

    @property
    def items(self) -> tuple[Attachment, ...]:
        """What the composer shows, in the order in which it came."""
        raise NotImplementedError

    def take_file(self, path: Path) -> None:
        """Add the file at `path`; a folder or a missing file is refused."""
        raise NotImplementedError

    def take_data(self, data: bytes, name: str) -> None:
        """Add pasted or dropped bytes as they came; nothing is decoded here."""
        raise NotImplementedError

    def retry(self, key: int) -> None:
        """Take a failed one again."""
        raise NotImplementedError

    def remove(self, key: int) -> None:
        """Take one out of the list, also while it is being taken."""
        raise NotImplementedError

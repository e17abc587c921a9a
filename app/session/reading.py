"""The text of pictures, read once each."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.conversation import Picture
from app.core.reading import Reading
from app.workers.remote import Remote


class Readings(QObject):
    """Reads pictures through the reader and keeps what it found, by hash."""

    readingReady = Signal(str, object)  # sha256, Reading
    readingFailed = Signal(str, object)  # sha256, Failed

    def __init__(self, reader: Remote, parent: QObject | None = None) -> None:
        super().__init__(parent)
        raise NotImplementedError

    def known(self, sha256: str) -> Reading | None:
        """The reading of this picture if it is there already."""
        raise NotImplementedError

    def request(self, picture: Picture) -> None:
        """Have it read; a signal follows, at once where it is known already."""
        raise NotImplementedError

    async def read(self, picture: Picture) -> Reading:
        """Its reading; callers at the same time share one. Raises OcellusError."""
        raise NotImplementedError

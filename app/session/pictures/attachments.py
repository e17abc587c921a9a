"""The pictures that go with the next question."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.cleaning import clean
from app.core.conversation import Picture
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.files.file_kinds import MAX_PICTURE, empty, has_pages, too_large
from app.core.files.opening import cut_off, holds_pages
from app.session.documents.documents import Documents
from app.session.pictures.folder import MOST_OPENED, pictures_in
from app.session.pictures.inbox import Inbox
from app.session.pictures.ingest import Ingest, Source, take_picture
from app.session.reading.readings import Readings
from app.session.threads import in_thread
from app.workers.remote import Remote

_LONGEST_NAME = 120
_MAY_WORK_LATER = (
    ErrorKind.CHILD_DIED,
    ErrorKind.DISK_FULL,
    ErrorKind.INTERNAL,
    ErrorKind.PASSWORD,
)


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
    reader died, the disk is full) stays with `failed` set. Of a document its
    first page is the picture; one with a password waits for `unlock`.
    """

    changed = Signal(tuple)  # of Attachment
    refused = Signal(Failed)
    noticed = Signal(Failed)  # what was taken is not all of it
    told = Signal(str)  # what was done with what was taken
    shown = Signal(Picture)  # just taken, for whichever conversation
    passwordNeeded = Signal(int, str, bool)  # key, name, whether the one given was wrong

    def __init__(
        self,
        reader: Remote,
        readings: Readings,
        documents: Documents,
        inbox: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._readings = readings
        self._documents = documents
        self._inbox = Inbox(inbox)
        self._keys = itertools.count(1)
        self._takings: dict[int, Ingest] = {}  # of the conversation on the screen
        self._folders: set[asyncio.Task[None]] = set()

    @property
    def items(self) -> tuple[Attachment, ...]:
        """What the composer shows, in the order in which it came."""
        return tuple(
            Attachment(key, taking.name, taking.picture, taking.failed)
            for key, taking in self._takings.items()
        )

    def use(self, takings: dict[int, Ingest]) -> None:
        """Show another conversation's list and add to it; what is being taken goes on."""
        self._takings = takings
        self.changed.emit(self.items)

    def take_file(self, path: Path) -> None:
        """Add the file at `path`, or the pictures of a folder; what cannot be opened is refused."""
        if path.is_dir():
            name = _shown_name(path.name)
            task = asyncio.create_task(self._take_folder(path.absolute(), name, self._takings))
            self._folders.add(task)
            task.add_done_callback(self._folders.discard)
        else:
            self._begin_file(path.absolute(), self._takings)
            self.changed.emit(self.items)

    def take_data(self, data: bytes, name: str) -> None:
        """Add pasted or dropped bytes as they came; nothing is decoded here."""
        name = _shown_name(name) or "Pasted picture"
        if not data:
            self.refused.emit(empty(name).failed)
        elif len(data) > MAX_PICTURE:
            self.refused.emit(too_large(name, len(data), MAX_PICTURE).failed)
        else:
            self._add(name, data, self._takings, has_pages=has_pages(data)).begin()
            self.changed.emit(self.items)

    def retry(self, key: int) -> None:
        """Take a failed one again."""
        taking = self._takings.get(key)
        if taking is None or taking.failed is None:
            return
        if taking.failed.kind is ErrorKind.PASSWORD:
            self.passwordNeeded.emit(key, taking.name, False)  # noqa: FBT003 - a signal's value
            return
        taking.retry()
        self.changed.emit(self.items)

    def unlock(self, key: int, password: str) -> None:
        """Take a document again with this password; `passwordNeeded` follows if it is wrong."""
        taking = self._takings.get(key)
        if taking is not None and taking.failed is not None:
            taking.password = password
            taking.retry()
            self.changed.emit(self.items)

    def add_picture(self, picture: Picture) -> None:
        """Add a picture that is in the store already, a page perhaps, unless it is there."""
        if any(taking.picture == picture for taking in self._takings.values()):
            return
        taking = self._add(picture.name, b"", self._takings, has_pages=False)
        taking.picture = picture
        self.changed.emit(self.items)

    def remove(self, key: int) -> None:
        """Take one out of the list, also while it is being taken."""
        taking = self._takings.pop(key, None)
        if taking is not None:
            taking.drop()
            self.changed.emit(self.items)

    def hand_over(self) -> tuple[Ingest, ...]:
        """Give the list to a question; what failed stays behind in the composer."""
        handed = [key for key, taking in self._takings.items() if taking.failed is None]
        takings = tuple(self._takings.pop(key) for key in handed)
        if takings:
            self.changed.emit(self.items)
        return takings

    def _begin_file(self, path: Path, takings: dict[int, Ingest]) -> None:
        name = _shown_name(path.name)
        try:
            has_several = holds_pages(path, name)
        except OcellusError as error:
            self.refused.emit(error.failed)
        else:
            # What is only called a PDF is told of as one.
            means_pages = has_several or name.lower().endswith(".pdf")
            self._add(name, path, takings, has_pages=means_pages).begin()

    def _add(
        self, name: str, source: Path | bytes, takings: dict[int, Ingest], *, has_pages: bool
    ) -> Ingest:
        take = self._documents.take if has_pages else self._take_picture
        done = partial(self._taken, takings)
        taking = Ingest(self._reader, self._readings, take, name, source, self._inbox, done)
        takings[next(self._keys)] = taking
        return taking

    async def _take_folder(self, folder: Path, name: str, takings: dict[int, Ingest]) -> None:
        """Take the pictures in it, into the list that it was dropped on."""
        try:
            found = await in_thread(partial(pictures_in, folder))
        except OcellusError as error:
            self.refused.emit(error.failed)
            return
        if not found:
            self.refused.emit(_no_pictures(name))
            return
        for path in found[:MOST_OPENED]:
            self._begin_file(path, takings)
        self.changed.emit(self.items)
        if len(found) > MOST_OPENED:
            self.told.emit(
                f"The first {MOST_OPENED} of the {len(found)} pictures in “{name}” were opened."
            )

    async def _take_picture(self, source: Source) -> Picture:
        taken = await take_picture(self._reader, source)
        if taken.cut_off:
            self.noticed.emit(cut_off(source.name))
        if taken.full is not None:
            self.told.emit(_made_smaller(source.name, taken.full, taken.picture))
        return taken.picture

    def _taken(self, takings: dict[int, Ingest], taking: Ingest) -> None:
        """One has ended that was added to these; a question may have it by now."""
        key = next((key for key, other in takings.items() if other is taking), None)
        is_shown = takings is self._takings
        if taking.picture is not None:
            self._readings.request(taking.picture)
        elif key is not None and taking.failed is not None:
            if taking.failed.kind is ErrorKind.PASSWORD:
                # Elsewhere it waits for a click on its thumbnail.
                if is_shown:
                    self.changed.emit(self.items)
                    self.passwordNeeded.emit(key, taking.name, bool(taking.password))
                return
            if taking.failed.kind not in _MAY_WORK_LATER:
                del takings[key]
                taking.drop()
            self.refused.emit(taking.failed)
        if key is not None and is_shown:
            self.changed.emit(self.items)
        if taking.picture is not None:
            self.shown.emit(taking.picture)


def _no_pictures(folder: str) -> Failed:
    return Failed(
        ErrorKind.NOT_A_PICTURE,
        f"There are no pictures in the folder “{folder}”.",
        "Folders inside it are not looked into: open the one that holds the pictures.",
    )


def _made_smaller(name: str, full: tuple[int, int], picture: Picture) -> str:
    whole, kept = full[0] * full[1] / 1e6, picture.width * picture.height / 1e6
    return (
        f"{name} has {whole:,.0f} megapixels. It was opened with {kept:,.0f}: "
        f"{picture.width:,} × {picture.height:,} pixels."
    )


def _shown_name(name: str) -> str:
    """A name for the screen: file names may hold anything, undecodable bytes too."""
    printable = name.encode("utf-8", "replace").decode("utf-8")
    return " ".join(clean(printable).split())[:_LONGEST_NAME]

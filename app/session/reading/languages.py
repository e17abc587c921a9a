"""Which languages text is read in, and how those that are not here come here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.catalog.languages import Pack, Packs, remove
from app.core.errors import Failed
from app.core.files.disk_errors import not_removed
from app.session.preferences import Preferences
from app.session.reading.readings import Readings
from app.workers.command import Command, CommandLine

BUNDLED = ""
"""The id of what the reader reads by itself."""


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """One choice. `note` says what it is and what it takes; `size` the bytes to be fetched."""

    id: str
    title: str
    note: str
    on_disk: bool
    current: bool
    size: int = 0
    host: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Fetching:
    """A pack on its way: `fraction` from 0 to 1."""

    id: str
    title: str
    fraction: float


class Languages(QObject):
    """The bundled languages and the packs of the catalog, one of which may be chosen."""

    changed = Signal(tuple)  # of LanguageRow
    fetchingChanged = Signal(object)  # Fetching | None, which Qt has no type for
    noticed = Signal(Failed)

    def __init__(
        self,
        packs: Packs,
        line: CommandLine,
        readings: Readings,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._packs = packs
        self._line = line
        self._readings = readings
        self._preferences = preferences
        self._command: Command | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._fetching: Fetching | None = None
        self._use(preferences.settings.language)

    @property
    def rows(self) -> tuple[LanguageRow, ...]:
        """The bundled languages first, then the packs in the catalog's order."""
        bundled = LanguageRow(
            BUNDLED,
            "Latin, Chinese, Japanese",
            "Comes with Ocellus and is always read too.",
            on_disk=True,
            current=self.current == BUNDLED,
        )
        return (bundled, *(self._row(pack) for pack in self._packs.entries))

    @property
    def current(self) -> str:
        """The id of the pack that is read with, or BUNDLED."""
        spec = self._readings.pack
        return spec.id if spec is not None else BUNDLED

    @property
    def fetching(self) -> Fetching | None:
        """As last announced."""
        return self._fetching

    def choose(self, pack_id: str) -> None:
        """Read with this pack, or with none; it has to be on the disk."""
        self._use(pack_id)
        self._preferences.set_language(self.current)
        self.changed.emit(self.rows)

    def fetch(self, pack_id: str) -> None:
        """Download this pack and read with it once it is here. One at a time."""
        if self._fetching is None:
            pack = self._packs.entry(pack_id)
            begun = Fetching(pack.id, pack.title, 0.0)
            task = asyncio.create_task(self._fetch(pack, begun, tuple(self._tasks)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            self._announce(begun)

    def cancel(self) -> None:
        """Stop the download at once; what has come is kept for another time."""
        if self._command is not None:
            self._command.stop()
            self._command = None
        if self._fetching is not None:
            self._announce(None)

    def remove(self, pack_id: str) -> None:
        """Delete a pack from the disk."""
        pack = self._packs.entry(pack_id)
        if self.current == pack.id:
            self.choose(BUNDLED)
        try:
            remove(pack)
        except OSError as error:
            self.noticed.emit(not_removed(error, pack.title).failed)
        self.changed.emit(self.rows)

    async def close(self) -> None:
        """End a download that is under way, and wait until it has ended."""
        self.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _use(self, pack_id: str) -> None:
        """Read with this pack if it is there, and otherwise with the bundled models alone."""
        pack = next((pack for pack in self._packs.entries if pack.id == pack_id), None)
        self._readings.use(pack.spec() if pack is not None else None)

    async def _fetch(
        self, pack: Pack, begun: Fetching, before: tuple[asyncio.Task[None], ...]
    ) -> None:
        """Download it in a process of its own, once those `before` have ended."""
        if before:
            # One that was cancelled a moment ago may still be on its way out.
            await asyncio.wait(before)
        if self._fetching is not begun:
            return  # Cancelled meanwhile.
        ended: asyncio.Future[Failed | None] = asyncio.get_running_loop().create_future()
        command = self._command = Command(self._line, self)
        command.said.connect(partial(self._progress, command, pack))
        command.ended.connect(lambda: ended.set_result(None))
        command.failed.connect(ended.set_result)
        command.start(("languages", "pull", "--json", pack.id))
        failed = await ended
        command.deleteLater()
        if command is not self._command:
            return
        self._command = None
        self._announce(None)
        if failed is not None:
            self.noticed.emit(failed)
        elif pack.on_disk:
            self.choose(pack.id)

    def _progress(self, command: Command, pack: Pack, plain: dict[str, Any]) -> None:
        done = plain.get("done")
        if command is self._command and type(done) is int:
            self._announce(Fetching(pack.id, pack.title, done / pack.size))

    def _announce(self, fetching: Fetching | None) -> None:
        self._fetching = fetching
        self.fetchingChanged.emit(fetching)

    def _row(self, pack: Pack) -> LanguageRow:
        names = ", ".join(name for _, name in pack.languages)
        note = f"{names}. {pack.note}".strip() if pack.note else f"{names}."
        return LanguageRow(
            pack.id,
            pack.title,
            note,
            pack.on_disk,
            pack.id == self.current,
            pack.size,
            pack.host,
            self._packs.licence,
        )

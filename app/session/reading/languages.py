"""Which languages text is read in, and how those that are not here come here."""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.catalog.languages import Pack, Packs, remove
from app.core.errors import ErrorKind, Failed, OcellusError
from app.session.preferences import Preferences
from app.session.reading.readings import Readings

BUNDLED = ""
"""The id of what the reader reads by itself."""


class PackFetch(Protocol):
    """One pack on its way."""

    def fetch(self) -> None:
        """Bring it to its place, in a thread; back early after `pause`. Raises OcellusError."""
        ...

    def pause(self) -> None:
        """Have `fetch` end soon."""
        ...


StartPackFetch = Callable[[Pack, Callable[[int], None]], PackFetch]
"""Makes the download of a pack that tells its bytes on the disk, from its thread."""


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """One choice. `note` says what it is and what it takes; `megabytes` what is to be fetched."""

    id: str
    title: str
    note: str
    on_disk: bool
    current: bool
    megabytes: float = 0.0
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
        downloads: StartPackFetch,
        readings: Readings,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._packs = packs
        self._downloads = downloads
        self._readings = readings
        self._preferences = preferences
        self._download: PackFetch | None = None
        self._task: asyncio.Task[None] | None = None
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
        if self._task is None:
            pack = self._packs.entry(pack_id)
            self._task = asyncio.create_task(self._fetch(pack))
            self._announce(Fetching(pack.id, pack.title, 0.0))

    def cancel(self) -> None:
        """Stop the download at once; what has come is kept for another time.

        A connection that says nothing ends in its thread, later.
        """
        if self._download is not None:
            self._download.pause()
        if self._task is not None:
            self._task.cancel()

    def remove(self, pack_id: str) -> None:
        """Delete a pack from the disk."""
        pack = self._packs.entry(pack_id)
        if self.current == pack.id:
            self.choose(BUNDLED)
        try:
            remove(pack)
        except OSError as error:
            self.noticed.emit(
                Failed(
                    ErrorKind.UNREADABLE,
                    f"{pack.title} could not be removed.",
                    f"Check whether another program uses {pack.file}.",
                    str(error),
                )
            )
        self.changed.emit(self.rows)

    async def close(self) -> None:
        """End a download that is under way."""
        task = self._task
        self.cancel()
        if task is not None:
            await asyncio.wait([task])

    def _use(self, pack_id: str) -> None:
        """Read with this pack if it is there, and otherwise with the bundled models alone."""
        pack = next((pack for pack in self._packs.entries if pack.id == pack_id), None)
        self._readings.use(pack.spec() if pack is not None else None)

    async def _fetch(self, pack: Pack) -> None:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def tell(words: Callable[[], None]) -> None:
            with suppress(RuntimeError):  # The window has been closed.
                loop.call_soon_threadsafe(words)

        def report(done: int) -> None:
            tell(
                lambda: self._progressed(download, Fetching(pack.id, pack.title, done / pack.size))
            )

        def run() -> None:
            error: Exception | None = None
            try:
                download.fetch()
            except Exception as caught:  # noqa: BLE001 - raised where it is awaited
                error = caught
            tell(lambda: _settle(ended, error))

        download = self._download = self._downloads(pack, report)
        try:
            # Not one that the end of the program waits for.
            threading.Thread(target=run, name="language-download", daemon=True).start()
            await ended
        except OcellusError as error:
            self.noticed.emit(error.failed)
        except Exception:  # noqa: BLE001 - the download ends, and nothing else
            self.noticed.emit(
                Failed(
                    ErrorKind.INTERNAL,
                    f"{pack.title} could not be downloaded.",
                    "Please report this with the details.",
                    traceback.format_exc(),
                )
            )
        finally:
            self._download = self._task = None
            self._announce(None)
        if pack.on_disk:
            self.choose(pack.id)

    def _progressed(self, download: PackFetch, fetching: Fetching) -> None:
        if download is self._download:
            self._announce(fetching)

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
            pack.megabytes,
            pack.host,
            self._packs.licence,
        )


def _settle(ended: asyncio.Future[None], error: Exception | None) -> None:
    """Let a future end, unless nobody waits for it any more."""
    if ended.done():
        return
    if error is None:
        ended.set_result(None)
    else:
        ended.set_exception(error)

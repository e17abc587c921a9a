"""Every model with what a person wants to know before choosing it, and what can be done with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.catalog.catalog import BUILTIN, Catalog
from app.catalog.fit import Verdict
from app.catalog.machine import Machine
from app.catalog.original import NO_TOWER
from app.core.errors import ErrorKind, Failed
from app.core.words.addresses import HUB, mirror_address
from app.session.models.download import Step
from app.session.models.downloads import Downloads
from app.session.models.inventory import take_inventory
from app.session.models.library_row import ModelRow
from app.session.models.models import LoadState, Models
from app.session.preferences import Preferences

_WATCH_MS = 3000
_UNLOAD_TRIES = 400


class ModelLibrary(QObject):
    """The rows of the models window. Looks at the machine while somebody watches."""

    changed = Signal()
    progressed = Signal(str)  # id: only how far it is on its way has changed
    loadingSaid = Signal(str)  # what the engine is busy with, empty when the model waits
    noticed = Signal(str, Failed)  # id
    towerMissing = Signal(str, Failed)  # id: `bring_tower` goes on with the import
    arrived = Signal(str, str)  # id and title of one that is here now, while another one answers

    def __init__(
        self,
        models: Models,
        catalog: Catalog,
        downloads: Downloads,
        preferences: Preferences,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._models = models
        self._catalog = catalog
        self._downloads = downloads
        self._preferences = preferences
        self.folder = folder
        self._inventory = take_inventory(catalog, folder, "", machine=False)
        self._steps: dict[str, Step | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._brought: dict[str, Path] = {}
        # Put away only until the weights that they were read from are deleted.
        self._unloaded: set[str] = set()
        self._ended = False
        # Not the loop's own: Qt's threads must not be let go of while they run.
        self._looking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="look")
        self._timer = QTimer(self)
        self._timer.setInterval(_WATCH_MS)
        self._timer.timeout.connect(self.refresh)
        models.changed.connect(self.changed)
        models.loadingChanged.connect(self._loaded)
        downloads.changed.connect(self._progress)
        downloads.arrived.connect(self._arrived)
        downloads.imported.connect(self._arrived)
        downloads.removed.connect(self._removed)
        downloads.failed.connect(self._failed)

    @property
    def machine(self) -> Machine | None:
        """Memory and disk when last looked; None before the first time."""
        return self._inventory.machine

    @property
    def disk_used(self) -> int:
        """Bytes of the models on this disk that did not come with the program."""
        sizes, here = self._inventory.sizes, self._inventory.here
        return sum(size for name, size in sizes.items() if name in here and name != BUILTIN)

    @property
    def idle_minutes(self) -> int:
        """After how long without a question the model leaves the memory; 0 is never."""
        return self._preferences.settings.idle_minutes

    @property
    def mirror(self) -> str:
        """The address that is used instead of the hub's."""
        return self._preferences.settings.mirror

    @property
    def loading(self) -> str:
        """What the engine is busy with, empty when the model waits."""
        load = self._models.load_state
        return self.importing or ("" if load.ready else load.status)

    @property
    def importing(self) -> str:
        """How far an import is that has no row yet; empty where there is none."""
        known = {entry.id for entry in self._inventory.entries}
        for item in self._downloads.importing:
            if item.id not in known:
                done = f" {100 * item.done // item.total} %" if item.total else ""
                return f"Importing “{item.id}”…{done}"
        return ""

    @property
    def running(self) -> ModelRow | None:
        """The model that is being fetched."""
        running = self._downloads.running
        return self.row(running.id) if running else None

    @property
    def rows(self) -> tuple[ModelRow, ...]:
        """All models: the catalog's, then the person's own."""
        return self._inventory.rows(
            self._models.current, self._downloads.get, self.folder, self._freed()
        )

    def row(self, model_id: str) -> ModelRow | None:
        """The row of this id."""
        return next((row for row in self.rows if row.entry.id == model_id), None)

    def watch(self, *, on: bool) -> None:
        """Keep the figures fresh while they are on the screen."""
        if on:
            self.refresh()
            self._timer.start()
        else:
            self._timer.stop()

    def refresh(self, *_news: object) -> None:
        """Look again at the disk and the memory; `changed` follows."""
        self._do(self._refresh())

    def use(self, model_id: str) -> None:
        """Answer with this model from the next question on."""
        self._models.choose(model_id)

    def use_folder(self, path: Path) -> None:
        """Answer with the checkpoint in this folder, where it lies."""
        self._models.choose_folder(path)
        self.refresh()

    def download(self, model_id: str, token: str = "") -> None:
        """Fetch this model, or go on with it."""
        self._downloads.begin(model_id, token)

    def pause(self, model_id: str) -> None:
        """Stop fetching for now."""
        self._downloads.pause(model_id)

    def remove(self, model_id: str) -> None:
        """Take it off the disk; where it answers, the built-in one does from now on."""
        self._do(self._remove(model_id))

    def delete_original(self, model_id: str) -> None:
        """Take the original's weights off the disk where the 4-bit form does without them."""
        self._do(self._delete_original(model_id))

    def bring(self, folder: Path, model_id: str = "") -> None:
        """Import the model in `folder`, as this one of the catalog or under its own name."""
        name = model_id or re.sub(r"[^a-z0-9._-]+", "-", folder.name.lower()).strip("-._")
        taken = not model_id and any(entry.id == name for entry in self._inventory.entries)
        if not name or taken:
            failed = Failed(
                ErrorKind.EXISTS,
                f"A model called “{folder.name}” cannot be imported.",
                "There is one of this name already, or the name has no letters: "
                "rename the folder, then import it.",
            )
            self.noticed.emit(name, failed)
            return
        self._brought[name] = folder
        self._downloads.bring(name, folder)

    def bring_tower(self, model_id: str, tower: Path) -> None:
        """Import it once more, with the vision model in this folder."""
        if model_id in self._brought:
            self._downloads.bring(model_id, self._brought[model_id], tower)

    def set_idle_minutes(self, minutes: int) -> None:
        """Choose after how long without a question the model leaves the memory; 0 is never."""
        self._preferences.set_idle_minutes(minutes)

    def set_mirror(self, address: str) -> None:
        """Choose an address instead of the hub's; empty for the hub. Raises OcellusError."""
        used = mirror_address(address)
        self._preferences.set_mirror("" if used == HUB else used)

    async def close(self) -> None:
        """Let go of what is under way; to be awaited before the engine is closed."""
        self._timer.stop()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._downloads.close()
        self._looking.shutdown(wait=False)

    def _freed(self) -> int:
        """What the model in memory gives back before another one comes."""
        ready, machine = self._models.load_state.ready, self._inventory.machine
        return ready.memory if ready and machine and ready.device == machine.device else 0

    def _loaded(self, *_state: object) -> None:
        self.loadingSaid.emit(self.loading)
        load = self._models.load_state
        # Every weight that is read is announced; the rows say no more than where it ends.
        ended = bool(load.ready or load.failed)
        if ended is not self._ended:
            self._ended = ended
            self.changed.emit()

    def _progress(self, model_id: str) -> None:
        item = self._downloads.get(model_id)
        step = item.step if item else None
        if self._steps.get(model_id) is step:
            self.progressed.emit(model_id)
            return
        self._steps[model_id] = step
        self.changed.emit()

    def _arrived(self, model_id: str) -> None:
        self._do(self._take_up(model_id))

    def _removed(self, model_id: str) -> None:
        self._load_again(model_id)
        self.refresh()

    def _load_again(self, model_id: str) -> None:
        if model_id in self._unloaded:
            self._unloaded.discard(model_id)
            current = self._models.current
            if current is not None and current.id == model_id:
                self._models.load()

    def _failed(self, model_id: str, failed: Failed) -> None:
        self._load_again(model_id)
        signal = self.towerMissing if failed.detail == NO_TOWER else self.noticed
        signal.emit(model_id, failed)

    async def _take_up(self, model_id: str) -> None:
        """It answers from now on, unless the person has another one that is real."""
        await self._refresh()
        row, current = self.row(model_id), self._models.current
        if row is None:
            return
        fits = row.fit is None or row.fit.verdict is not Verdict.TOO_LARGE
        if fits and (current is None or current.for_trying):
            self._models.choose(model_id)
        else:
            self.arrived.emit(model_id, row.entry.title)

    async def _remove(self, model_id: str) -> None:
        current = self._models.current
        if current is not None and current.id == model_id:
            self._models.choose(BUILTIN)
            # Its files are open while it is in memory, and Windows removes no open file.
            await self._until(lambda load: bool(load.ready or load.failed))
        self._downloads.remove(model_id)

    async def _delete_original(self, model_id: str) -> None:
        current = self._models.current
        if current is not None and current.id == model_id and self._models.load_state.ready:
            # As above; it comes back from its 4-bit form.
            self._unloaded.add(model_id)
            self._models.unload()
            await self._until(lambda load: load.ready is None)
        self._downloads.remove(model_id, original_only=True)

    async def _until(self, done: Callable[[LoadState], bool]) -> None:
        for _ in range(_UNLOAD_TRIES):
            if done(self._models.load_state):
                return
            await asyncio.sleep(0.05)

    async def _refresh(self) -> None:
        ready = self._models.load_state.ready
        device = ready.device if ready else ""
        folders = self._preferences.settings.folders
        loop = asyncio.get_running_loop()
        # Not in the window's thread: nvidia-smi takes a second now and then.
        self._inventory = await loop.run_in_executor(
            self._looking, take_inventory, self._catalog, self.folder, device, folders
        )
        self.changed.emit()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

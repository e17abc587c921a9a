"""Which model answers, and whether it is ready."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.catalog.catalog import BUILTIN, Catalog
from app.core.cancelled import WorkCancelledError
from app.core.errors import Failed, OcellusError
from app.core.events import Event, Finished, Loading, Ready
from app.core.model import ModelSpec
from app.core.requests import LoadModel, UnloadModel
from app.session.chat import wording
from app.session.preferences import Preferences
from app.workers.remote import Remote
from app.workers.request_result import follow, outcome


@dataclass(frozen=True, slots=True)
class LoadState:
    """How far the current model is, in plain words.

    `fraction` runs from 0 to 1 and is None where it is unknown. `ready` and
    `failed` are set when the loading ended that way.
    """

    status: str = ""
    fraction: float | None = None
    ready: Ready | None = None
    failed: Failed | None = None


class Models(QObject):
    """The catalog's models and the one that is chosen."""

    changed = Signal()  # another one is chosen
    loadingChanged = Signal(LoadState)
    noticed = Signal(Failed)

    def __init__(
        self,
        engine: Remote,
        catalog: Catalog,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._catalog = catalog
        self._preferences = preferences
        self._load_state = LoadState()
        self._task: asyncio.Task[None] | None = None
        self._missing: Failed | None = None
        self._current = self._remembered()
        engine.died.connect(self._engine_died)

    @property
    def current(self) -> ModelSpec | None:
        """The model that answers; None when it is not on the disk."""
        return self._current

    @property
    def load_state(self) -> LoadState:
        """As last announced."""
        return self._load_state

    def load(self) -> None:
        """Have the current model loaded; called once the window is up."""
        if self._missing is not None:
            self.noticed.emit(self._missing)
            self._missing = None
        if self._task is not None:
            self._task.cancel()
        if self._current is not None:
            self._task = asyncio.create_task(self._load(self._current))

    def choose(self, spec_id: str) -> None:
        """Answer with this model from the next question on: of the catalog, or a known folder's."""
        if spec_id in self._preferences.settings.folders:
            self.choose_folder(Path(spec_id))
            return
        try:
            spec = self._catalog.spec(spec_id)
        except OcellusError as error:
            self.noticed.emit(error.failed)
            return
        self._preferences.set_model(spec_id)
        self._choose(spec)

    def choose_folder(self, path: Path) -> None:
        """Answer with the checkpoint in this folder from the next question on."""
        try:
            spec = self._catalog.spec_for_folder(path)
        except OcellusError as error:
            self.noticed.emit(error.failed)
            return
        self._preferences.set_model("", spec.folder)
        self._choose(spec)

    def unload(self) -> None:
        """Give its memory back; the next question loads it again."""
        if self._load_state.ready is not None:
            self._task = asyncio.create_task(self._unload())

    def follow(self, event: Event) -> None:
        """Take note of how the engine loads a model for an answer."""
        match event:
            case Loading():
                status, fraction = wording.loading(event)
                self._announce(LoadState(status, fraction))
            case Ready():
                self._announce(LoadState(ready=event))
            case _:
                pass

    def _remembered(self) -> ModelSpec | None:
        """The model of the settings, or the built-in one where it has gone."""
        settings = self._preferences.settings
        try:
            if settings.model_folder:
                return self._catalog.spec_for_folder(Path(settings.model_folder))
            return self._catalog.spec(settings.model)
        except OcellusError as error:
            self._missing = error.failed
        try:
            return self._catalog.spec(BUILTIN)
        except OcellusError:
            return None

    def _choose(self, spec: ModelSpec) -> None:
        self._missing = None
        self._current = spec
        self.changed.emit()
        if self._engine.state.can_restart:
            self._engine.restart()
        self.load()

    async def _load(self, spec: ModelSpec) -> None:
        self._announce(LoadState(wording.WAITING))
        try:
            async with aclosing(follow(self._engine, LoadModel(spec))) as events:
                async for event in events:
                    self.follow(event)
        except WorkCancelledError:
            pass
        except OcellusError as error:
            self._announce(LoadState(failed=error.failed))
            self.noticed.emit(error.failed)
        if self._load_state.ready is None and self._load_state.failed is None:
            self._announce(LoadState())

    async def _unload(self) -> None:
        # An engine that has ended holds no model either, and says so by itself.
        with suppress(OcellusError, WorkCancelledError):
            await outcome(self._engine, UnloadModel(), Finished)
            self._announce(LoadState(wording.PUT_AWAY))

    def _engine_died(self, _: Failed) -> None:
        # Not loaded again by itself: if loading is what ended the engine, that would go on and on.
        self._announce(LoadState())

    def _announce(self, state: LoadState) -> None:
        self._load_state = state
        self.loadingChanged.emit(state)

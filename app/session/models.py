"""Which model answers, and whether it is ready."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.catalog.catalog import Catalog
from app.core.errors import Failed
from app.core.events import Ready
from app.core.model import ModelSpec
from app.session.preferences import Preferences
from app.workers.remote import Remote


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the model menu. `note` says size, licence or what is missing."""

    id: str
    title: str
    note: str
    on_disk: bool
    current: bool


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

    changed = Signal(object)  # tuple[ModelRow, ...]
    loadingChanged = Signal(object)  # LoadState
    noticed = Signal(object)  # Failed

    def __init__(
        self,
        engine: Remote,
        catalog: Catalog,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        raise NotImplementedError

    @property
    def rows(self) -> tuple[ModelRow, ...]:
        """The menu: the catalog's entries, then a folder of the person's if one is chosen."""
        raise NotImplementedError

    @property
    def current(self) -> ModelSpec | None:
        """The model that answers; None when it is not on the disk."""
        raise NotImplementedError

    @property
    def load_state(self) -> LoadState:
        """As last announced."""
        raise NotImplementedError

    def load(self) -> None:
        """Have the current model loaded; called once the window is up."""
        raise NotImplementedError

    def choose(self, spec_id: str) -> None:
        """Answer with this model of the catalog from the next question on."""
        raise NotImplementedError

    def choose_folder(self, path: Path) -> None:
        """Answer with the checkpoint in this folder from the next question on."""
        raise NotImplementedError

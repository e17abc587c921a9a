"""Which models are here and what this machine has free, as found when last looked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.catalog.catalog import Catalog, CatalogModel
from app.catalog.fit import Fit
from app.catalog.machine import Machine, measure
from app.catalog.quantised import original_size
from app.catalog.verdicts import best, disk_needed, verdicts
from app.core.errors import OcellusError
from app.core.model import ModelSpec
from app.session.models.download import ModelDownload
from app.session.models.library_row import ModelRow, elsewhere, size_of

GetDownload = Callable[[str], ModelDownload | None]


@dataclass(frozen=True, slots=True)
class Inventory:
    """All models, the ids of those on the disk, and their bytes and their originals' by id.

    `machine` is None where nobody looked at it. `folders` are the models that are used where
    they are and that lie there now.
    """

    entries: tuple[CatalogModel, ...]
    here: frozenset[str]
    sizes: dict[str, int]
    originals: dict[str, int]
    machine: Machine | None
    folders: tuple[ModelSpec, ...] = ()

    def rows(
        self, current: ModelSpec | None, download: GetDownload, folder: Path, freed: int
    ) -> tuple[ModelRow, ...]:
        """A row for each model: the catalog's, then the person's own.

        `folder` has the models that can be removed; `freed` bytes of memory come back when the
        `current` one leaves it.
        """
        fits = verdicts(self.entries, self.machine, freed) if self.machine else {}
        first = best(self.entries, fits)
        rows = [
            self._row(entry, fits.get(entry.id), current, download(entry.id), folder, first)
            for entry in self.entries
        ]
        known = {entry.id for entry in self.entries}
        specs = (*self.folders, current) if current is not None else self.folders
        rows += [
            self._row(entry, None, current, download(entry.id), folder, None)
            for entry in {spec.id: elsewhere(spec) for spec in specs}.values()
            if entry.id not in known
        ]
        return tuple(rows)

    def _row(
        self,
        entry: CatalogModel,
        fit: Fit | None,
        current: ModelSpec | None,
        download: ModelDownload | None,
        folder: Path,
        first: CatalogModel | None,
    ) -> ModelRow:
        on_disk = entry.id in self.here or entry.own
        if on_disk and download is not None and download.unfinished:
            download = None  # it was complete when it was told to stop
        left = disk_needed(entry) - (download.done if download else 0)
        free = self.machine.disk_free if self.machine else left
        removable = entry.folder.parent == folder
        return ModelRow(
            entry=entry,
            size=(self.sizes.get(entry.id) or size_of(entry.folder))
            if on_disk
            else int(entry.download_gb * 1e9),
            on_disk=on_disk,
            current=current is not None and current.id == entry.id,
            best=first is entry,
            fit=fit,
            download=download,
            removable=removable,
            original=self.originals.get(entry.id, 0) if removable else 0,
            missing=0 if on_disk or not entry.hub else max(0, left - free),
        )


def take_inventory(
    catalog: Catalog,
    folder: Path,
    device: str,
    folders: Iterable[str] = (),
    *,
    machine: bool = True,
) -> Inventory:
    """Look at the disk and, with `machine`, at `device` and the disk of `folder`. Takes seconds.

    `folders` are those of models that are used where they are; they may be on a drive that is
    slow or not there.
    """
    entries = catalog.all()
    here = frozenset(entry.id for entry in entries if entry.on_disk)
    sizes = {entry.id: size_of(entry.folder) for entry in entries if entry.id in here}
    originals = {entry.id: original_size(entry.folder) for entry in entries if entry.id in here}
    found = measure(folder, device) if machine else None
    specs: list[ModelSpec] = []
    for used in folders:
        with suppress(OcellusError):
            specs.append(catalog.spec_for_folder(Path(used)))
    sizes |= {spec.id: size_of(Path(spec.folder)) for spec in specs}
    return Inventory(entries, here, sizes, originals, found, tuple(specs))

"""Which of the models fit this machine, and which one to take instead of one that does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.catalog.catalog import CatalogModel
from app.catalog.fit import Fit, Verdict, contexts
from app.catalog.machine import Machine

# What the transfer asks of the disk, for what it writes beside the files.
_DISK_SPARE = 1.1


def verdicts(entries: Sequence[CatalogModel], machine: Machine, freed: int = 0) -> dict[str, Fit]:
    """The verdict for each entry whose size is known, by id.

    `freed` are the bytes of the model in memory: it goes before another one comes.
    """
    free = machine.free + freed
    found: dict[str, Fit] = {}
    for entry in entries:
        fit = entry.fit(free, contexts(entry.context), machine.number_bytes)
        if fit is not None:
            found[entry.id] = fit
    instead = best(entries, found)
    return {
        name: replace(fit, instead=instead.title if instead else "")
        if fit.verdict is Verdict.TOO_LARGE
        else fit
        for name, fit in found.items()
    }


def best(entries: Sequence[CatalogModel], found: dict[str, Fit]) -> CatalogModel | None:
    """The one to take: the first of the catalog that fits and can be fetched.

    With less context, too: a short conversation of one with a long context is still longer
    than the longest of others.
    """
    for entry in entries:
        fit = found.get(entry.id)
        if fit and fit.verdict is not Verdict.TOO_LARGE and entry.hub and not entry.by_hand:
            return entry
    return None


def disk_needed(entry: CatalogModel) -> int:
    """Bytes that must be free before a download begins; 0 where they are not known before."""
    return int(entry.download_gb * 1e9 * _DISK_SPARE)

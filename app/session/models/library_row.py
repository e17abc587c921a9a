"""One model as the models window shows it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from app.catalog.catalog import CatalogModel
from app.catalog.fit import Fit
from app.catalog.quantised import FOUR_BIT
from app.core.model import ModelSpec
from app.session.models.download import ModelDownload


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model as the window shows it; `size` in bytes, on the disk or to be fetched.

    `fit` is None where nothing has to be said of it. `missing` are the bytes of
    disk that the download lacks. `best` marks the one to take. `removable` is
    false where the files are not Ocellus' own. `original` are the bytes of the
    original's weights that a 4-bit form beside them makes needless.
    """

    entry: CatalogModel
    size: int
    on_disk: bool
    current: bool
    best: bool
    fit: Fit | None
    download: ModelDownload | None
    missing: int
    removable: bool
    original: int = 0


def elsewhere(spec: ModelSpec) -> CatalogModel:
    """A folder that the person uses where it lies."""
    return CatalogModel(
        id=spec.id,
        title=spec.title,
        licence="its own",
        hub="",
        download_gb=0,
        memory_gb=0,
        architecture=spec.architecture,
        prompt_format=spec.prompt_format,
        four_bit=spec.four_bit,
        for_trying=False,
        folder=Path(spec.folder),
        terms="The terms are those under which you got it.",
        good_for="A folder of yours, used in place.",
        own=True,
    )


def size_of(folder: Path) -> int:
    """Bytes of the model in `folder`, with its 4-bit form."""
    found = 0
    # A model that is in use may be written to, or go, at any time.
    for place in (folder, folder / FOUR_BIT):
        with contextlib.suppress(OSError):
            found += sum(path.stat().st_size for path in place.iterdir() if path.is_file())
    return found

"""`models verify`: whether what is on the disk is what it was."""

from __future__ import annotations

import json

from app.catalog import quantised
from app.catalog.catalog import BUILTIN, CatalogModel
from app.catalog.checkpoint import inspect
from app.catalog.quantised import FOUR_BIT, quantised_folder, replaced
from app.commands.console import FAILED, OK
from app.core.errors import ErrorKind, OcellusError
from app.transfer.staging import damaged, is_pinned

# What `verify` says where nothing is damaged, by where the original is.
_WHOLE = {
    "published": "All files are as published.",
    "imported": "All files are whole. They were imported: there is nothing to compare them with.",
    "built in": "All files are whole. They came with Ocellus.",
    "deleted": "All files are whole. The model is here in 4 bits; its original was deleted.",
}


def verify(entry: CatalogModel, *, as_json: bool) -> int:
    """Check every byte of the model that there is a hash of, and print what was found.

    Raises OcellusError where there is nothing to check, or what is there cannot be a model.
    """
    folder = entry.folder
    if not folder.exists():
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            f"{entry.title} is not on this disk.",
            f"Get it: models pull {entry.id}" if entry.hub else "Import its folder first.",
        )
    gone = replaced(folder)
    brought = entry.on_disk and not is_pinned(folder)
    if brought:
        # There are no hashes of it: that its files are whole is all that can be told.
        inspect(folder)
        bad: list[str] = []
    else:
        bad = [name for name in damaged(folder) if name not in gone]
    if quantised_folder(folder) is not None:
        bad += [f"{FOUR_BIT}/{name}" for name in quantised.damaged(folder)]
    original = "deleted" if gone else "published"
    if brought and not gone:
        original = "built in" if entry.id == BUILTIN else "imported"
    if as_json:
        print(json.dumps({"id": entry.id, "damaged": bad, "original": original}))
    else:
        words = _WHOLE[original]
        if bad:
            words = "\n".join(f"damaged: {name}" for name in bad) + f"\n{anew(entry)}"
        print(words)
    return FAILED if bad else OK


def anew(entry: CatalogModel) -> str:
    """How a person gets the model as it was published."""
    fetch = f"models pull {entry.id}" if entry.hub else "import it again"
    return f"To have it whole: models rm {entry.id}, then {fetch}."

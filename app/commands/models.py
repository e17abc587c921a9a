"""`models`: which models there are, and which of them are on this disk."""

from __future__ import annotations

from app.catalog.catalog import Catalog
from app.commands.console import OK


def run(catalog: Catalog) -> int:
    """Print a line per model of the catalog."""
    for entry in catalog.entries:
        state = "on this disk" if entry.on_disk else "not on this disk"
        print(f"{entry.id:24} {entry.title:36} {entry.licence:14} {state}")
    return OK

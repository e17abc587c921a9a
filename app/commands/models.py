"""`models list|show|pull|verify|rm`: the catalog and what of it is on this disk."""

from __future__ import annotations

import json
import os
import shutil
import sys
from argparse import Namespace
from dataclasses import asdict

from app.catalog.catalog import BUILTIN, Catalog, Entry
from app.commands.console import FAILED, OK
from app.core.errors import ErrorKind, OcellusError
from app.transfer.hub import HUB, Access
from app.transfer.transfer import Progress, Transfer, cancel, damaged


def run(arguments: Namespace, catalog: Catalog) -> int:
    """Run one of the commands; `list` without one. Raises OcellusError."""
    as_json = bool(arguments.json)
    if arguments.action in (None, "list"):
        for entry in catalog.entries:
            _print(entry, as_json=as_json)
        return OK
    entry = catalog.entry(arguments.model)
    match arguments.action:
        case "pull":
            return _pull(entry, arguments)
        case "verify":
            return _verify(entry, as_json=as_json)
        case "rm":
            return _remove(entry)
        case _:
            _print(entry, as_json=as_json)
            return OK


def _print(entry: Entry, *, as_json: bool) -> None:
    if as_json:
        plain = asdict(entry) | {"folder": str(entry.folder), "on_disk": entry.on_disk}
        print(json.dumps(plain, ensure_ascii=False))
        return
    state = "on this disk" if entry.on_disk else "not on this disk"
    print(f"{entry.id:24} {entry.title:36} {entry.licence:14} {state}")


def _pull(entry: Entry, arguments: Namespace) -> int:
    _not_builtin(entry)
    # From the environment or stdin only: a command line can be read by every user.
    token = sys.stdin.readline().strip() if arguments.token_stdin else os.environ.get("HF_TOKEN")
    access = Access(arguments.mirror or HUB, arguments.proxy, token or "")

    def report(progress: Progress) -> None:
        if arguments.json:
            print(json.dumps(asdict(progress)), flush=True)
        elif sys.stderr.isatty():
            left = "" if progress.left is None else f", {progress.left / 60:.0f} min left"
            print(
                f"\r{progress.done / 1e9:.2f} of {progress.total / 1e9:.2f} GB, "
                f"{progress.speed / 1e6:.1f} MB/s{left}\033[K",
                end="",
                file=sys.stderr,
                flush=True,
            )

    entry.folder.parent.mkdir(parents=True, exist_ok=True)
    listing = Transfer(entry.hub, entry.folder, access, report=report).run()
    if not arguments.json:
        print(f"{entry.title} is on this disk (commit {listing.commit[:12]}).")
    return OK


def _verify(entry: Entry, *, as_json: bool) -> int:
    bad = damaged(entry.folder)
    if as_json:
        print(json.dumps({"id": entry.id, "damaged": bad}))
    else:
        print("\n".join(f"damaged: {name}" for name in bad) or "All files are as published.")
    return FAILED if bad else OK


def _remove(entry: Entry) -> int:
    _not_builtin(entry)
    cancel(entry.folder)
    if entry.folder.exists():
        shutil.rmtree(entry.folder)
    print(f"{entry.title} is no longer on this disk.")
    return OK


def _not_builtin(entry: Entry) -> None:
    if entry.id == BUILTIN or not entry.hub:
        raise OcellusError.of(ErrorKind.ACCESS, "The built-in model stays as it came.")

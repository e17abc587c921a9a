"""`models list|show|pull|verify|import|rm`: the catalog and what of it is on this disk."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from argparse import Namespace
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from app.catalog import quantised
from app.catalog.catalog import BUILTIN, Catalog, CatalogModel
from app.catalog.fit import Fit
from app.catalog.machine import Machine, measure
from app.catalog.quantised import replaced
from app.catalog.verdicts import disk_needed, verdicts
from app.commands.console import FAILED, OK, full_disk_in_words
from app.commands.importing import import_folder
from app.commands.logged import logged
from app.commands.verifying import anew, verify
from app.core.errors import ErrorKind, OcellusError
from app.core.files.private import make_folder
from app.core.settings import load_settings
from app.paths import find_paths
from app.transfer.hub import HUB, Access
from app.transfer.transfer import Transfer, TransferProgress, Waiting, cancel

# What other programs' users of a mirror have set already.
_MIRROR_VARIABLE = "HF_ENDPOINT"


def run(arguments: Namespace, catalog: Catalog) -> int:
    """Run one of the commands; `list` without one.

    Raises OcellusError, but with `--json` the failure is a line of its own.
    """
    try:
        log = logged(arguments.action) if arguments.action in ("pull", "import") else nullcontext()
        with log, full_disk_in_words():
            return _run(arguments, catalog)
    except OcellusError as error:
        if not arguments.json:
            raise
        print(json.dumps({"failed": asdict(error.failed)}, ensure_ascii=False), flush=True)
        return FAILED


def _run(arguments: Namespace, catalog: Catalog) -> int:
    as_json = bool(arguments.json)
    if arguments.action in (None, "list"):
        return _list(catalog, as_json=as_json)
    if arguments.action == "import":
        return _import(arguments, catalog)
    entry = catalog.entry(arguments.model)
    match arguments.action:
        case "pull":
            return _pull(entry, arguments)
        case "verify":
            return verify(entry, as_json=as_json)
        case "rm":
            remove = _remove_original if arguments.original else _remove
            return remove(entry, as_json=as_json)
        case _:
            return _show(catalog, entry, as_json=as_json)


def _list(catalog: Catalog, *, as_json: bool) -> int:
    machine, fits = _judge(catalog)
    if not as_json:
        print(_room(machine))
    for entry in catalog.all():
        if as_json:
            print(json.dumps(_plain(entry, fits.get(entry.id), machine), ensure_ascii=False))
            continue
        print(f"{entry.id:26} {_size(entry):>9}  {_state(entry):17} {_words(entry, fits)}")
    return OK


def _show(catalog: Catalog, entry: CatalogModel, *, as_json: bool) -> int:
    machine, fits = _judge(catalog)
    if as_json:
        print(json.dumps(_plain(entry, fits.get(entry.id), machine), ensure_ascii=False))
        return OK
    rows = {
        "": entry.good_for,
        "licence": f"{entry.licence}. {entry.terms}",
        "published as": entry.hub,
        "download": f"{_size(entry)}; {machine.disk_free / 1e9:.1f} GB of the disk are free",
        "memory": _words(entry, fits),
        "context": f"{entry.context} tokens" if entry.context else "",
        "on this disk": _state(entry),
        "folder": str(entry.folder),
    }
    print(entry.title)
    for name, words in rows.items():
        if words:
            print(f"  {name:14}{words}" if name else f"  {words}")
    return OK


def _judge(catalog: Catalog) -> tuple[Machine, dict[str, Fit]]:
    machine = measure(catalog.user_models or find_paths().user_models)
    return machine, verdicts(catalog.all(), machine)


def _room(machine: Machine) -> str:
    where = machine.name if machine.on_card else "No NVIDIA graphics card: the processor answers"
    return (
        f"{where}, {machine.free / 1e9:.1f} of {machine.total / 1e9:.1f} GB of memory free; "
        f"{machine.disk_free / 1e9:.1f} GB of the disk free."
    )


def _words(entry: CatalogModel, fits: dict[str, Fit]) -> str:
    return fits[entry.id].words if entry.id in fits else "Fits everywhere."


def _size(entry: CatalogModel) -> str:
    return f"{entry.download_gb:.1f} GB" if entry.download_gb else "–"


def _state(entry: CatalogModel) -> str:
    if entry.on_disk:
        return "on this disk"
    return "to be imported" if entry.by_hand else "not on this disk"


def _plain(entry: CatalogModel, fit: Fit | None, machine: Machine) -> dict[str, Any]:
    verdict = None if fit is None else asdict(fit) | {"words": fit.words}
    return asdict(entry) | {
        "folder": str(entry.folder),
        "on_disk": entry.on_disk,
        "fit": verdict,
        "disk_needed": disk_needed(entry),
        "machine": asdict(machine),
    }


def _pull(entry: CatalogModel, arguments: Namespace) -> int:
    _can_be_fetched(entry)
    # From the environment or stdin only: a command line can be read by every user.
    token = sys.stdin.readline().strip() if arguments.token_stdin else os.environ.get("HF_TOKEN")
    access = Access(_address(arguments.mirror or _mirror()), arguments.proxy, token or "")

    def report(progress: TransferProgress) -> None:
        _say(asdict(progress), as_json=arguments.json)

    def report_waiting(waiting: Waiting | None) -> None:
        if arguments.json:
            print(json.dumps({"waiting": waiting and asdict(waiting)}), flush=True)
        elif waiting is not None:
            begin, end = ("\r", "\033[K") if sys.stderr.isatty() else ("", "")
            print(f"{begin}{waiting.words}{end}", file=sys.stderr, flush=True)

    make_folder(entry.folder.parent)
    transfer = Transfer(
        entry.hub, entry.folder, access, report=report, report_waiting=report_waiting
    )
    listing = transfer.run()
    gone = bool(replaced(entry.folder))
    if arguments.json:
        said = {"id": entry.id, "commit": listing.commit, "original": not gone}
        print(json.dumps(said), flush=True)
    else:
        print(f"{entry.title} is on this disk (commit {listing.commit[:12]}).")
        if gone:
            print(f"It is here in 4 bits, without its original. {anew(entry)}")
    return OK


def _mirror() -> str:
    chosen = load_settings(find_paths().settings_file).mirror
    return os.environ.get(_MIRROR_VARIABLE) or chosen or HUB


def _address(mirror: str) -> str:
    parts = urlsplit(mirror)
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:\[\]-]+", parts.netloc):
        raise OcellusError.of(
            ErrorKind.ACCESS,
            f"“{mirror}” is not the address of a mirror.",
            "Give one such as https://hub.example.org, or none.",
        )
    return mirror


def _import(arguments: Namespace, catalog: Catalog) -> int:
    started = time.monotonic()

    def report(done: int, total: int) -> None:
        speed = done / max(time.monotonic() - started, 1e-3)
        left = (total - done) / speed if speed else None
        progress = {"done": done, "total": total, "speed": speed, "left": left}
        _say(progress, as_json=arguments.json)

    name = import_folder(arguments.folder, arguments.name, arguments.tower, catalog, report)
    if arguments.json:
        print(json.dumps({"id": name}), flush=True)
    else:
        print(f"{name} is on this disk, and can be chosen under this name.")
        print(catalog.entry(name).terms)
    return OK


def _say(progress: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(progress), flush=True)
    elif sys.stderr.isatty():
        left = "" if progress["left"] is None else f", {progress['left'] / 60:.0f} min left"
        print(
            f"\r{progress['done'] / 1e9:.2f} of {progress['total'] / 1e9:.2f} GB, "
            f"{progress['speed'] / 1e6:.1f} MB/s{left}\033[K",
            end="",
            file=sys.stderr,
            flush=True,
        )


def _remove(entry: CatalogModel, *, as_json: bool) -> int:
    _not_builtin(entry)
    try:
        cancel(entry.folder)
        if entry.folder.exists():
            # Out of the list at once, so that no half of a model stays in it.
            gone = entry.folder.with_name(f".{entry.folder.name}.removed")
            shutil.rmtree(gone, ignore_errors=True)
            entry.folder.rename(gone)
            shutil.rmtree(gone)
    except OSError as error:
        raise _not_removed(entry, error) from error
    if as_json:
        print(json.dumps({"id": entry.id}))
    else:
        print(f"{entry.title} is no longer on this disk.")
    return OK


def _remove_original(entry: CatalogModel, *, as_json: bool) -> int:
    try:
        freed = quantised.delete_original(entry.folder)
    except OSError as error:
        raise _not_removed(entry, error) from error
    if as_json:
        print(json.dumps({"id": entry.id, "freed": freed}))
    else:
        print(f"{freed / 1e9:.1f} GB are free again; {entry.title} is read from its 4-bit form.")
    return OK


def _not_removed(entry: CatalogModel, error: OSError) -> OcellusError:
    return OcellusError.of(
        ErrorKind.UNREADABLE,
        f"{entry.title} could not be removed.",
        "Close whatever uses its files, then try again.",
        str(error),
    )


def _not_builtin(entry: CatalogModel) -> None:
    if entry.id == BUILTIN:
        raise OcellusError.of(ErrorKind.ACCESS, "The built-in model stays as it came.")


def _can_be_fetched(entry: CatalogModel) -> None:
    _not_builtin(entry)
    if entry.by_hand or not entry.hub:
        raise OcellusError.of(
            ErrorKind.ACCESS,
            f"{entry.title} is not downloaded here. {entry.terms}",
            "If you have its folder, and keep to these terms, import it: "
            f"models import FOLDER --name {entry.id}",
        )

"""`models list|show|pull|verify|import|rm`: the catalog and what of it is on this disk."""

from __future__ import annotations

import json
import shutil
import time
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from app.catalog import quantised
from app.catalog.catalog import BUILTIN, Catalog, CatalogModel
from app.catalog.fit import FITS_EVERYWHERE, Fit
from app.catalog.machine import Machine, measure
from app.catalog.verdicts import disk_needed, verdicts
from app.commands.console import OK, actions_of, say_failures
from app.commands.importing import import_folder
from app.commands.logged import logged
from app.commands.progress import tell
from app.commands.verifying import verify
from app.core.errors import ErrorKind, OcellusError
from app.core.files.disk_errors import not_removed
from app.core.words.sizes import size
from app.installed import find_catalog
from app.paths import find_paths
from app.transfer.staging import cancel


def add_arguments(parser: ArgumentParser) -> None:
    """What to do with which model."""
    add = actions_of(parser)
    add("list", "the models")
    for name, words in (
        ("show", "one model"),
        ("pull", "download a model, or resume its download"),
        ("verify", "compare a model's files with what was published"),
        ("rm", "remove a model and its unfinished download"),
    ):
        action = add(name, words)
        action.add_argument("model", metavar="MODEL", help="an id from `models list`")
        if name == "pull":
            action.add_argument("--mirror", help="a mirror's address instead of the hub's")
            action.add_argument("--proxy", help="a proxy's address")
            action.add_argument(
                "--token-stdin", action="store_true", help="read the access token from stdin"
            )
        elif name == "rm":
            action.add_argument(
                "--original",
                action="store_true",
                help="only the original weights, once the 4-bit form no longer needs them",
            )
    bring = add("import", "take in a folder with a model")
    bring.add_argument("folder", metavar="FOLDER", help="with config.json and .safetensors files")
    bring.add_argument("--name", help="its name here; a catalog id puts it in that model's place")
    bring.add_argument(
        "--tower", metavar="FOLDER", help="the vision model's folder, if it is a separate one"
    )


def run(arguments: Namespace) -> int:
    """As `run_action`, with the models of this installation and this user."""
    return run_action(arguments, find_catalog(find_paths()))


def run_action(arguments: Namespace, catalog: Catalog) -> int:
    """Run one of the commands; `list` without one.

    Raises OcellusError, but with `--json` the failure is a line of its own.
    """
    log = logged(arguments.action) if arguments.action in ("pull", "import") else nullcontext()

    def act() -> int:
        with log:
            return _run(arguments, catalog)

    return say_failures(act, as_json=bool(arguments.json))


def _run(arguments: Namespace, catalog: Catalog) -> int:
    as_json = bool(arguments.json)
    if arguments.action in (None, "list"):
        return _list(catalog, as_json=as_json)
    if arguments.action == "import":
        return _import(arguments, catalog)
    entry = catalog.entry(arguments.model)
    match arguments.action:
        case "pull":
            # Here, so that the others start without the network's libraries.
            from app.commands.pulling import pull  # noqa: PLC0415

            _not_builtin(entry)
            return pull(entry, arguments)
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
        "download": f"{_size(entry)}; {size(machine.disk_free)} of the disk are free",
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
    return f"{machine.words} {size(machine.disk_free)} of the disk are free."


def _words(entry: CatalogModel, fits: dict[str, Fit]) -> str:
    return fits[entry.id].words if entry.id in fits else FITS_EVERYWHERE


def _size(entry: CatalogModel) -> str:
    return size(entry.download_gb * 1e9) if entry.download_gb else "–"


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


def _import(arguments: Namespace, catalog: Catalog) -> int:
    started = time.monotonic()

    def report(done: int, total: int) -> None:
        speed = done / max(time.monotonic() - started, 1e-3)
        left = (total - done) / speed if speed else None
        progress = {"done": done, "total": total, "speed": speed, "left": left}
        tell(progress, as_json=arguments.json)

    name = import_folder(arguments.folder, arguments.name, arguments.tower, catalog, report)
    if arguments.json:
        print(json.dumps({"id": name}), flush=True)
    else:
        print(f"{name} is on this disk, and can be chosen under this name.")
        print(catalog.entry(name).terms)
    return OK


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
        raise not_removed(error, entry.title) from error
    if as_json:
        print(json.dumps({"id": entry.id}))
    else:
        print(f"{entry.title} is no longer on this disk.")
    return OK


def _remove_original(entry: CatalogModel, *, as_json: bool) -> int:
    try:
        freed = quantised.delete_original(entry.folder)
    except OSError as error:
        raise not_removed(error, entry.title) from error
    if as_json:
        print(json.dumps({"id": entry.id, "freed": freed}))
    else:
        print(f"{size(freed)} are free again; {entry.title} is read from its 4-bit form.")
    return OK


def _not_builtin(entry: CatalogModel) -> None:
    if entry.id == BUILTIN:
        raise OcellusError.of(ErrorKind.ACCESS, "The built-in model stays as it came.")

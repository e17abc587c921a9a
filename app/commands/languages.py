"""`languages list|pull|rm`: what the reader reads, and what can be added to it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalog.languages import Pack, Packs, remove
from app.commands.console import OK, actions_of, say_failures
from app.commands.logged import logged
from app.core.errors import ErrorKind, OcellusError
from app.core.files.disk_errors import not_removed
from app.core.words.sizes import size
from app.installed import find_packs
from app.paths import find_paths
from app.reader.ocr.languages import LETTERS

if TYPE_CHECKING:
    from app.transfer.patience import Waiting
    from app.transfer.progress import TransferProgress


def add_arguments(parser: ArgumentParser) -> None:
    """What to do with which language."""
    add = actions_of(parser)
    add("list", "the languages")
    for name, words in (
        ("pull", "download a language pack, or resume its download"),
        ("rm", "remove a language pack and its unfinished download"),
    ):
        action = add(name, words)
        action.add_argument("pack", metavar="LANGUAGE", help="such as ru, or a pack's id")
        if name == "pull":
            action.add_argument(
                "--from",
                dest="source",
                metavar="ADDRESS|FILE",
                help="fetch the same file from another address; its hash is still checked",
            )
            action.add_argument("--proxy", help="a proxy's address")


def run(arguments: Namespace) -> int:
    """As `run_action`, with the language packs of this user."""
    return run_action(arguments, find_packs(find_paths()))


def run_action(arguments: Namespace, packs: Packs) -> int:
    """Run one of the commands; `list` without one.

    Raises OcellusError, but with `--json` the failure is a line of its own.
    """
    return say_failures(lambda: _run(arguments, packs), as_json=bool(arguments.json))


def _run(arguments: Namespace, packs: Packs) -> int:
    if arguments.action in (None, "list"):
        _list(packs, as_json=bool(arguments.json))
        return OK
    pack = packs.entry(arguments.pack.lower())
    if arguments.action == "pull":
        with logged(arguments.action):
            _pull(pack, arguments)
    else:
        _remove(pack)
    return OK


def _list(packs: Packs, *, as_json: bool) -> None:
    if as_json:
        bundled = {code: name for code, (name, _) in LETTERS.items()}
        _say(id="bundled", languages=bundled, on_disk=True)
        for pack in packs.entries:
            _say(
                id=pack.id,
                languages=dict(pack.languages),
                on_disk=pack.on_disk,
                size=pack.size,
                sha256=pack.sha256,
                address=pack.address,
                licence=packs.licence,
                note=pack.note,
            )
        return
    names = ", ".join(f"{code} ({name})" for code, (name, _) in sorted(LETTERS.items()))
    print(f"Read without a download, all at once:\n  {names}.\n")
    print(f"To add, one at a time beside those ({packs.licence} licence):")
    for pack in packs.entries:
        state = "on this disk" if pack.on_disk else f"`languages pull {pack.id}`"
        names = ", ".join(f"{code} ({name})" for code, name in pack.languages)
        print(f"  {pack.id:11} {size(pack.size):>7}  {state:28} {names}")
        if pack.note:
            print(f"{'':21}{pack.note}")
    for refusal in packs.refused:
        names = ", ".join(f"{code} ({name})" for code, name in refusal.languages)
        print(f"\nNot offered: {names}. {refusal.reason}")


def _say(**plain: object) -> None:
    print(json.dumps(plain, ensure_ascii=False), flush=True)


def _pull(pack: Pack, arguments: Namespace) -> None:
    # Here, so that the others start without the network's libraries.
    from app.transfer.single import Published, SingleFile  # noqa: PLC0415

    def report(progress: TransferProgress) -> None:
        if arguments.json:
            _say(**asdict(progress))
        elif sys.stderr.isatty():
            print(
                f"\r{size(progress.done)} of {size(pack.size)}\033[K",
                end="\n" if progress.done == pack.size else "",
                file=sys.stderr,
                flush=True,
            )

    def report_waiting(waiting: Waiting | None) -> None:
        if arguments.json:
            _say(waiting=waiting and asdict(waiting))

    source = arguments.source or pack.address
    published = Published(source, pack.size, pack.sha256)
    if "://" not in source:
        path = Path(source)
        if not path.is_file():
            raise OcellusError.of(ErrorKind.UNREADABLE, f"{path} is not there.", "Check its name.")
        SingleFile(published, pack.file).copy(path)
    else:
        SingleFile(
            published,
            pack.file,
            arguments.proxy,
            report=report,
            report_waiting=report_waiting,
        ).fetch()
    if not arguments.json:
        codes = " or ".join(f"--lang {code}" for code, _ in pack.languages[:3])
        print(f"{pack.title}: on this disk. Read with `read … {codes}`.")


def _remove(pack: Pack) -> None:
    try:
        remove(pack)
    except OSError as error:
        raise not_removed(error, pack.title) from error
    print(f"{pack.title}: no longer on this disk.")

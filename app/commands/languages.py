"""`languages list|pull|rm`: what the reader reads, and what can be added to it."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

from app.catalog.languages import Pack, Packs, remove
from app.commands.console import OK
from app.commands.logged import logged
from app.core.errors import ErrorKind, OcellusError
from app.reader.ocr.languages import LETTERS
from app.transfer.single import Published, SingleFile


def run(arguments: Namespace, packs: Packs) -> int:
    """Run one of the commands; `list` without one. Raises OcellusError."""
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
        print(f"  {pack.id:11} {pack.megabytes:4.0f} MB  {state:28} {names}")
        if pack.note:
            print(f"{'':21}{pack.note}")
    for refusal in packs.refused:
        names = ", ".join(f"{code} ({name})" for code, name in refusal.languages)
        print(f"\nNot offered: {names}. {refusal.reason}")


def _say(**plain: object) -> None:
    print(json.dumps(plain, ensure_ascii=False))


def _pull(pack: Pack, arguments: Namespace) -> None:
    def report(done: int) -> None:
        if arguments.json:
            _say(done=done, total=pack.size)
        elif sys.stderr.isatty():
            print(
                f"\r{done / 1e6:.1f} of {pack.megabytes:.1f} MB\033[K",
                end="\n" if done == pack.size else "",
                file=sys.stderr,
                flush=True,
            )

    source = arguments.source or pack.address
    published = Published(source, pack.size, pack.sha256)
    if "://" not in source:
        path = Path(source)
        if not path.is_file():
            raise OcellusError.of(ErrorKind.UNREADABLE, f"{path} is not there.", "Check its name.")
        SingleFile(published, pack.file, report).copy(path)
    else:
        SingleFile(published, pack.file, report, arguments.proxy).fetch()
    if not arguments.json:
        codes = " or ".join(f"--lang {code}" for code, _ in pack.languages[:3])
        print(f"{pack.title}: on this disk. Read with `read … {codes}`.")


def _remove(pack: Pack) -> None:
    try:
        remove(pack)
    except OSError as error:
        raise OcellusError.of(
            ErrorKind.UNREADABLE,
            f"{pack.file} cannot be removed.",
            "Close other programs that use it, and check the folder's permissions.",
            str(error),
        ) from error
    print(f"{pack.title}: no longer on this disk.")

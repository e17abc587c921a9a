"""`models pull`: a model of the catalog comes from the hub to this disk."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from dataclasses import asdict

from app.catalog.catalog import CatalogModel
from app.catalog.quantised import replaced
from app.commands.console import OK
from app.commands.progress import tell
from app.commands.verifying import anew
from app.core.errors import ErrorKind, OcellusError
from app.core.files.private import make_folder
from app.core.settings import load_settings
from app.paths import find_paths
from app.transfer.hub import HUB, Access
from app.transfer.transfer import Transfer, TransferProgress, Waiting

# What other programs' users of a mirror have set already.
_MIRROR_VARIABLE = "HF_ENDPOINT"


def pull(entry: CatalogModel, arguments: Namespace) -> int:
    """Download it, or go on with its download. Raises OcellusError."""
    _can_be_fetched(entry)
    # From the environment or stdin only: a command line can be read by every user.
    token = sys.stdin.readline().strip() if arguments.token_stdin else os.environ.get("HF_TOKEN")
    access = Access(arguments.mirror or _mirror(), arguments.proxy, token or "")

    def report(progress: TransferProgress) -> None:
        tell(asdict(progress), as_json=arguments.json)

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


def _can_be_fetched(entry: CatalogModel) -> None:
    if entry.by_hand or not entry.hub:
        raise OcellusError.of(
            ErrorKind.ACCESS,
            f"{entry.title} is not downloaded here. {entry.terms}",
            "If you have its folder, and keep to these terms, import it: "
            f"models import FOLDER --name {entry.id}",
        )

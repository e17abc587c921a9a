"""`read PICTURE…`: the text of pictures, to stdout."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from app.commands.console import FAILED, OK, complain, console
from app.core.errors import OcellusError


def run(arguments: Namespace) -> int:
    """Print each picture's text; a picture that fails does not stop the rest."""
    status = OK
    with console() as children, children.reader:
        for index, path in enumerate(arguments.pictures):
            if len(arguments.pictures) > 1:
                print(f"{'' if index == 0 else chr(10)}== {path}")
            try:
                text = children.read(children.take(Path(path))).text
            except OcellusError as error:
                complain(error.failed)
                status = FAILED
                continue
            if text:
                print(text)
            else:
                print(f"No text found in {path}.", file=sys.stderr)
    return status

"""The command line: the window by default, or one command without a window."""

from __future__ import annotations

if __name__ == "__main__":
    # Before all that takes its time to be imported.
    from app import interrupts

    interrupts.end_at_once()

import argparse
import io
import multiprocessing
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from app import __version__
from app.core import quiet


@dataclass(frozen=True, slots=True)
class _Entry:
    """A module of `app.commands`, imported once it is chosen, and what it is for."""

    name: str
    help: str
    # These run Qt, which cannot bear an exception; their children end with them.
    runs_qt: bool = False

    def module(self) -> _Command:
        return cast("_Command", import_module(f"app.commands.{self.name}"))


class _Command(Protocol):
    """What each module of `app.commands` that is a command has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what the command takes."""
        ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it, and return the exit code. Raises OcellusError for what it cannot do."""
        ...


_COMMANDS = (
    _Entry("ask", "ask about pictures; the answer goes to stdout"),
    _Entry("read", "read the text of pictures and documents"),
    _Entry("models", "list, get, import, check, remove models"),
    _Entry("languages", "list, download or remove languages that text is read in"),
    _Entry("selftest", "try every part of this installation", runs_qt=True),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 (failed) or 2 (usage)."""
    quiet.settle()
    # Windows' consoles and pipes speak code pages that lack most of what a picture can say.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    arguments = sys.argv[1:] if arguments is None else arguments
    options = build_parser().parse_args(_with_command(arguments))
    if options.command is None:
        return _window([])
    if options.command == "window":
        return _window(options.pictures)
    return _run(next(entry for entry in _COMMANDS if entry.name == options.command), options)


def _with_command(arguments: list[str]) -> list[str]:
    """Files alone are for the window: that is how a desktop and people start programs."""
    known = {"window", *(entry.name for entry in _COMMANDS)}
    if arguments and arguments[0] not in known and Path(arguments[0]).exists():
        return ["window", *arguments]
    return arguments


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line; a command's own arguments come once chosen."""
    parser = argparse.ArgumentParser(
        prog="ocellus",
        description="Ask a LLaVA model on your own machine about a picture.",
        epilog="Without a command, the window opens, with the files that are named.",
    )
    parser.add_argument("--version", action="version", version=f"Ocellus {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_LateParser)
    window = commands.add_parser("window", help="open the window, with these pictures")
    window.add_argument("pictures", nargs="*", metavar="PICTURE")
    for entry in _COMMANDS:
        commands.add_parser(entry.name, help=entry.help).fill_by(
            lambda parser, entry=entry: entry.module().add_arguments(parser)
        )
    return parser


class _LateParser(argparse.ArgumentParser):
    """Gets its arguments when it is asked to parse, so that the others' are never made."""

    _fill: Callable[[argparse.ArgumentParser], None] | None = None

    def fill_by(self, fill: Callable[[argparse.ArgumentParser], None]) -> None:
        """Have `fill` add the arguments, once."""
        self._fill = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As ever, with the arguments."""
        if self._fill is not None:
            fill, self._fill = self._fill, None
            fill(self)
        return super().parse_known_args(args, namespace)


def _run(entry: _Entry, options: argparse.Namespace) -> int:
    from app.commands.console import FAILED, complain  # noqa: PLC0415 - the window needs no children
    from app.core.errors import OcellusError  # noqa: PLC0415
    from app.interrupts import end_in_order  # noqa: PLC0415
    from app.paths import find_paths  # noqa: PLC0415

    quiet.remove_left_behind(find_paths().data)
    try:
        with nullcontext() if entry.runs_qt else end_in_order():
            return entry.module().run(options)
    except OcellusError as error:
        complain(error.failed)
        return FAILED
    except BrokenPipeError:
        # The reader of our stdout went away; closing it now would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _window(pictures: list[str]) -> int:
    if sys.platform == "linux" and not _has_display():
        print(
            "There is no display here, so the window cannot open. "
            'Without one, use `ask PICTURE "QUESTION"` or `read PICTURE`.',
            file=sys.stderr,
        )
        return 2
    from app.bootstrap import run_window  # noqa: PLC0415 - the command line starts without Qt

    return run_window([Path(picture) for picture in pictures])


def _has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    # First, because a frozen child starts here too and must not parse a command line.
    multiprocessing.freeze_support()
    sys.exit(main())

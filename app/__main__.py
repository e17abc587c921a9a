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
from contextlib import nullcontext
from pathlib import Path

from app import __version__
from app.core import quiet
from app.core.export import ExportFormat


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 (failed) or 2 (usage)."""
    quiet.settle()
    # Windows' consoles and pipes speak code pages that lack most of what a picture can say.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    if options.command is None:
        return _window([])
    if options.command == "window":
        return _window(options.pictures)
    return _command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ocellus",
        description="Ask a LLaVA model on your own machine about a picture.",
        epilog="Without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"Ocellus {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    window = commands.add_parser("window", help="open the window, with these pictures")
    window.add_argument("pictures", nargs="*", metavar="PICTURE")

    ask = commands.add_parser("ask", help="ask about pictures; the answer goes to stdout")
    ask.add_argument("words", nargs="+", metavar="PICTURE… QUESTION", action=_PicturesAndQuestion)
    ask.add_argument("--model", default="builtin", help="an id from `models`, or a folder")
    ask.add_argument(
        "--reference",
        choices=["auto", "on", "off"],
        default="auto",
        help="send the text read from the picture with the question",
    )
    ask.add_argument(
        "--quick",
        action="store_true",
        help="look at each picture as a whole only: fewer tokens, faster, less detail",
    )
    ask.add_argument("--json", action="store_true", help="one JSON object instead of the text")

    _add_read(commands.add_parser("read", help="read the text of pictures and documents"))

    _add_models(commands.add_parser("models", help="list, get, import, check, remove models"))
    _add_languages(commands)
    commands.add_parser("selftest", help="try every part of this installation")
    return parser


def _add_models(models: argparse.ArgumentParser) -> None:
    models.add_argument("--json", action="store_true", help="one JSON object per line")
    actions = models.add_subparsers(dest="action", metavar="ACTION")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    actions.add_parser("list", help="the models", parents=[shared])
    for name, words in (
        ("show", "one model"),
        ("pull", "download a model, or resume its download"),
        ("verify", "compare a model's files with what was published"),
        ("rm", "remove a model and its unfinished download"),
    ):
        action = actions.add_parser(name, help=words, parents=[shared])
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
    bring = actions.add_parser("import", help="take in a folder with a model", parents=[shared])
    bring.add_argument("folder", metavar="FOLDER", help="with config.json and .safetensors files")
    bring.add_argument("--name", help="its name here; a catalog id puts it in that model's place")
    bring.add_argument(
        "--tower", metavar="FOLDER", help="the vision model's folder, if it is a separate one"
    )


def _add_languages(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "list, download or remove languages that text is read in"
    languages = commands.add_parser("languages", help=words)
    languages.add_argument("--json", action="store_true", help="one JSON object per line")
    actions = languages.add_subparsers(dest="action", metavar="ACTION")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    actions.add_parser("list", help="the languages", parents=[shared])
    for name, words in (
        ("pull", "download a language pack, or resume its download"),
        ("rm", "remove a language pack and its unfinished download"),
    ):
        action = actions.add_parser(name, help=words, parents=[shared])
        action.add_argument("pack", metavar="LANGUAGE", help="such as ru, or a pack's id")
        if name == "pull":
            action.add_argument(
                "--from",
                dest="source",
                metavar="ADDRESS|FILE",
                help="fetch the same file from another address; its hash is still checked",
            )
            action.add_argument("--proxy", help="a proxy's address")


def _add_read(read: argparse.ArgumentParser) -> None:
    read.description = "Read the text of pictures, PDF and TIFF files, or of all in a folder."
    read.epilog = (
        "With -o FOLDER, the same command, run again, continues where it was interrupted. "
        "The exit code is 0 if everything was read, 1 if something was not, 2 for wrong usage."
    )
    read.add_argument("files", nargs="+", metavar="FILE|FOLDER")
    read.add_argument(
        "--format",
        default=ExportFormat.TEXT.value,
        metavar="FORM",
        help="; ".join(f"{form}: {form.label} ({form.ending})" for form in ExportFormat)
        + f". {ExportFormat.TEXT} is the default",
    )
    read.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="the file or folder for the results; without it, they go to stdout",
    )
    read.add_argument("--pages", metavar="LIST", help="only these pages: 2-5 or 1,3,7-")
    read.add_argument(
        "--lang",
        metavar="CODES",
        help="the text's languages, such as de,ru; `languages` lists them",
    )
    read.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="read N files at a time (with -o)"
    )
    read.add_argument("--password", help="opens documents that are locked")
    read.add_argument("--force", action="store_true", help="replace files that are there already")


class _PicturesAndQuestion(argparse.Action):
    """At least one picture, then the question."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:  # noqa: ARG002
        words = list(values or [])
        if len(words) < 2:
            parser.error("give one or more pictures and then the question, in quotes")
        if not words[-1].strip():
            parser.error("the question is empty")
        setattr(namespace, self.dest, words)


def _command(options: argparse.Namespace) -> int:
    from app.catalog.catalog import load_catalog  # noqa: PLC0415 - the window starts without these
    from app.catalog.languages import load_languages  # noqa: PLC0415
    from app.commands import ask, languages, models, read, selftest  # noqa: PLC0415
    from app.commands.console import FAILED, complain  # noqa: PLC0415
    from app.core.errors import OcellusError  # noqa: PLC0415
    from app.interrupts import end_in_order  # noqa: PLC0415
    from app.paths import find_paths  # noqa: PLC0415

    paths = find_paths()
    catalog = load_catalog(
        paths.models / "catalog.toml", paths.models / "builtin", paths.user_models
    )
    packs = load_languages(paths.models / "languages.toml", paths.languages)
    quiet.remove_left_behind(paths.data)
    commands = {
        "ask": lambda: ask.run(options, catalog),
        "read": lambda: read.run(options, packs),
        "models": lambda: models.run(options, catalog),
        "languages": lambda: languages.run(options, packs),
        "selftest": lambda: selftest.run(paths, catalog),
    }
    try:
        # It runs Qt, which cannot bear an exception; its children end with it.
        with nullcontext() if options.command == "selftest" else end_in_order():
            return commands[options.command]()
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

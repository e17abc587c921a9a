"""`ask PICTURE… QUESTION`: the answer, streamed to stdout."""

from __future__ import annotations

import json
import sys
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.catalog.catalog import Catalog
from app.commands.console import OK, Console, console
from app.core.cleaning import clean
from app.core.conversation import Ask, Picture, ReferenceMode, Role, Turn
from app.core.events import Finished, Loading, Seen, Text
from app.core.model import ModelSpec
from app.core.requests import GenerateAnswer
from app.installed import find_catalog
from app.paths import find_paths
from app.text.reference import reference_rows
from app.workers.request_result import follow_blocking


def add_arguments(parser: ArgumentParser) -> None:
    """Pictures and a question, and how it is answered."""
    parser.add_argument(
        "words", nargs="+", metavar="PICTURE… QUESTION", action=_PicturesAndQuestion
    )
    parser.add_argument("--model", default="builtin", help="an id from `models`, or a folder")
    parser.add_argument(
        "--reference",
        choices=["auto", "on", "off"],
        default="auto",
        help="send the text read from the picture with the question",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="look at each picture as a whole only: fewer tokens, faster, less detail",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the text")


def run(arguments: Namespace) -> int:
    """Answer one question. Raises OcellusError for everything that fails."""
    model = find_model(find_catalog(find_paths()), arguments.model)
    *paths, question = arguments.words
    mode = ReferenceMode(arguments.reference)
    # Both at once: the engine's process imports torch while the reader reads.
    with console() as children, children.engine, children.reader:
        turn = question_turn(children, [Path(path) for path in paths], question, mode)
        return _stream(children, Ask(model, (turn,), quick=arguments.quick), as_json=arguments.json)


def find_model(catalog: Catalog, name: str) -> ModelSpec:
    """The catalog's model of this id, or the checkpoint in this folder."""
    if Path(name).is_dir():
        return catalog.spec_for_folder(Path(name))
    return catalog.spec(name)


def question_turn(children: Console, paths: list[Path], question: str, mode: ReferenceMode) -> Turn:
    """The person's turn with its pictures taken and, unless switched off, read."""
    pictures: list[Picture] = [children.take(path) for path in paths]
    rows: list[str] = []
    if mode is not ReferenceMode.OFF:
        for picture in pictures:
            rows.extend(reference_rows(children.read(picture), mode))
    return Turn(Role.PERSON, question, tuple(pictures), tuple(rows))


def _stream(children: Console, ask: Ask, *, as_json: bool) -> int:
    answer: list[str] = []
    probabilities: list[float] = []
    report: dict[str, object] = {"model": ask.model.id, "question": ask.turns[-1].text}
    for event in follow_blocking(children.engine, GenerateAnswer(ask)):
        match event:
            case Loading(stage, done, total) if sys.stderr.isatty():
                share = f" {100 * done // total} %" if total else ""
                print(f"\r{stage.value}{share}\033[K", end="", file=sys.stderr, flush=True)
            case Seen() as seen:
                if sys.stderr.isatty():
                    print("\r\033[K", end="", file=sys.stderr, flush=True)
                report["reference_rows"] = [seen.reference_sent, seen.reference_total]
                report["prompt_tokens"] = seen.tokens
                report["quick"] = seen.quick
            case Text(piece, chances):
                answer.append(piece)
                probabilities.extend(chances)
                if not as_json:
                    print(clean(piece), end="", flush=True)
            case Finished(reason, stats):
                report["reason"] = reason.value
                report["new_tokens"] = stats.new_tokens
                report["prefill_seconds"] = stats.prefill_seconds
                report["decode_seconds"] = stats.decode_seconds
                report["tokens_per_second"] = round(stats.tokens_per_second, 2)
                report["memory"] = stats.memory
                report["context"] = [stats.prompt_tokens + stats.new_tokens, stats.context]
            case _:
                pass
    if as_json:
        report["answer"] = clean("".join(answer)).strip()
        report["probabilities"] = probabilities
        print(json.dumps(report, ensure_ascii=False))
    else:
        print()
    return OK


class _PicturesAndQuestion(Action):
    """At least one picture, then the question."""

    def __call__(
        self,
        parser: ArgumentParser,
        namespace: Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002 - argparse gives it
    ) -> None:
        words = list(values or [])
        if len(words) < 2:
            parser.error("give one or more pictures and then the question, in quotes")
        if not words[-1].strip():
            parser.error("the question is empty")
        setattr(namespace, self.dest, words)

"""An engine that plays a script: for tests of the window and of processes, without torch."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import repeat

from app.children import engine_child
from app.core.conversation import Ask
from app.core.errors import ErrorKind, Failed
from app.core.events import (
    Event,
    Finished,
    FinishReason,
    Loading,
    Ready,
    Seen,
    Stage,
    Stats,
    Text,
)
from app.core.requests import GenerateAnswer, LoadModel, Request, UnloadModel
from app.paths import Paths
from app.workers.host import ChildSpec

FACTORY = "tests.support.scripted_engine:make"

_TICK = 0.01
_DIED = 9

Beat = tuple[float, str]


def make(config: Mapping[str, str]) -> ScriptedEngine:
    """The engine of a child whose configuration holds a script."""
    return ScriptedEngine(config.get("script", ""))


def scripted_child(paths: Paths, script: str = "") -> ChildSpec:
    """The engine's child of a whole program, but for who answers in it."""
    child = engine_child(
        paths.pictures, paths.output_file("engine"), paths.user_models, paths.log_file("engine")
    )
    return replace(child, factory=FACTORY, config={**child.config, "script": script})


class ScriptedEngine:
    """Answers from a table. Deterministic; every piece has the probability 0.9.

    `script` is JSON: {question: [[seconds before, piece], ...]}. A question
    that is not in it is answered by its own words, one piece each. These
    questions do something else, whatever the script says:

    - "/die": a piece, then the process ends at once, as after a crash
    - "/fail": a piece, then `Failed` (out of memory)
    - "/slow": 600 pieces, ten a second
    - "/flood": 20,000 pieces without a pause
    - "/hang": nothing, until it is stopped
    - "/load": loads the model again, a second long
    """

    def __init__(self, script: str = "") -> None:
        table: dict[str, list[list[object]]] = json.loads(script) if script else {}
        self._table: dict[str, list[Beat]] = {
            question: [(float(str(seconds)), str(piece)) for seconds, piece in beats]
            for question, beats in table.items()
        }
        self._model: str | None = None

    def handle(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """As the real engine: Loading, Ready, Seen, Text, Finished or Failed."""
        match request:
            case LoadModel(model):
                yield from self._load(model.id, 0.0)
                yield Finished()
            case UnloadModel():
                self._model = None
                yield Finished()
            case GenerateAnswer(ask):
                if ask.model.id != self._model:
                    yield from self._load(ask.model.id, 0.0)
                yield from self._answer(ask, cancelled)
            case _:
                yield Failed(ErrorKind.INTERNAL, "The script has no such request.")

    def close(self) -> None:
        """Nothing is held."""

    def _load(self, model: str, seconds: float) -> Iterator[Event]:
        yield Loading(Stage.STARTING)
        for done in range(4):
            time.sleep(seconds / 4)
            yield Loading(Stage.READING_WEIGHTS, done + 1, 4)
        self._model = model
        yield Ready(model, "cpu", 0)

    def _answer(self, ask: Ask, cancelled: Callable[[], bool]) -> Iterator[Event]:
        turn = ask.turns[-1]
        question = turn.text.strip()
        if question == "/load":
            yield from self._load(ask.model.id, 1.0)
        tokens = sum(len(t.text.split()) for t in ask.turns)
        count = len(turn.reference)
        yield Seen((1, 1), len(ask.pictures), tokens, 1.0, count, count)
        said = 0
        for seconds, piece in self._beats(question):
            if _stopped_while_waiting(seconds, cancelled):
                yield Finished(FinishReason.STOPPED, Stats(tokens, said))
                return
            yield Text(piece, (0.9,))
            said += 1
        match question:
            case "/die":
                os._exit(_DIED)
            case "/fail":
                yield Failed(
                    ErrorKind.OUT_OF_MEMORY,
                    "There is not enough memory for this.",
                    "Close other programs, send fewer pictures, or choose a smaller model.",
                    "scripted",
                )
            case _:
                yield Finished(FinishReason.END, Stats(tokens, said))

    def _beats(self, question: str) -> Iterator[Beat]:
        match question:
            case "/die" | "/fail":
                yield 0.0, "So far "
            case "/slow":
                yield from ((0.1, f"{number} ") for number in range(600))
            case "/flood":
                yield from ((0.0, f"{number} ") for number in range(20_000))
            case "/hang":
                yield from repeat((3600.0, ""))
            case _ if question in self._table:
                yield from self._table[question]
            case _:
                yield from ((0.0, f"{word} ") for word in question.split())


def _stopped_while_waiting(seconds: float, cancelled: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not cancelled():
        left = end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(_TICK, left))
    return True

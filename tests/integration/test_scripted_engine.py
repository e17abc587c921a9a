"""The scripted engine does what tests of the window and of processes rely on."""

import json
import subprocess
import sys
import time

from scripted_engine import make

from app.core.conversation import Ask, Picture, Role, Turn
from app.core.errors import Failed
from app.core.events import Finished, FinishReason, Loading, Ready, Seen, Text
from app.core.model import ModelSpec, PromptFormat
from app.core.requests import GenerateAnswer, LoadModel

SPEC = ModelSpec("some", "Some", "/nowhere", PromptFormat.MISTRAL)


def answer(engine, text, cancelled=lambda: False, reference=()):
    turn = Turn(Role.PERSON, text, (Picture("a" * 64, 2, 3),), reference)
    return list(engine.handle(GenerateAnswer(Ask(SPEC, (turn,))), cancelled))


def said(events):
    return "".join(event.piece for event in events if isinstance(event, Text))


def test_a_script_is_played_and_other_questions_are_echoed():
    script = json.dumps({"What is it?": [[0.0, "It is "], [0.05, "a 🐈."]]})
    engine = make({"script": script})
    events = answer(engine, "What is it?", reference=("row",))
    assert isinstance(events[0], Loading)
    assert Ready("some", "cpu", 0) in events
    (seen,) = (event for event in events if isinstance(event, Seen))
    assert (seen.tiles, seen.reference_sent) == (1, 1)
    assert said(events) == "It is a 🐈."
    assert events[-1].reason is FinishReason.END
    again = answer(engine, "two words")
    assert isinstance(again[0], Seen), "loaded already"
    assert said(again) == "two words "
    assert answer(engine, "two words") == again


def test_loading_ends_ready():
    events = list(make({}).handle(LoadModel(SPEC), lambda: False))
    assert events[-2:] == [Ready("some", "cpu", 0), Finished()]


def test_it_fails_and_floods_on_demand():
    engine = make({})
    failing = answer(engine, "/fail")
    assert said(failing) == "So far "
    assert isinstance(failing[-1], Failed)
    assert len([event for event in answer(engine, "/flood") if isinstance(event, Text)]) == 20_000


def test_it_stops_at_once():
    engine = make({})
    for question in ("/slow", "/hang"):
        stop_at = time.monotonic() + 0.25
        events = answer(engine, question, lambda at=stop_at: time.monotonic() >= at)
        assert time.monotonic() - stop_at < 10
        assert events[-1].reason is FinishReason.STOPPED
        assert said(events) in ("", "0 ", "0 1 ")


def test_it_dies_on_demand_without_ever_importing_torch():
    program = (
        "import sys\n"
        "from app.core.conversation import Ask, Role, Turn\n"
        "from app.core.model import ModelSpec, PromptFormat\n"
        "from app.core.requests import GenerateAnswer\n"
        "from tests.support.scripted_engine import make\n"
        "spec = ModelSpec('some', 'Some', '/nowhere', PromptFormat.MISTRAL)\n"
        "ask = Ask(spec, (Turn(Role.PERSON, '/die'),))\n"
        "for event in make({}).handle(GenerateAnswer(ask), lambda: False):\n"
        "    print(type(event).__name__, 'torch' in sys.modules, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 9
    assert done.stdout.splitlines()[-1] == "Text False"

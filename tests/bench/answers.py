"""The children: how soon the first token comes, and how soon a stop is obeyed."""

import tempfile
import time
from pathlib import Path

from app.commands.console import Console, console
from app.core.conversation import Ask, Role, Turn
from app.core.events import Text
from app.core.requests import GenerateAnswer, LoadModel
from app.installed import find_catalog
from app.paths import find_paths
from app.workers.request_result import follow_blocking
from tests.bench.measure import Result
from tests.bench.screenshot import QUESTION, draw_screenshot

RUNS = 3


def first_token() -> Result:
    """Drop and question at once, to the first token; children up, model loaded."""
    from PIL import Image
    from rapidocr import RapidOCR

    raw = RapidOCR()
    ours, peer = [], []
    with tempfile.TemporaryDirectory() as folder, console() as children:
        with children.engine, children.reader:
            spec = _load(children)
            # The sample warms the reader's models up, as its idle time does in the window.
            children.read(children.take(find_paths().resources / "samples" / "settings.png"))
            path = draw_screenshot(Path(folder) / "screenshot.png")
            picture = Image.open(path)
            raw(str(path))
            for index in range(RUNS):
                # Another picture each time, so that neither a reading nor a cache is met again.
                picture.putpixel((index, 0), (255, 0, index))
                picture.save(path)
                ours.append(_until_first_token(children, spec, path))
                began = time.monotonic()
                raw(str(path))
                peer.append((time.monotonic() - began) * 1000)
    return Result(
        "first token about a 1080p screenshot, taking and reading it included",
        ours,
        "raw RapidOCR alone on the same picture",
        peer,
        3000,
    )


def stop() -> Result:
    """Stop in the middle of the prefill to an engine that takes the next request."""
    ours, peer = [], []
    with tempfile.TemporaryDirectory() as folder, console() as children:
        with children.engine, children.reader:
            spec = _load(children)
            path = draw_screenshot(Path(folder) / "screenshot.png")
            picture = children.take(path)
            rows = children.read(picture).rows()
            for index in range(RUNS):
                turn = Turn(Role.PERSON, f"{index}: {QUESTION}", (picture,), rows * 4)
                ask = Ask(spec, (turn,))
                began = time.monotonic()
                for event in follow_blocking(children.engine, GenerateAnswer(ask)):
                    if isinstance(event, Text):
                        break
                prefill = time.monotonic() - began
                turn = Turn(Role.PERSON, f"again {index}: {QUESTION}", (picture,), rows * 4)
                number = children.engine.send(GenerateAnswer(Ask(spec, (turn,))))
                time.sleep(prefill / 3)
                began = time.monotonic()
                children.engine.cancel(number)
                while True:
                    reply = children.engine.receive()
                    if reply.number == number and type(reply.event).__name__ == "Finished":
                        break
                ours.append((time.monotonic() - began) * 1000)
                peer.append(prefill * 1000 * 2 / 3)
    return Result(
        "stop in prefill to engine idle",
        ours,
        "what is left of the prefill, after which a stopping criterion is first asked",
        peer,
        150,
    )


def _load(children: Console):
    spec = find_catalog(find_paths()).spec("builtin")
    list(follow_blocking(children.engine, LoadModel(spec)))
    return spec


def _until_first_token(children: Console, spec, path: Path) -> float:
    began = time.monotonic()
    picture = children.take(path)
    turn = Turn(Role.PERSON, QUESTION, (picture,), children.read(picture).rows())
    first = 0.0
    for event in follow_blocking(children.engine, GenerateAnswer(Ask(spec, (turn,)))):
        if isinstance(event, Text) and not first:
            first = time.monotonic()
    return (first - began) * 1000

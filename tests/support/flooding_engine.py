"""An engine that says far too much; the question tells of what."""

from app.core.errors import ErrorKind, Failed
from app.core.events import Finished, FinishReason, Loading, Ready, Seen, Stage, Text
from app.core.requests import GenerateAnswer

MEGA = 10**6


def _for_ever(*events):
    while True:
        yield from events


FLOODS = {
    "one text": lambda: [Text("x" * 50 * MEGA)],
    "one text of lines": lambda: [Text("word\n\n" * (50 * MEGA // 6))],
    "a longish text": lambda: [Text("word " * 8_000)],
    "texts for ever": lambda: _for_ever(Text("and again ", (0.9,))),
    "empty texts for ever": lambda: _for_ever(Text("", (0.9,))),
    "other events for ever": lambda: _for_ever(
        Loading(Stage.READING_WEIGHTS, 1, 2), Ready("m", "cpu", 0), Seen((1, 1), 1, 1, 1.0)
    ),
    "a long name": lambda: [Ready("m" * MEGA, "cpu", 0)],
    "a long failure": lambda: [
        Failed(ErrorKind.INTERNAL, "h" * 300_000, "a" * 300_000, "d" * 300_000)
    ],
    "probabilities": lambda: [Text("x", (0.9,) * MEGA)],
}


class FloodingEngine:
    def handle(self, request, cancelled):
        if not isinstance(request, GenerateAnswer):
            yield Ready(request.model.id, "cpu", 0)
            yield Finished()
            return
        words = request.ask.turns[-1].text
        if words == "texts until it is told":
            while not cancelled():
                yield Text("and again ", (0.9,))
            yield Finished(FinishReason.STOPPED)
            return
        yield from FLOODS.get(words, lambda: [Text(words)])()
        yield Finished()

    def close(self):
        pass


def make(config):
    return FloodingEngine()

"""An engine that says far too much; the question tells of what."""

import time

from app.core.errors import ErrorKind, Failed
from app.core.events import Finished, FinishReason, Loading, Ready, Seen, Stage, Text
from app.core.requests import Answer

MEGA = 10**6


class FloodingEngine:
    def handle(self, request, cancelled):
        if not isinstance(request, Answer):
            yield Ready(request.model.id, "cpu", 0)
            yield Finished()
            return
        yield Seen((1, 1), 1, 1, 1.0)
        words = request.ask.turns[-1].text
        match words:
            case "one text":
                yield Text("x" * 50 * MEGA)
            case "one text of lines":
                yield Text("word\n\n" * (50 * MEGA // 6))
            case "a longish text":
                yield Text("word " * 8_000)
            case "texts for ever":
                while True:
                    yield Text("and again ", (0.9,))
            case "texts until it is told":
                while not cancelled():
                    yield Text("and again ", (0.9,))
                yield Finished(FinishReason.STOPPED)
                return
            case "empty texts for ever":
                while True:
                    yield Text("", (0.9,))
            case "other events for ever":
                while True:
                    yield Loading(Stage.READING_WEIGHTS, 1, 2)
                    yield Ready("m", "cpu", 0)
                    yield Seen((1, 1), 1, 1, 1.0)
            case "a long name":
                yield Ready("m" * MEGA, "cpu", 0)
            case "a long failure":
                yield Failed(ErrorKind.INTERNAL, "h" * 300_000, "a" * 300_000, "d" * 300_000)
                return
            case "probabilities":
                yield Text("x", (0.9,) * MEGA)
            case _:
                yield Text(words)
        yield Finished()
        time.sleep(0)

    def close(self):
        pass


def make(config):
    return FloodingEngine()

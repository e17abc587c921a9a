"""An engine that writes out pictures as it is told: one reply after the other.

`script` is a JSON object of the replies and a file for a record of what was asked. A reply is a
text, or "/loop", "/hang", "/die" or "/fail". When the replies are used up the last is repeated.
Other questions are answered by their own words.
"""

import json
import os
import time
from pathlib import Path

from app.core.errors import ErrorKind, Failed
from app.core.events import Finished, FinishReason, Ready, Seen, Text
from app.core.requests import GenerateAnswer
from app.session.reading.transcribing import INSTRUCTION


class WritingEngine:
    def __init__(self, replies, record):
        self._replies = replies
        self._record = Path(record)
        self._count = Path(f"{record}.count")

    def handle(self, request, cancelled):
        if not isinstance(request, GenerateAnswer):
            yield Ready(request.model.id, "cpu", 0)
            yield Finished()
            return
        ask = request.ask
        (turn,) = ask.turns[-1:]
        yield Seen((1, 1), 1, 1, 1.0)
        reply, note = turn.text, "question"
        if turn.text == INSTRUCTION:
            reply, note = self._next(), ""
        with self._record.open("a", encoding="utf-8") as record:
            told = {
                "reply": reply,
                "note": note,
                "temperature": ask.sampling.temperature,
                "turns": len(ask.turns),
                "reference": list(turn.reference),
                "pictures": [[one.sha256, one.width, one.height] for one in turn.pictures],
            }
            record.write(json.dumps(told) + "\n")
        yield from self._said(reply, cancelled)

    def _next(self):
        # In a file: an engine that died goes on where it was.
        count = len(self._count.read_bytes()) if self._count.exists() else 0
        with self._count.open("ab") as file:
            file.write(b".")
        return self._replies[min(count, len(self._replies) - 1)]

    def _said(self, reply, cancelled):
        match reply:
            case "/die":
                yield Text("So far ", (0.9,))
                os._exit(9)
            case "/fail":
                yield Failed(ErrorKind.OUT_OF_MEMORY, "There is not enough memory for this.")
                return
            case "/loop":
                for _ in range(3000):
                    if cancelled():
                        yield Finished(FinishReason.STOPPED)
                        return
                    yield Text("and again ", (0.9, 0.9))
                    time.sleep(0.002)
            case "/hang":
                while not cancelled():
                    time.sleep(0.01)
                yield Finished(FinishReason.STOPPED)
                return
            case _:
                for word in reply.split(" "):
                    yield Text(f"{word} ", (0.9,))
        yield Finished()

    def close(self):
        pass


def make(config):
    script = json.loads(config["script"])
    return WritingEngine(script["replies"], script["record"])

"""An engine that answers with what it was asked, as JSON: one list per turn.

For "/long" it says that this is more than it can hold.
"""

import json

from answering_engine import AnsweringEngine

from app.core.errors import ErrorKind, Failed
from app.core.events import Finished, Seen, Text


class EchoEngine(AnsweringEngine):
    def answer(self, ask):
        if ask.turns[-1].text == "/long":
            yield Failed(ErrorKind.TOO_LONG, "Too much.")
            return
        total = sum(len(turn.reference) for turn in ask.turns)
        yield Seen((1, 1), 1, 1, 1.0, min(total, 40), total)
        yield Text(
            json.dumps(
                [
                    [
                        turn.role.value,
                        turn.text,
                        [picture.name for picture in turn.pictures],
                        list(turn.reference),
                    ]
                    for turn in ask.turns
                ]
            )
        )
        yield Finished()


def make(config):
    return EchoEngine()

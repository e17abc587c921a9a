"""An engine that answers with what it was asked, as JSON: one list per turn."""

import json

from app.core.events import Finished, Ready, Seen, Text
from app.core.requests import GenerateAnswer


class EchoEngine:
    def handle(self, request, cancelled):
        if isinstance(request, GenerateAnswer):
            turns = request.ask.turns
            total = sum(len(turn.reference) for turn in turns)
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
                        for turn in turns
                    ]
                )
            )
        else:
            yield Ready(request.model.id, "cpu", 0)
        yield Finished()

    def close(self):
        pass


def make(config):
    return EchoEngine()

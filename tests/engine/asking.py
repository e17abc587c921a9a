"""The real engine over a picture store, and short ways to ask it."""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from app.core.conversation import Ask, Picture, Role, Sampling, Turn
from app.core.events import Finished, Seen, Text
from app.core.pictures import picture_path
from app.core.requests import Answer
from app.engine.service import make


def never():
    return False


class Bench:
    """The real engine over a picture store of its own."""

    def __init__(self, store: Path, **config: str) -> None:
        self.store = store
        self.engine = make({"pictures": str(store), **config})

    def picture(self, width, height, seed=0, name="picture.png") -> Picture:
        """A stored picture of noise in coarse blocks."""
        noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(noise).resize((width, height), Image.Resampling.NEAREST).save(file, "PNG")
        sha256 = hashlib.sha256(file.getvalue()).hexdigest()
        path = picture_path(self.store, sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.getvalue())
        return Picture(sha256, width, height, name)

    def handle(self, request, cancelled=never):
        """All events of a request."""
        return list(self.engine.handle(request, cancelled))

    def answer(self, spec, turns, cancelled=never, **sampling):
        """(Seen, text, probabilities, last event) of an answer."""
        settings = Sampling(**{"max_new_tokens": 16, **sampling})
        events = self.handle(Answer(Ask(spec, tuple(turns), settings)), cancelled)
        seen = [event for event in events if isinstance(event, Seen)]
        texts = [event for event in events if isinstance(event, Text)]
        text = "".join(event.piece for event in texts)
        chances = [chance for event in texts for chance in event.probabilities]
        return (seen[0] if seen else None), text, chances, events[-1]


def question(text="What is the total?", *pictures, reference=()):
    return Turn(Role.PERSON, text, tuple(pictures), tuple(reference))


def finished(event):
    assert isinstance(event, Finished), event
    return event

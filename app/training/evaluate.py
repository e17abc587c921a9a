"""What a checkpoint can do, on a held-out set and through the real engine.

Held out are a sixth of all words, every third font, some separators, wordings
of questions and picture sizes: nothing of them was in training.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.catalog.catalog import spec_for_folder
from app.core.conversation import Ask, Picture, Role, Sampling, Turn
from app.core.errors import Failed, OcellusError
from app.core.events import Event, PictureRead, PictureTaken, Text
from app.core.model import ModelSpec
from app.core.requests import GenerateAnswer, ReadPicture, Request, Service, TakePicture
from app.engine.service import make as make_engine
from app.reader.service import make as make_reader
from app.training.pictures import PictureSample, of_document, of_scene
from app.training.synthetic.words import Split

_NEW_TOKENS = 96
# How the kinds of questions are added up in the summary.
GROUPS = {
    "text": ("text", "item", "table", "switch"),
    "colour, shape, number": ("colour", "shape", "number"),
    "absent": ("absent",),
    "kind": ("kind",),
    "open": ("open",),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question with what should and what did come."""

    kind: str
    question: str
    wanted: str
    given: str

    @property
    def exact(self) -> bool:
        """Whether the two are the same, letter by letter."""
        return self.wanted == self.given


def held_out(count: int) -> Iterator[PictureSample]:
    """`count` documents and `count` scenes, one question each; always the same ones."""
    chance = random.Random("held out")
    for _ in range(count):
        yield of_document(chance, Split.HELD_OUT, 1)
        yield of_scene(chance, Split.HELD_OUT, 1)


class Examiner:
    """The engine and the reader of the program, in this process and over one picture store.

    `read` lets the reader find the text in the pictures; without it the rows are
    given as they were drawn, which tells the model's mistakes from the reader's.
    """

    def __init__(self, model: ModelSpec, folder: Path, *, read: bool) -> None:
        self._model = model
        self._folder = folder
        self._read = read
        store, inbox = folder / "pictures", folder / "inbox"
        for path in (store, inbox):
            path.mkdir(parents=True, exist_ok=True)
        self._engine = make_engine({"pictures": str(store)})
        self._reader = make_reader({"pictures": str(store), "inbox": str(inbox)})

    def examine(self, samples: Iterable[PictureSample]) -> Iterator[Outcome]:
        """Ask what each sample asks first. Raises OcellusError where a part fails."""
        for sample in samples:
            asked = sample.asked[0]
            turn = Turn(Role.PERSON, asked.text, (self._take(sample),), sample.rows)
            if self._read:
                turn = Turn(Role.PERSON, asked.text, turn.pictures, self._rows(turn.pictures[0]))
            ask = Ask(self._model, (turn,), Sampling(max_new_tokens=_NEW_TOKENS))
            events = _finished(self._engine, GenerateAnswer(ask))
            given = "".join(one.piece for one in events if isinstance(one, Text)).strip()
            yield Outcome(asked.kind, asked.text, asked.answer, given)

    def close(self) -> None:
        """Let go of model and networks."""
        self._engine.close()
        self._reader.close()

    def _take(self, sample: PictureSample) -> Picture:
        path = self._folder / "sample.png"
        sample.picture.save(path)
        taken = [
            one for one in _finished(self._reader, TakePicture(str(path)))
            if isinstance(one, PictureTaken)
        ]  # fmt: skip
        return taken[0].picture

    def _rows(self, picture: Picture) -> tuple[str, ...]:
        for event in _finished(self._reader, ReadPicture(picture.sha256)):
            if isinstance(event, PictureRead):
                return event.reading.rows()
        return ()


def _finished(service: Service, request: Request) -> list[Event]:
    events = list(service.handle(request, lambda: False))
    if events and isinstance(events[-1], Failed):
        raise OcellusError(events[-1])
    return events


def evaluate(model: Path, count: int, *, read: bool, wrong: int) -> None:
    """Print a table by kind of question, and the first `wrong` mistakes."""
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    shown = 0
    with tempfile.TemporaryDirectory() as folder:
        examiner = Examiner(spec_for_folder(model), Path(folder), read=read)
        for one in examiner.examine(held_out(count)):
            asked[one.kind] += 1
            right[one.kind] += one.exact
            if not one.exact and shown < wrong:
                shown += 1
                print(
                    f"{one.kind}: {one.question!r}\n  {one.wanted!r}\n  {one.given!r}", flush=True
                )
        examiner.close()
    for title, kinds in GROUPS.items():
        print(_line(title, [(right[kind], asked[kind]) for kind in kinds]))
        for kind in kinds:
            if len(kinds) > 1:
                print(_line(f"  {kind}", [(right[kind], asked[kind])]))


def _line(title: str, counts: list[tuple[int, int]]) -> str:
    good, all_ = sum(one for one, _ in counts), sum(one for _, one in counts)
    share = f"{100 * good / all_:5.1f} %" if all_ else "      –"
    return f"{title:24} {good:5} of {all_:5}  {share}"

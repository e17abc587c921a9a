"""Real children with little memory, killed in the middle of a document, or fed mutated files."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest
from papers import Paper, picture, text
from PIL import Image
from sessions import Session, until

from app.core.conversation import Ask, Role, Turn
from app.core.errors import Failed
from app.core.events import Finished, PictureTaken
from app.core.model import ModelSpec, PromptFormat
from app.core.requests import GenerateAnswer, ReadPicture, TakeDocument, TakePicture
from app.workers.host import ChildSpec, Host

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
BUILTIN = Path(__file__).resolve().parents[2] / "models" / "builtin"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits memory by setrlimit")


def spec(tmp_path, name, memory):
    config = {"pictures": str(tmp_path / "p"), "inbox": str(tmp_path / "i"), "memory": str(memory)}
    return ChildSpec(name, f"limited_child:make_{name}", config, takes_files=name == "reader")


class Served:
    """A child that is started again when a request ends it, as the window does."""

    def __init__(self, spec):
        self.spec, self.deaths = spec, 0
        self.host = Host(spec)
        self.host.start()

    def ask(self, request):
        pid = self.host.pid
        events = list(self.host.ask(request))
        assert isinstance(events[-1], Finished | Failed)
        if self.host.pid != pid:
            self.deaths += 1
            self.host = Host(self.spec)
            self.host.start()
        return events

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.host.close()


def test_a_reader_with_little_memory_says_so_and_takes_the_next_picture(tmp_path):
    Image.new("RGB", (7000, 5600), "white").save(tmp_path / "large.png")
    with Served(spec(tmp_path, "reader", 550)) as reader:
        *_, failed = reader.ask(TakePicture(str(tmp_path / "large.png")))
        taken, end = reader.ask(TakePicture(str(SAMPLES / "receipt.png")))
    assert isinstance(failed, Failed)
    assert failed.headline == "There is not enough memory to open large.png."
    assert isinstance(taken, PictureTaken)
    assert end == Finished()


@pytest.mark.parametrize(
    ("memory", "ends"),
    [
        (300, "There is not enough memory for the engine."),
        (600, "There is not enough memory for the engine."),
        (680, "There is not enough memory for the engine."),
        (4000, ""),
    ],
)
def test_an_engine_with_little_memory_says_so_each_time(tmp_path, memory, ends):
    """Not enough to import torch, the same with more of it, and enough."""
    model = ModelSpec("builtin", "Built-in", str(BUILTIN), PromptFormat.MISTRAL, for_trying=True)
    ask = GenerateAnswer(Ask(model, (Turn(Role.PERSON, "What is the total?"),)))
    with Served(spec(tmp_path, "engine", memory)) as engine:
        for _ in range(2):
            last = engine.ask(ask)[-1]
            assert (last.headline if isinstance(last, Failed) else "") == ends
        assert engine.deaths == 0


def test_the_real_reader_killed_in_the_middle_of_a_document_costs_one_page_at_most(loop, tmp_path):
    session = Session(tmp_path, reader="app.reader.service:make")
    paper = Paper()
    for number in range(1, 7):
        paper.page(text(60, 700, f"This is page {number} of six"))
    paper.save(tmp_path / "six.pdf")

    async def way():
        session.start()
        session.attachments.take_file(tmp_path / "six.pdf")
        await until(lambda: session.attachments.items[0].picture, 60)
        shown = session.attachments.items[0].picture
        document = session.documents.place(shown.sha256).document.sha256
        session.documents.read(document)
        await until(lambda: session.documents.progress(document).done >= 2, 60)
        os.kill(session.reader.pid, signal.SIGKILL)
        await until(lambda: not session.documents.progress(document).running, 90)
        # What the kill cost is read when a person asks for it.
        found = session.documents.reading(document)
        await session.close()
        return found

    found = loop.run_until_complete(asyncio.wait_for(way(), 170))
    read = [page.number for page in found.pages if page.blocks]
    assert len(read) >= 5
    assert read[:2] == [1, 2]


def mutated(data, seed):
    """The file with some bytes changed, cut, or doubled, beyond its first few."""
    rng = random.Random(seed)  # noqa: S311 - to repeat
    data = bytearray(data)
    for _ in range(rng.choice([1, 4, 30])):
        data[rng.randrange(16, len(data))] = rng.randrange(256)
    if seed % 3 == 0:
        del data[rng.randrange(len(data) // 2, len(data)) :]
    if seed % 5 == 0:
        start = rng.randrange(16, len(data))
        data[start:start] = data[start // 2 : start]
    return bytes(data)


def test_text_of_mutated_files_is_found_or_not_but_the_reader_serves_the_next(tmp_path):
    """Every file is read too where it can be taken: letters are looked for in what is left."""
    lines = picture("Mutated but read", "A second line", size=(500, 200), height=30)
    for ending in ("png", "jpg", "webp", "bmp", "tif"):
        lines.save(tmp_path / f"good.{ending}")
    (Paper().page(text(60, 700, "Typed"), pictures=()).save(tmp_path / "good.pdf"))
    goods = sorted(tmp_path.glob("good.*"))
    counted = {"read": 0, "refused": 0}
    with Served(ChildSpec("reader", "app.reader.service:make", config(tmp_path))) as reader:
        for seed in range(MUTATIONS):
            good = goods[seed % len(goods)]
            file = tmp_path / f"mutated{good.suffix}"
            file.write_bytes(mutated(good.read_bytes(), seed))
            document = good.suffix in (".pdf", ".tif")
            request = (TakeDocument if document else TakePicture)(str(file), file.name)
            events = reader.ask(request)
            if isinstance(events[0], PictureTaken):
                events = reader.ask(ReadPicture(events[0].picture.sha256))
            counted["refused" if isinstance(events[-1], Failed) else "read"] += 1
            if isinstance(events[-1], Failed):
                assert events[-1].headline
        assert reader.deaths == 0
        (taken, _) = reader.ask(TakePicture(str(tmp_path / "good.png")))
        assert isinstance(taken, PictureTaken)
    assert min(counted.values()) > 0
    print(counted)  # noqa: T201


MUTATIONS = int(os.environ.get("OCELLUS_MUTATIONS", "36"))


def config(tmp_path):
    return {"pictures": str(tmp_path / "p"), "inbox": str(tmp_path / "i")}

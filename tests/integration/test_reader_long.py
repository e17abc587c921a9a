"""What long documents ask of the reader: memory that is given back, work that is let go of."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from papers import Paper, drawn, picture
from uncancelled import never

from app.core.cancelled import WorkCancelledError
from app.core.events import DocumentTaken, Finished, FinishReason, PictureRead, PictureTaken
from app.core.reading import Reading
from app.core.requests import ReadDocument, ReadPicture, TakeDocument, TakePicture
from app.reader.ocr.onnx import RECOGNITION, Session, Team
from app.reader.trim import trim


def test_a_cancel_does_not_wait_for_the_step_that_is_under_way():
    team, begun, go_on = Team(), threading.Event(), threading.Event()
    done = []

    def step(item):
        begun.set()
        go_on.wait(30)
        done.append(item)

    try:
        with pytest.raises(WorkCancelledError):
            team.map(step, range(50), begun.is_set)
        assert done == []
        go_on.set()
        # The team serves the next; of the steps that were not begun none ever is.
        assert list(team.map(str, range(3), never)) == ["0", "1", "2"]
        assert len(done) < 50
    finally:
        go_on.set()
        team.close()


def test_an_error_in_a_step_comes_out_before_the_others_are_done():
    team = Team()

    def step(item):
        if item == 40:
            raise ValueError(item)
        time.sleep(0.001)

    with pytest.raises(ValueError, match="40"):
        team.map(step, range(200), never)
    team.close()


def test_a_network_gives_its_memory_back_between_pages():
    session, process = Session(RECOGNITION), psutil.Process()
    session.rest(np.zeros((1, 3, 48, 48), np.float32))
    trim()
    empty = process.memory_info().rss
    with ThreadPoolExecutor(4) as threads:
        widths = [2400, 2000, 1600, 1200]
        list(threads.map(lambda wide: session.run(np.zeros((1, 3, 48, wide), np.float32)), widths))
    full = process.memory_info().rss
    assert full - empty > 60 * 2**20
    session.rest(np.zeros((1, 3, 48, 48), np.float32))
    trim()
    assert process.memory_info().rss - empty < 0.4 * (full - empty)


def cancelled_after(service, request, count):
    """What comes of a request that is cancelled some steps after its event number `count`."""
    found, asked = [], []

    def cancelled():
        asked.append(len(found) >= count)
        return sum(asked) > 4

    for event in service.handle(request, cancelled):
        found.append(event)  # noqa: PERF402 - `cancelled` looks at it meanwhile
    assert found.pop() == Finished(FinishReason.STOPPED)
    return found


def test_a_cancelled_picture_or_page_keeps_what_is_done_and_leaves_nothing(service, tmp_path):
    paper = Paper()
    for number in (1, 2):
        lines = [f"Page {number} line {row}" for row in range(12)]
        paper.page(drawn(0, 0, 0, 595, 842), [picture(*lines, size=(1000, 1100))])
    taken, _ = service.handle(TakeDocument(str(paper.save(tmp_path / "scan.pdf"))), never)
    assert isinstance(taken, DocumentTaken)
    picture("In the picture").save(tmp_path / "p.png")
    shot, _ = service.handle(TakePicture(str(tmp_path / "p.png")), never)
    assert isinstance(shot, PictureTaken)
    assert cancelled_after(service, ReadPicture(shot.picture.sha256), 0) == []
    [first] = cancelled_after(service, ReadDocument(taken.document), 1)
    assert Reading((first.page,)).rows()[0] == "Page 1 line 0"
    read, _ = service.handle(ReadPicture(shot.picture.sha256), never)
    assert isinstance(read, PictureRead)
    assert read.reading.rows() == ("In the picture",)

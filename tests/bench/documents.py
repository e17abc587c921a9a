"""Long documents: memory over all pages, how soon a cancel is obeyed, and both cores at work."""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import psutil

from app.children import reader_child
from app.core.document import Document
from app.core.events import DocumentTaken, Finished, FinishReason, PageRead
from app.core.files.handing import hand_over
from app.core.requests import ReadDocument, TakeDocument
from app.workers.host import Host
from app.workers.request_result import follow_blocking
from tests.bench.documents_made import scanned, written

MEMORY_GOAL_MB = 1200
CORES_GOAL = 1.7
CANCEL_GOAL_MS = 200
_TRIES = 3
_SOON = 0.005
_MB = 2**20


def memory(pages: int) -> str:
    """The reader's peak over all pages of a scan and of a text, beside its first two pages'."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("scan", scanned), ("text", written)):
            path = make(Path(folder) / f"{name}.pdf", pages)
            with _reader(Path(folder) / name) as host:
                document = _taken(host, path)
                with _peak(host) as peak:
                    events = follow_blocking(host, ReadDocument(document))
                    peaks = [peak[0] / _MB for event in events if isinstance(event, PageRead)]
            most, early = max(peaks), peaks[min(1, len(peaks) - 1)]
            verdict = "met" if most < MEMORY_GOAL_MB else "MISSED"
            results.append(
                f"memory over a {name} of {pages} pages: {most:.0f} MB at its peak; goal "
                f"{MEMORY_GOAL_MB} MB {verdict}; {early:.0f} MB over its first two pages; "
                f"ratio {most / early:.2f}"
            )
    return "\n".join(results)


def both_cores(pages: int) -> str:
    """A scan with the reader on two cores, beside the same on one of them; in turn."""
    available = sorted(psutil.Process().cpu_affinity())
    if len(available) < 2:
        return "both cores: this machine offers but one"
    seconds: dict[int, list[float]] = {1: [], 2: []}
    busy: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        path = scanned(Path(folder) / "scan.pdf", pages)
        with _reader(Path(folder) / "1", available[:1]) as one:
            with _reader(Path(folder) / "2", available[:2]) as two:
                readers = {1: (one, _taken(one, path)), 2: (two, _taken(two, path))}
                for host, document in readers.values():
                    list(follow_blocking(host, ReadDocument(document, (1,))))
                # Some pages each, so that whatever else the machine does meets both.
                numbers = list(range(1, pages + 1))
                for start in range(0, pages, 5):
                    for count, (host, document) in readers.items():
                        process = psutil.Process(host.pid)
                        began, used = time.monotonic(), _used(process)
                        chosen = tuple(numbers[start : start + 5])
                        list(follow_blocking(host, ReadDocument(document, chosen)))
                        seconds[count].append(time.monotonic() - began)
                        busy[count].append(_used(process) - used)
    one_total, two_total = sum(seconds[1]), sum(seconds[2])
    ratio = one_total / two_total
    verdict = "met" if ratio >= CORES_GOAL else "MISSED"
    return (
        f"a scan of {pages} pages on two cores: {two_total:.1f} s, {sum(busy[2]):.1f} s of them "
        f"computing ({sum(busy[2]) / two_total:.2f} cores); {one_total:.1f} s on one "
        f"({sum(busy[1]) / one_total:.2f} cores); {ratio:.2f} times as fast; "
        f"goal {CORES_GOAL} {verdict}"
    )


def cancel() -> str:
    """A cancel in the middle of each stage to its end."""
    # Here, so that the other benchmarks' process does without the reader's libraries.
    from app.reader.intake.pdf import PdfPages
    from app.reader.ocr import picture_text as ocr
    from app.reader.ocr.detection import Detector
    from app.reader.ocr.recognition import Recogniser
    from app.reader.service import make

    stages: dict[str, tuple[object, str]] = {
        "opening a PDF": (PdfPages, "__init__"),
        "drawing a page": (PdfPages, "prepare"),
        "detection": (Detector, "find"),
        "recognition": (Recogniser, "read"),
        "layout": (ocr, "structured"),
    }
    results = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "inbox").mkdir()
        service = make({"pictures": str(root / "pictures"), "inbox": str(root / "inbox")})
        paths = [scanned(root / f"{number}.pdf", 1 + number) for number in range(_TRIES)]
        for name, (owner, attribute) in stages.items():
            took = []
            for path in paths:
                # Another document each time, so that it is opened too.
                taken = next(iter(service.handle(TakeDocument(str(path)), lambda: False)))
                assert isinstance(taken, DocumentTaken)
                other = paths[paths.index(path) - 1]
                list(service.handle(TakeDocument(str(other)), lambda: False))
                moment = _Moment(getattr(owner, attribute))
                with mock.patch.object(owner, attribute, moment.stage):
                    request = ReadDocument(taken.document, (1,))
                    events = list(service.handle(request, moment.stop.is_set))
                    over = time.monotonic()
                if events == [Finished(FinishReason.STOPPED)]:
                    took.append((over - moment.began) * 1000)
            results.append(_cancel_line(name, took))
        service.close()
    return "\n".join(results)


class _Moment:
    """A cancel that comes soon after a stage has begun."""

    def __init__(self, real: Callable[..., object]) -> None:
        self.stop = threading.Event()
        self.began = 0.0
        # A function, so that it takes its object as the method does that it stands for.
        self.stage = lambda *values, **named: self._run(real, values, named)

    def _run(self, real: Callable[..., object], values: tuple, named: dict) -> object:
        threading.Timer(_SOON, self._cancel).start()
        return real(*values, **named)

    def _cancel(self) -> None:
        self.began = time.monotonic()
        self.stop.set()


def _cancel_line(name: str, took: list[float]) -> str:
    if not took:
        return f"cancel in {name}: over before the cancel came"
    verdict = "met" if max(took) < CANCEL_GOAL_MS else "MISSED"
    return (
        f"cancel in {name}: {statistics.median(took):.0f} ms ({min(took):.0f} to {max(took):.0f}); "
        f"goal {CANCEL_GOAL_MS} ms {verdict}"
    )


@contextmanager
def _reader(folder: Path, cores: list[int] | None = None) -> Iterator[Host]:
    """A reader's process over a new folder, on these cores alone."""
    (folder / "inbox").mkdir(parents=True)
    usual = psutil.Process().cpu_affinity() if cores else None
    if cores:
        os.sched_setaffinity(0, cores)  # The child takes it over.
    try:
        host = Host(reader_child(folder / "pictures", folder / "inbox"))
        host.start()
    finally:
        if usual:
            os.sched_setaffinity(0, usual)
    try:
        yield host
    finally:
        host.close()


def _taken(host: Host, path: Path) -> Document:
    inbox = Path(host.spec.config["inbox"])
    handed = hand_over(path, inbox, path.name)
    for event in follow_blocking(host, TakeDocument(str(handed), path.name, consume=True)):
        if isinstance(event, DocumentTaken):
            return event.document
    raise RuntimeError(f"The reader did not take {path.name}.")


@contextmanager
def _peak(host: Host) -> Iterator[list[int]]:
    """The most memory in bytes that the child was seen to hold since."""
    process, most, over = psutil.Process(host.pid), [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system

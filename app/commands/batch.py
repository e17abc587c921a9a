"""Many files into a folder of results: resumable, and one bad file does not stop the rest."""

from __future__ import annotations

import queue
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from app.commands.documents import DocumentReader
from app.commands.formats import PagePictures
from app.commands.journal import Fingerprint, Journal, Record
from app.commands.pages import Options, read_pages, unread_note
from app.commands.plan import Item
from app.commands.results import ResultFile, unwritten
from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.files.opening import cut_off
from app.core.reading import Page

_POLL_SECONDS = 0.2


@dataclass(slots=True)
class Report:
    """What became of the files."""

    read: int = 0
    already: int = 0
    failed: list[tuple[Path, Failed]] = field(default_factory=list[tuple[Path, Failed]])
    partly: list[tuple[Path, tuple[str, ...]]] = field(
        default_factory=list[tuple[Path, tuple[str, ...]]]
    )
    cut_off: list[Path] = field(default_factory=list[Path])
    notes: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])
    unread: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether every page of every file was read."""
        return not (self.failed or self.partly or self.unread)

    def add(self, source: Path, failures: tuple[str, ...], *, cut_off: bool) -> None:
        """One more file was read, but for these pages; it may itself be cut off."""
        self.read += 1
        if failures:
            self.partly.append((source, failures))
        if cut_off:
            self.cut_off.append(source)


class Batch:
    """One run over some files with one or more readers."""

    def __init__(self, items: Sequence[Item], options: Options, journal: Journal | None) -> None:
        self._options = options
        self._journal = journal
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        for item in items:
            self._items.put(item)
        self._total = len(items)
        self._report = Report()
        self._saying = threading.Lock()
        self._stopping = threading.Event()
        self._readers: list[DocumentReader] = []

    def run(self, jobs: int, folder: Path) -> Report:
        """Read all files, `jobs` at a time; `folder` is for what passes through.

        ^C comes out as KeyboardInterrupt, once everything has ended.
        """
        threads = [
            threading.Thread(target=self._work, args=(folder / str(number),), name=f"job-{number}")
            for number in range(max(1, min(jobs, self._total)))
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(_POLL_SECONDS)
        finally:
            self._stop()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
            self._report.unread += self._items.qsize()
        return self._report

    def _stop(self) -> None:
        self._stopping.set()
        for reader in self._readers:
            reader.stop()

    def _work(self, folder: Path) -> None:
        reader = DocumentReader(folder, self._options.pack)
        with ExitStack() as stack:
            while not self._stopping.is_set():
                try:
                    item = self._items.get_nowait()
                except queue.Empty:
                    return
                result = None
                try:
                    result = ResultFile(item, self._options, self._journal)
                    if (record := result.finished()) is not None:
                        self._pass_over(item, record)
                        continue
                    if reader not in self._readers:  # A run with nothing left starts none.
                        stack.enter_context(reader)
                        self._readers.append(reader)
                    self._read(result, reader)
                except WorkCancelledError:
                    self._report.unread += 1
                    return
                except OcellusError as error:
                    self._fail(item, error.failed)
                except OSError as error:
                    place = item.source if result is None else result.output
                    self._fail(item, unwritten(error, place).failed)
                except Exception:  # noqa: BLE001 - whatever it was, the other files are read
                    self._fail(item, _unexpected(item))

    def _pass_over(self, item: Item, record: Record) -> None:
        with self._saying:
            self._report.already += 1
            if record.failures:
                self._report.partly.append((item.source, record.failures))

    def _read(self, result: ResultFile, reader: DocumentReader) -> None:
        item = result.item
        source = Fingerprint.of(item.source)
        result.output.parent.mkdir(parents=True, exist_ok=True)
        taken = reader.take(item.source, self._options.password)
        document = taken.document
        failures: list[str] = []
        try:

            def pages() -> Iterator[Page]:
                for page, failure in read_pages(reader, document, self._options, item.source):
                    if failure is not None:
                        failures.append(f"Page {page.number}: {failure.headline}")
                    if sys.stderr.isatty():
                        name, total = item.source.name, document.pages
                        self._say(f"\r{name}: page {page.number} of {total}\033[K", sys.stderr)
                    if note := unread_note(page):
                        with self._saying:
                            self._report.notes.append((item.source, note))
                    yield page

            missing = result.write(pages(), PagePictures(reader, document, self._options.password))
            failures += missing
            result.keep(source, failures, written=not missing)
        finally:
            reader.forget(document)
        with self._saying:
            self._report.add(item.source, tuple(failures), cut_off=taken.cut_off)
        if not missing:
            self._say(f"{item.source} → {result.output}\n", sys.stdout)

    def _fail(self, item: Item, failed: Failed) -> None:
        with self._saying:
            self._report.failed.append((item.source, failed))
        if failed.kind is ErrorKind.DISK_FULL:
            self._stop()  # The others would only fail in the same way.

    def _say(self, text: str, stream: TextIO) -> None:
        with self._saying:
            if stream is sys.stdout and sys.stderr.isatty():
                print("\r\033[K", end="", file=sys.stderr, flush=True)
            print(text, end="", file=stream, flush=True)


def tell(report: Report) -> None:
    """Say at the end what was read and what was not, with the reasons."""
    parts = [f"{report.read} read"]
    if report.already:
        parts.append(f"{report.already} already done")
    if report.failed:
        parts.append(f"{len(report.failed)} not read")
    if report.unread:
        parts.append(f"{report.unread} left")
    print(", ".join(parts) + ".", file=sys.stderr)
    for path, failed in sorted(report.failed, key=lambda one: one[0]):
        print(f"{path}: {failed.headline} {failed.advice}".rstrip(), file=sys.stderr)
    for path, failures in sorted(report.partly):
        for failure in failures:
            print(f"{path}: {failure}", file=sys.stderr)
    for path, note in sorted(report.notes):
        print(f"{path}: {note}", file=sys.stderr)
    for path in sorted(report.cut_off):
        print(f"{path}: {cut_off(path.name).headline}", file=sys.stderr)


def _unexpected(item: Item) -> Failed:
    return Failed(
        ErrorKind.INTERNAL,
        f"{item.source} could not be read.",
        "Please report this with the file at hand.",
        traceback.format_exc(),
    )

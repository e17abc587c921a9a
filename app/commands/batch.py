"""Many files into a folder of results: resumable, and one bad file does not stop the rest."""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from app.commands.documents import Chosen, DocumentReader
from app.commands.formats import PagePictures, write_document
from app.commands.journal import Fingerprint, Journal, digest
from app.commands.plan import Item
from app.core.cancelled import WorkCancelledError
from app.core.document import Document
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.export import ExportFormat
from app.core.files.disk_space import is_full
from app.core.language import PackSpec
from app.core.reading import Page

_PART = ".part"
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Options:
    """How all files of a run are read. `label` tells runs apart whose results differ."""

    form: ExportFormat
    chosen: Chosen
    label: str
    password: str = ""
    force: bool = False
    pack: PackSpec | None = None


@dataclass(slots=True)
class Report:
    """What became of the files."""

    read: int = 0
    already: int = 0
    failed: list[tuple[Path, Failed]] = field(default_factory=list[tuple[Path, Failed]])
    partly: list[tuple[Path, tuple[str, ...]]] = field(
        default_factory=list[tuple[Path, tuple[str, ...]]]
    )
    unread: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether every page of every file was read."""
        return not (self.failed or self.partly or self.unread)


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
                try:
                    if self._is_done(item):
                        continue
                    if reader not in self._readers:  # A run with nothing left starts none.
                        stack.enter_context(reader)
                        self._readers.append(reader)
                    self._read(item, reader)
                except WorkCancelledError:
                    self._report.unread += 1
                    return
                except OcellusError as error:
                    self._fail(item, error.failed)
                except OSError as error:
                    self._fail(item, _unwritten(item, error))
                except Exception:  # noqa: BLE001 - whatever it was, the other files are read
                    self._fail(item, _unexpected(item))

    def _is_done(self, item: Item) -> bool:
        """Whether an earlier run has finished this. Raises OcellusError for a foreign file."""
        output = _output(item)
        source = Fingerprint.of(item.source)
        record = self._journal.latest(output) if self._journal else None
        if record and (record.source, record.options) == (source, self._options.label):
            part = _part(output)
            if digest(output) != record.sha256 and digest(part) == record.sha256:
                part.replace(output)  # A kill came between the record and the name.
            if digest(output) == record.sha256:
                with self._saying:
                    self._report.already += 1
                    if record.failures:
                        self._report.partly.append((item.source, record.failures))
                return True
        if os.path.lexists(output):
            self._check_ours(item, output)
        return False

    def _check_ours(self, item: Item, output: Path) -> None:
        """Raise OcellusError unless `output` may be written over."""
        with suppress(OSError):
            if output.samefile(item.source):
                raise OcellusError.of(
                    ErrorKind.UNREADABLE,
                    f"The result would take the place of {item.source} itself.",
                    "Choose another folder with -o.",
                )
        if self._options.force and (output.is_file() or output.is_symlink()):
            return
        if self._journal and self._journal.knows(output, digest(output)):
            return
        raise OcellusError.of(
            ErrorKind.UNREADABLE,
            f"{output} is there already and was not written by this command, or changed since.",
            "Move it away, choose another place with -o, or add --force to replace it.",
        )

    def _read(self, item: Item, reader: DocumentReader) -> None:
        output = _output(item)
        part = _part(output)
        source = Fingerprint.of(item.source)
        output.parent.mkdir(parents=True, exist_ok=True)
        document = reader.take(item.source, self._options.password)
        failures: list[str] = []
        try:

            def pages() -> Iterator[Page]:
                for page, failure in read_pages(reader, document, self._options):
                    if failure is not None:
                        failures.append(f"Page {page.number}: {failure.headline}")
                    if sys.stderr.isatty():
                        name, total = item.source.name, document.pages
                        self._say(f"\r{name}: page {page.number} of {total}\033[K", sys.stderr)
                    yield page

            pictures = PagePictures(reader, document, self._options.password)
            missing = self._write(part, pages(), pictures)
            failures += missing
            if self._journal:
                self._journal.add(
                    output, source, self._options.label, digest(part), tuple(failures)
                )
            if not missing:
                part.replace(output)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        finally:
            reader.forget(document)
        with self._saying:
            self._report.read += 1
            if failures:
                self._report.partly.append((item.source, tuple(failures)))
        if not missing:
            self._say(f"{item.source} → {output}\n", sys.stdout)

    def _write(self, part: Path, pages: Iterator[Page], pictures: PagePictures) -> list[str]:
        """Write the result under its passing name; why there is none, if there is none.

        Raises OcellusError and OSError.
        """
        try:
            with part.open("wb") as file:
                write_document(pages, self._options.form, file, pictures)
                file.flush()
                os.fsync(file.fileno())
        except OcellusError as error:
            if error.failed.kind is not ErrorKind.NO_TABLE:
                raise
            # It was read all the same; the next run need not find that out again.
            part.unlink()
            return [error.failed.headline]
        return []

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


def read_pages(
    reader: DocumentReader, document: Document, options: Options
) -> Iterator[tuple[Page, Failed | None]]:
    """The chosen pages with what failed at them. Raises OcellusError if all of them fail."""
    failures = 0
    for read in reader.pages(document, options.chosen, options.password):
        failures += read.failure is not None
        if read.failure is not None and failures == read.total:
            raise OcellusError(read.failure)
        yield read.page, read.failure


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


def _output(item: Item) -> Path:
    if item.output is None:
        raise ValueError(f"{item.source} has no place to go")
    return item.output


def _part(output: Path) -> Path:
    """The passing name of a result while it is written."""
    return output.with_name(f".{output.name}{_PART}")


def _unwritten(item: Item, error: OSError) -> Failed:
    if is_full(error):
        return Failed(
            ErrorKind.DISK_FULL,
            f"The disk is full: {item.output} was not written.",
            "Free some space and run the same command again; it continues where it stopped.",
            str(error),
        )
    return Failed(
        ErrorKind.UNREADABLE,
        f"{item.output} cannot be written.",
        "Check the folder's permissions, and that its drive is there.",
        str(error),
    )


def _unexpected(item: Item) -> Failed:
    return Failed(
        ErrorKind.INTERNAL,
        f"{item.source} could not be read.",
        "Please report this with the file at hand.",
        traceback.format_exc(),
    )

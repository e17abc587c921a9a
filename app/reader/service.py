"""The reader's child: pictures and documents in, clean pictures and their text out."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from app.core.cancelled import WorkCancelledError, check
from app.core.cleaning import clean
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import (
    CropTaken,
    DocumentTaken,
    Event,
    Finished,
    FinishReason,
    PictureRead,
    PictureTaken,
)
from app.core.reading import Reading
from app.core.requests import (
    ReadDocument,
    ReadPicture,
    Request,
    SaveReading,
    TakeCrops,
    TakeDocument,
    TakePage,
    TakePicture,
)
from app.reader.intake.crops import crops
from app.reader.intake.decoding import decode
from app.reader.intake.documents import DocumentIntake
from app.reader.ocr.warm import WarmOcr
from app.reader.saver import ReadingSaver
from app.reader.store import Store, sweep
from app.reader.watch import StuckError

Cancelled = Callable[[], bool]


def make(config: Mapping[str, str]) -> Reader:
    """The service over `config["pictures"]` (the store) and `config["inbox"]`."""
    return Reader(Path(config["pictures"]), Path(config["inbox"]))


class Reader:
    """Takes pictures and documents into the store and reads them."""

    def __init__(self, store: Path, inbox: Path) -> None:
        self._store = Store(store)
        self._inbox = inbox
        self._ocr = WarmOcr()
        self._documents = DocumentIntake(self._store, self._ocr)
        self._saver = ReadingSaver(inbox, self._documents)
        self._store.sweep()
        sweep(inbox, "*")

    def handle(self, request: Request, cancelled: Cancelled) -> Iterator[Event]:
        """Events of one request; the last is `Finished` or `Failed`."""
        try:
            yield from self._events(request, cancelled)
        except WorkCancelledError:
            yield Finished(FinishReason.STOPPED)
        except OcellusError as error:
            yield error.failed
        except StuckError as error:
            _give_up(error)
        except MemoryError:
            yield Failed(
                ErrorKind.OUT_OF_MEMORY,
                "There is not enough memory for this file.",
                "Close other programs, or save it smaller.",
                traceback.format_exc(),
            )
        except Exception:  # noqa: BLE001 - whatever it was, the next request is served
            yield Failed(
                ErrorKind.INTERNAL,
                "The reader failed at this file.",
                "Try again; if it fails again, please report it with the details.",
                traceback.format_exc(),
            )
        else:
            yield Finished()

    def close(self) -> None:
        """Let go of the networks and of open files."""
        self._documents.close()
        self._ocr.close()

    def _events(self, request: Request, cancelled: Cancelled) -> Iterator[Event]:
        match request:
            case TakePicture():
                yield self._take(request, cancelled)
            case ReadPicture():
                yield self._read(request, cancelled)
            case TakeCrops(sha256, boxes, turned):
                parts = crops(self._store.open(sha256), boxes, turned, cancelled)
                for place, part in enumerate(parts):
                    taken = None if part is None else self._store.add(part, f"Part {place + 1}")
                    yield CropTaken(place, taken)
            case TakeDocument():
                yield self._take_document(request, cancelled)
            case TakePage(document, page, password):
                picture = self._documents.picture(document, page, password, cancelled)
                check(cancelled)
                yield PictureTaken(self._store.add(picture, f"{document.name}, page {page}"))
            case ReadDocument(document, pages, password, pack):
                yield from self._documents.read(document, pages, password, cancelled, pack)
            case SaveReading():
                self._saver.save(request, cancelled)
            case _:
                kind = type(request).__name__
                raise OcellusError.of(ErrorKind.INTERNAL, f"The reader does not know {kind}.")

    def _take(self, request: TakePicture, cancelled: Cancelled) -> PictureTaken:
        path = Path(request.path)
        name = _shown(request.name or path.name)
        try:
            check(cancelled)
            decoded = decode(path, name)
            check(cancelled)
            taken = self._store.add(decoded.image, name)
            return PictureTaken(taken, decoded.cut_off, decoded.full)
        finally:
            if request.consume:
                self._consume(path)

    def _take_document(self, request: TakeDocument, cancelled: Cancelled) -> DocumentTaken:
        path = Path(request.path)
        name = _shown(request.name or path.name)
        consume = request.consume
        try:
            check(cancelled)
            return self._documents.take(path, name, request.password, cancelled)
        except OcellusError as error:
            # It will come again with the password.
            consume = consume and error.failed.kind is not ErrorKind.PASSWORD
            raise
        finally:
            if consume:
                self._consume(path)

    def _consume(self, path: Path) -> None:
        """Delete a temporary file, but nothing outside the inbox whatever was asked."""
        try:
            if path.resolve().parent == self._inbox.resolve():
                path.unlink(missing_ok=True)
        except OSError:
            return  # The sweep of a later start removes it.

    def _read(self, request: ReadPicture, cancelled: Cancelled) -> PictureRead:
        page = self._documents.read_picture(request.sha256, cancelled, request.pack)
        check(cancelled)  # A small page can be done before the cancel is looked at.
        return PictureRead(request.sha256, Reading((page,)))


def _shown(name: str) -> str:
    """A file's name as it may stand in a sentence."""
    return clean(name).replace("\n", " ")


def _give_up(error: StuckError) -> NoReturn:
    """End this process: a library's endless work cannot be stopped in another way.

    The window starts another reader.
    """
    print(f"The reader gave up: {error}", file=sys.stderr, flush=True)  # noqa: T201 - to the log
    os._exit(1)

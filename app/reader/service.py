"""The reader's child: pictures in, clean pictures and their text out."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import Event, Finished, FinishReason, PictureRead, PictureTaken
from app.core.reading import Page, Reading
from app.core.requests import ReadPicture, Request, TakePicture
from app.core.text import clean
from app.reader.cancel import Stopped, check
from app.reader.decode import decode
from app.reader.order import ordered
from app.reader.store import Store, sweep
from app.reader.warm import WarmOcr

Cancelled = Callable[[], bool]


def make(config: Mapping[str, str]) -> Reader:
    """The service over `config["pictures"]` (the store) and `config["inbox"]`."""
    return Reader(Path(config["pictures"]), Path(config["inbox"]))


class Reader:
    """Takes pictures into the store and reads them."""

    def __init__(self, store: Path, inbox: Path) -> None:
        self._store = Store(store)
        self._inbox = inbox
        self._ocr = WarmOcr()
        self._store.sweep()
        sweep(inbox, "*")

    def handle(self, request: Request, cancelled: Cancelled) -> Iterator[Event]:
        """Events of one request; the last is `Finished` or `Failed`."""
        try:
            match request:
                case TakePicture():
                    yield self._take(request, cancelled)
                case ReadPicture(sha256):
                    yield self._read(sha256, cancelled)
                case _:
                    kind = type(request).__name__
                    yield Failed(ErrorKind.INTERNAL, f"The reader does not know {kind}.")
                    return
        except Stopped:
            yield Finished(FinishReason.STOPPED)
        except OcellusError as error:
            yield error.failed
        except MemoryError:
            yield Failed(
                ErrorKind.OUT_OF_MEMORY,
                "There is not enough memory for this picture.",
                "Close other programs, or save the picture smaller.",
                traceback.format_exc(),
            )
        except Exception:  # noqa: BLE001 - whatever it was, the next request is served
            yield Failed(
                ErrorKind.INTERNAL,
                "The reader failed at this picture.",
                "Try again; if it fails again, please report it with the details.",
                traceback.format_exc(),
            )
        else:
            yield Finished()

    def close(self) -> None:
        """Let go of the networks."""
        self._ocr.close()

    def _take(self, request: TakePicture, cancelled: Cancelled) -> PictureTaken:
        path = Path(request.path)
        name = clean(request.name or path.name).replace("\n", " ")
        try:
            check(cancelled)
            image = decode(path, name)
            check(cancelled)
            return PictureTaken(self._store.add(image, name))
        finally:
            if request.consume:
                self._consume(path)

    def _consume(self, path: Path) -> None:
        """Delete a temporary file, but nothing outside the inbox whatever was asked."""
        try:
            if path.resolve().parent == self._inbox.resolve():
                path.unlink(missing_ok=True)
        except OSError:
            return  # The sweep of a later start removes it.

    def _read(self, sha256: str, cancelled: Cancelled) -> PictureRead:
        picture = self._store.open(sha256)
        check(cancelled)
        lines = self._ocr.get(cancelled).read(picture, cancelled)
        page = Page(picture.width, picture.height, ordered(lines))
        return PictureRead(sha256, Reading((page,)))

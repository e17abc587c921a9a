"""A reader whose files are scripts: nothing is decoded, the words of a file say what happens."""

import faulthandler
import hashlib
import io
import os
import signal
import time
from pathlib import Path

from PIL import Image, ImageDraw

from app.core.conversation import Picture
from app.core.document import Document, DocumentKind
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import (
    DocumentTaken,
    Finished,
    FinishReason,
    PageRead,
    PictureRead,
    PictureTaken,
)
from app.core.geometry import Box
from app.core.pictures import picture_path
from app.core.reading import Block, Line, Page, Reading
from app.core.requests import ReadDocument, ReadPicture, TakeDocument, TakePage, TakePicture


class PuppetReader:
    """Each line of a file is a line of text in the picture. These words do something else:

    - "bad": not a picture
    - "slow": takes 0.4 s to be taken
    - "slow text": takes 0.4 s to be read
    - "die once": kills the process, the first time
    - "abort": a crash in native code, each time; "stopped": nothing moves any more
    - "unreadable": no text can be found
    - "forged": a picture with an impossible name
    - "cut off": a file that ended early
    - "faint …": a line that is no more than a guess

    A document's script begins with "%PDF-" and has its pages parted by "---" lines; a first
    line "%PDF-secret" asks for that password. Its pages become real pictures, twice as large
    as what is read of them. On a page "slow text" means 0.4 s, "unreadable" that it fails,
    "missing" that there is no picture of it, "deadly" that reading it kills the process.
    """

    def __init__(self, store):
        self._store = store

    def handle(self, request, cancelled):
        match request:
            case TakePicture(path, name, consume):
                yield self._take(Path(path), name, consume)
            case ReadPicture(sha256):
                yield self._read(sha256, cancelled)
            case TakeDocument(path, name, password, consume):
                yield self._take_document(Path(path), name, password, consume)
            case TakePage(document, page, password):
                yield self._take_page(document, page, password)
            case ReadDocument(document, pages, password):
                yield from self._read_pages(document, pages, password, cancelled)
        yield Finished(FinishReason.STOPPED if cancelled() else FinishReason.END)

    def _take(self, path, name, consume):
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        kept = picture_path(self._store, sha256)
        words = data.decode()
        if words == "bad":
            raise OcellusError.of(ErrorKind.NOT_A_PICTURE, f"“{name}” is not a picture.")
        if words == "slow":
            time.sleep(0.4)
        if words.startswith("abort"):
            faulthandler.disable()
            os.abort()
        if words == "stopped":
            os.kill(os.getpid(), signal.SIGSTOP)
        if words == "die once" and not kept.with_suffix(".died").exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.with_suffix(".died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
        if consume:
            path.unlink()
        picture = Picture("../x" if words == "forged" else sha256, 20, 10, "other")
        return PictureTaken(picture, words == "cut off")

    def _read(self, sha256, cancelled):
        words = picture_path(self._store, sha256).read_text("utf-8")
        if words == "slow text":
            wait(0.4, cancelled)
        if words == "unreadable":
            raise OcellusError.of(ErrorKind.UNREADABLE, "The text could not be read.")
        lines = tuple(
            Line(line, Box(0, 10 * row, 20, 10 * row + 9), 0.3 if "faint" in line else 0.95)
            for row, line in enumerate(words.splitlines())
        )
        return PictureRead(sha256, Reading((Page(20, 10, (Block(lines),)),)))

    def _take_document(self, path, name, password, consume):
        data = path.read_bytes()
        if data == b"bad":
            path.unlink()
            raise OcellusError.of(ErrorKind.NOT_A_PICTURE, f"“{name}” is not a PDF.")
        sha256 = hashlib.sha256(data).hexdigest()
        kept = self._store / f"{sha256}.script"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
        pages = self._pages(sha256, password)
        if consume:
            path.unlink()
        return DocumentTaken(Document(sha256, DocumentKind.PDF, len(pages), "other"))

    def _pages(self, sha256, password):
        first, words = (self._store / f"{sha256}.script").read_text("utf-8").split("\n", 1)
        if first not in ("%PDF-", f"%PDF-{password}"):
            raise OcellusError.of(ErrorKind.PASSWORD, "The document is locked with a password.")
        return words.split("\n---\n")

    def _take_page(self, document, page, password):
        words = self._pages(document.sha256, password)[page - 1]
        if words == "missing":
            raise OcellusError.of(ErrorKind.BAD_DOCUMENT, f"Page {page} cannot be opened.")
        image = Image.new("RGB", (400, 560), "white")
        ImageDraw.Draw(image).text((20, 20), words, fill="black")
        out = io.BytesIO()
        image.save(out, "PNG")
        sha256 = hashlib.sha256(out.getvalue()).hexdigest()
        kept = picture_path(self._store, sha256)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(out.getvalue())
        return PictureTaken(Picture(sha256, 400, 560, "other"))

    def _read_pages(self, document, numbers, password, cancelled):
        pages = self._pages(document.sha256, password)
        numbers = numbers or tuple(range(1, len(pages) + 1))
        for done, number in enumerate(numbers, 1):
            words = pages[number - 1]
            if "slow text" in words:
                wait(0.4, cancelled)
            if cancelled():
                return
            lines = tuple(
                Line(line, Box(10, 10 + 20 * row, 190, 28 + 20 * row), 0.95)
                for row, line in enumerate(words.splitlines())
            )
            if words == "deadly":
                os.kill(os.getpid(), signal.SIGKILL)
            failure = None
            if words == "unreadable":
                lines, failure = (), Failed(ErrorKind.UNREADABLE, "The page could not be read.")
            page = Page(200, 280, (Block(lines),), number)
            yield PageRead(document.sha256, page, done, len(numbers), failure)

    def close(self):
        pass


def wait(seconds, cancelled):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not cancelled():
        time.sleep(0.01)


def make(config):
    return PuppetReader(Path(config["pictures"]))

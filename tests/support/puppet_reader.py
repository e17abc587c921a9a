"""A reader whose files are scripts: nothing is decoded, the words of a file say what happens."""

import hashlib
import os
import signal
import time
from pathlib import Path

from app.core.conversation import Picture
from app.core.errors import ErrorKind, OcellusError
from app.core.events import Finished, FinishReason, PictureRead, PictureTaken
from app.core.pictures import picture_path
from app.core.reading import Block, Box, Line, Page, Reading
from app.core.requests import ReadPicture, TakePicture


class PuppetReader:
    """Each line of a file is a line of text in the picture. These words do something else:

    - "bad": not a picture
    - "slow": takes 0.4 s to be taken
    - "slow text": takes 0.4 s to be read
    - "die once": kills the process, the first time
    - "unreadable": no text can be found
    - "forged": a picture with an impossible name
    - "faint …": a line that is no more than a guess
    """

    def __init__(self, store):
        self._store = store

    def handle(self, request, cancelled):
        match request:
            case TakePicture(path, name, consume):
                yield self._take(Path(path), name, consume)
            case ReadPicture(sha256):
                yield self._read(sha256, cancelled)
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
        if words == "die once" and not kept.with_suffix(".died").exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.with_suffix(".died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
        if consume:
            path.unlink()
        return PictureTaken(Picture("../x" if words == "forged" else sha256, 20, 10, "other"))

    def _read(self, sha256, cancelled):
        words = picture_path(self._store, sha256).read_text("utf-8")
        if words == "slow text":
            end = time.monotonic() + 0.4
            while time.monotonic() < end and not cancelled():
                time.sleep(0.01)
        if words == "unreadable":
            raise OcellusError.of(ErrorKind.UNREADABLE, "The text could not be read.")
        lines = tuple(
            Line(line, Box(0, 10 * row, 20, 10 * row + 9), 0.3 if "faint" in line else 0.95)
            for row, line in enumerate(words.splitlines())
        )
        return PictureRead(sha256, Reading((Page(20, 10, (Block(lines),)),)))

    def close(self):
        pass


def make(config):
    return PuppetReader(Path(config["pictures"]))

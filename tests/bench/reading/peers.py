"""The three that read: Ocellus by its own reader, Tesseract, and RapidOCR as it comes."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.events import PictureRead, PictureTaken
from app.core.reading import BlockKind, Reading
from app.core.requests import ReadPicture, TakePicture
from app.reader.ocr.onnx import cores
from app.reader.service import make

Rows = list[list[str]]
MISSING_TESSERACT = "Tesseract is not installed. On Debian or Ubuntu: apt-get install tesseract-ocr"
MISSING_RAPIDOCR = (
    "RapidOCR's own code lacks packages ({}). Install what requirements/dev.txt lists."
)


@dataclass(frozen=True)
class Answer:
    """What a reader made of a picture: its text, and the tables that it found."""

    text: str
    tables: tuple[Rows, ...] = ()


Peer = Callable[[Path], Answer]


class Ocellus:
    """The reader's service, in this process, over a store of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        for name in ("pictures", "inbox"):
            (folder / name).mkdir()
        self._reader = make({"pictures": str(folder / "pictures"), "inbox": str(folder / "inbox")})

    def take(self, path: Path) -> str:
        """Put a picture into the store; its hash."""
        taken = self._event(TakePicture(str(path)), PictureTaken)
        return taken.picture.sha256

    def reading(self, sha256: str) -> Reading:
        """What the reader found, with its confidence."""
        return self._event(ReadPicture(sha256), PictureRead).reading

    def read(self, sha256: str) -> Answer:
        reading = self.reading(sha256)
        return Answer(reading.text, _tables(reading))

    def __call__(self, path: Path) -> Answer:
        return self.read(self.take(path))

    def close(self) -> None:
        self._reader.close()

    def _event(self, request, kind):
        events = list(self._reader.handle(request, lambda: False))
        for event in events:
            if isinstance(event, kind):
                return event
        raise RuntimeError(f"The reader answered {events[-1]}.")


def _tables(reading: Reading) -> tuple[Rows, ...]:
    tables: list[Rows] = []
    for page in reading.pages:
        for block in page.blocks:
            if block.kind is not BlockKind.TABLE or not block.cells:
                continue
            height = 1 + max(cell.row for cell in block.cells)
            width = 1 + max(cell.column for cell in block.cells)
            rows = [[""] * width for _ in range(height)]
            for cell in block.cells:
                rows[cell.row][cell.column] = cell.text
            tables.append(rows)
    return tuple(tables)


def tesseract() -> Peer:
    """Debian's program with its plain page segmentation. Raises RuntimeError if missing."""
    program = shutil.which("tesseract")
    if program is None:
        raise RuntimeError(MISSING_TESSERACT)
    environment = {**os.environ, "OMP_THREAD_LIMIT": str(cores())}

    def read(path: Path) -> Answer:
        done = subprocess.run(
            [program, str(path), "stdout", "--psm", "3", "-l", "eng"],
            capture_output=True, text=True, encoding="utf-8", check=True, env=environment,
        )  # fmt: skip
        return Answer(done.stdout)

    return read


def rapidocr() -> Peer:
    """RapidOCR's own pipeline, on as many threads as Ocellus. Raises RuntimeError if missing."""
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise RuntimeError(MISSING_RAPIDOCR.format(error)) from error
    pipeline = RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": cores(),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "critical",
        }
    )

    def read(path: Path) -> Answer:
        return Answer("\n".join(pipeline(str(path)).txts or ()))

    return read

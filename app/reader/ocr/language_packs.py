"""Language packs: recognition models that were fetched, read with beside the bundled one."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from app.core.errors import ErrorKind, OcellusError
from app.core.language import PackSpec
from app.reader.ocr.detection import Colour
from app.reader.ocr.onnx import Array, Session, Team
from app.reader.ocr.quads import Quad
from app.reader.ocr.recognition import RecognisedLine, Recogniser

_TRIAL = (1, 3, 48, 320)


class PackRecogniser:
    """Reads lines with a pack, and those that hold nothing of its script with the bundled model.

    The confidences of two models are no measure of which of them is right: the
    bundled one is sure of "MOCKBA" where Moscow is written in Cyrillic letters.
    So whoever chose the pack has decided for its script. For all the rest the
    bundled model, which knows far more letters, answers as ever.
    """

    def __init__(self, bundled: Recogniser, team: Team, spec: PackSpec) -> None:
        """Open the pack. Raises OcellusError."""
        self._bundled = bundled
        self._pack = Recogniser(team, opened(spec))
        self._script = spec.script

    def read(
        self,
        image: Array,
        quads: Sequence[Quad],
        ground: Colour,
        cancelled: Callable[[], bool],
        turn: int | None = None,
    ) -> list[RecognisedLine]:
        """As `Recogniser.read`. Raises WorkCancelledError."""
        answers = self._pack.read(image, quads, ground, cancelled, turn)
        foreign = [
            index for index, answer in enumerate(answers) if not _has(self._script, answer.text)
        ]
        others = [quads[index] for index in foreign]
        read = self._bundled.read(image, others, ground, cancelled, turn)
        for index, answer in zip(foreign, read, strict=True):
            answers[index] = answer
        return answers

    def rest(self) -> None:
        """Give working memory back until the next page."""
        self._bundled.rest()
        self._pack.rest()


def opened(spec: PackSpec) -> Session:
    """The network in a pack's file, which is as published and reads lines. Raises OcellusError.

    The file is compared before any of it is interpreted, and what is then
    interpreted are the very bytes that were compared.
    """
    try:
        path = Path(spec.path)
        if path.stat().st_size != spec.size:
            raise _changed(spec, "another size")
        data = path.read_bytes()
    except OSError as error:
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            f"The language pack “{spec.title}” cannot be read from this disk.",
            "Download it again, or choose another language.",
            str(error),
        ) from error
    if hashlib.sha256(data).hexdigest() != spec.sha256:
        raise _changed(spec, "another SHA-256")
    try:
        session = Session(data)
        _check(session, spec)
    except MemoryError:
        raise
    except Exception as error:
        # onnxruntime has a dozen kinds of its own, none of which a person can do more about.
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            f"The language pack “{spec.title}” is not a model that Ocellus can read with.",
            "Choose another language; removing this pack loses nothing.",
            str(error),
        ) from error
    return session


def _check(session: Session, spec: PackSpec) -> None:
    """Raises ValueError and what onnxruntime raises unless it turns a line into characters."""
    characters = session.metadata("character").splitlines()
    if not any(_has(spec.script, text) for text in characters):
        raise ValueError(f"no letters of {spec.script}")
    output = session.run(np.zeros(_TRIAL, np.float32))
    columns = _TRIAL[3] // 2
    if output.ndim != 3 or output.shape[0] != 1 or not 0 < output.shape[1] <= columns:
        raise ValueError(f"output of shape {output.shape}")
    # Class 0 is "no character"; the last is the space that the list lacks.
    if output.shape[2] != len(characters) + 2:
        raise ValueError(f"{output.shape[2]} classes for {len(characters)} characters")


def _has(script: str, text: str) -> bool:
    """Whether a letter of this script is in a text."""
    return any(unicodedata.name(one, "").startswith(script) for one in text)


def _changed(spec: PackSpec, detail: str) -> OcellusError:
    return OcellusError.of(
        ErrorKind.BAD_CHECKPOINT,
        f"The file of the language pack “{spec.title}” is not as it was published.",
        "Remove it and download it again.",
        f"{spec.path}: {detail}",
    )

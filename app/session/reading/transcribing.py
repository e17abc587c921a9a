"""“Read with LLaVA”: the model writes out a picture crop by crop, beside the reader."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence
from contextlib import ExitStack, aclosing
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.core.cancelled import WorkCancelledError
from app.core.cleaning import clean
from app.core.conversation import Ask, Picture, Role, Sampling, Turn
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import CropTaken, Finished, FinishReason, Loading, Ready, Text
from app.core.model import ModelSpec
from app.core.reading import Reading
from app.core.requests import GenerateAnswer, TakeCrops
from app.core.words.hashes import is_sha256
from app.session.chat.chat import Chat
from app.session.models.models import Models
from app.session.reading.comparisons import Comparisons, words_of
from app.session.reading.preemptible import Preemptible
from app.session.reading.readings import Readings
from app.session.reading.transcription import Transcription, TranscriptionProgress
from app.text.comparison import Difference, differences, is_of_another_text
from app.text.regions import Region, halves, regions
from app.text.repeats import Repeats
from app.workers.remote import Remote
from app.workers.request_result import follow

INSTRUCTION = (
    "Write out all the text in this picture, word for word and line by line. Write nothing else."
)
_MOST_TOKENS, _LEAST_TOKENS = 1024, 64


class Transcribing(QObject):
    """Has pictures written out, region by region; what differs goes to the comparisons.

    The engine is the chat's: while a question is asked, the region under way
    is given up and begun anew afterwards. What is done stays done when it is
    cancelled, or the engine dies; beginning again goes on from there.
    """

    progressed = Signal(str)  # sha256
    cropTaken = Signal(Picture)  # stored for the model alone

    def __init__(
        self,
        engine: Remote,
        reader: Remote,
        readings: Readings,
        comparisons: Comparisons,
        models: Models,
        chat: Chat,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._reader = reader
        self._readings = readings
        self._comparisons = comparisons
        self._models = models
        self._chat = chat
        self._runs: dict[str, Transcription] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turns = Preemptible()
        self._aside: ExitStack | None = None
        chat.stateChanged.connect(self._give_way)
        models.changed.connect(self._model_changed)
        readings.forgotten.connect(self._read_anew)

    def progress(self, sha256: str) -> TranscriptionProgress:
        """How far it is with this picture."""
        running = sha256 in self._tasks
        run = self._runs.get(sha256)
        if run is None:
            return TranscriptionProgress(running=running)
        return run.progress(running=running, waiting=running and self._aside is not None)

    def start(self, picture: Picture) -> None:
        """Begin, or go on where it was left; a picture that was done is begun anew."""
        model = self._models.current
        if picture.sha256 in self._tasks or model is None:
            return
        if self._engine.state.can_restart:
            self._engine.restart()
        self._give_way()
        task = asyncio.create_task(self._run(picture, model))
        self._tasks[picture.sha256] = task
        # Not in the task: one that is cancelled before its first step would not get there.
        task.add_done_callback(lambda _: self._ended(picture.sha256))
        self.progressed.emit(picture.sha256)

    def cancel(self, sha256: str) -> None:
        """Stop; what is done stays."""
        if (task := self._tasks.get(sha256)) is not None:
            task.cancel()

    async def close(self) -> None:
        """Let go of everything that is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, picture: Picture, model: ModelSpec) -> None:
        run: Transcription | None = None
        try:
            run = await self._begun(picture, model)
            await self._read_all(run)
        except WorkCancelledError:
            pass  # The reader is being closed.
        except OcellusError as error:
            self._fail(picture, model, error.failed)
        except Exception:  # noqa: BLE001 - a fault of ours must not leave it running for ever
            failed = Failed(
                ErrorKind.INTERNAL,
                "Something went wrong while the model was reading.",
                "Try once more. If it happens again, please report it with the details.",
                traceback.format_exc(),
            )
            self._fail(picture, model, failed)

    async def _begun(self, picture: Picture, model: ModelSpec) -> Transcription:
        reading = await self._readings.read(picture)
        original = self._comparisons.original(picture.sha256, reading)
        run = self._runs.get(picture.sha256)
        if run is None or run.original != original or len(run.done) == len(run.parts):
            parts = regions(words_of(original, picture), picture.width, picture.height)
            run = self._runs[picture.sha256] = Transcription(picture, model, original, parts)
        run.model, run.failed = model, None
        return run

    async def _read_all(self, run: Transcription) -> None:
        todo = [place for place in range(len(run.parts)) if place not in run.done]
        missing = [place for place in todo if place not in run.crops]
        self.progressed.emit(run.picture.sha256)
        taken = await self._crops(run, [run.parts[place] for place in missing])
        run.crops.update(zip(missing, taken, strict=True))
        for place in todo:
            crop = run.crops[place]
            if crop is not None:
                await self._read_part(run, place, crop)
            run.done.add(place)
            self.progressed.emit(run.picture.sha256)

    async def _read_part(self, run: Transcription, place: int, crop: Picture) -> None:
        part = run.parts[place]
        whole = await self._found(run, part, crop)
        found, kept = list[Difference](whole or ()), set[int]()
        if whole is None:
            # Another crop is another picture to the model, and mostly ends the loop.
            smaller = halves(part, run.picture.width, run.picture.height)
            for half, half_crop in zip(smaller, await self._crops(run, smaller), strict=True):
                again = None if half_crop is None else await self._found(run, half, half_crop)
                if again is None:
                    kept.update(row[0].line for row in half.rows)
                else:
                    found += again
        if kept:
            run.kept[place] = frozenset(kept)
        words = {(token.line, token.begin) for token in part.owned}
        self._comparisons.add(run.picture.sha256, words, found)

    async def _found(
        self, run: Transcription, part: Region, crop: Picture
    ) -> list[Difference] | None:
        """Where the model reads this part differently; None where it cannot read it."""
        read = await self._turns.run(lambda: self._attempt(run, part, crop))
        if read is None:
            return None
        text, is_cut_off = read
        if is_of_another_text(part, text):
            return None
        return list(differences(part, text, is_cut_off=is_cut_off))

    async def _attempt(
        self, run: Transcription, part: Region, crop: Picture
    ) -> tuple[str, bool] | None:
        """The model's text, and whether it ends early; None for a loop. Raises OcellusError."""
        turn = Turn(Role.PERSON, INSTRUCTION, (crop,))
        most = max(_LEAST_TOKENS, min(_MOST_TOKENS, _LEAST_TOKENS + len(part.text)))
        request = GenerateAnswer(Ask(run.model, (turn,), Sampling(max_new_tokens=most)))
        repeats, pieces = Repeats(part.text), list[str]()
        try:
            async with aclosing(follow(self._engine, request)) as events:
                async for event in events:
                    match event:
                        case Loading() | Ready():
                            self._models.follow(event)
                        case Text(piece):
                            pieces.append(piece)
                            if repeats.add(piece):
                                # Leaving the stream cancels this one request.
                                return None
                        case Finished(reason):
                            return clean("".join(pieces)), reason is FinishReason.LENGTH
                        case _:
                            pass
        except WorkCancelledError as error:
            raise OcellusError.of(
                ErrorKind.CHILD_DIED,
                "The engine was stopped.",
                "Press “Read with LLaVA” to continue.",
            ) from error
        except OcellusError as error:
            if error.failed.kind is not ErrorKind.TOO_LONG:
                raise
        return None

    async def _crops(self, run: Transcription, parts: Sequence[Region]) -> list[Picture | None]:
        """The parts as pictures of their own; None for those with nothing in them."""
        if not parts:
            return []
        taken: list[Picture | None] = [None] * len(parts)
        turned = run.original.pages[0].turned
        request = TakeCrops(run.picture.sha256, tuple(part.box for part in parts), turned)
        with self._readings.stepping_aside():
            async with aclosing(follow(self._reader, request)) as events:
                async for event in events:
                    match event:
                        case CropTaken(place, Picture() as crop) if 0 <= place < len(parts):
                            if not is_sha256(crop.sha256):
                                raise OcellusError.of(
                                    ErrorKind.INTERNAL, "The reader returned no picture."
                                )
                            taken[place] = replace(crop, name="")
                            self.cropTaken.emit(crop)
                        case _:
                            pass
        return taken

    def _fail(self, picture: Picture, model: ModelSpec, failed: Failed) -> None:
        run = self._runs.get(picture.sha256)
        if run is None:
            run = self._runs[picture.sha256] = Transcription(picture, model, Reading(()), ())
        run.failed = failed

    def _ended(self, sha256: str) -> None:
        del self._tasks[sha256]
        self.progressed.emit(sha256)

    def _give_way(self, *_news: object) -> None:
        """A question goes first, from its sending to its answer's end."""
        if self._chat.state.busy and self._aside is None:
            self._aside = ExitStack()
            self._aside.enter_context(self._turns.stepping_aside())
        elif not self._chat.state.busy and self._aside is not None:
            self._aside.close()
            self._aside = None
        else:
            return
        for sha256 in self._tasks:
            self.progressed.emit(sha256)

    def _model_changed(self, *_news: object) -> None:
        """To go on would load the model again that the person has just left."""
        for sha256 in list(self._tasks):
            run = self._runs.get(sha256)
            if run is not None and run.model != self._models.current:
                run.failed = Failed(
                    ErrorKind.NO_CHECKPOINT,
                    "Another model was chosen, so this one stopped reading.",
                    "Press “Read with LLaVA” to continue with the new one.",
                )
                self.cancel(sha256)

    def _read_anew(self) -> None:
        """The text that it is compared with is no longer there."""
        for sha256 in list(self._tasks):
            self.cancel(sha256)

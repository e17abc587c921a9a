"""The engine: at most one model in memory, and what is asked of it."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import Event, Finished, FinishReason, Ready
from app.core.model import ModelSpec
from app.core.requests import GenerateAnswer, LoadModel, Request, UnloadModel
from app.engine.convert.saving import QuantisedSaver
from app.engine.failures import describe, free_memory
from app.engine.llava import Llava
from app.engine.loading.loader import load
from app.engine.vision.features import Views

_DEVICE_FAULT_EXIT = 70


class Engine:
    """At most one model in memory; it stays there between requests."""

    def __init__(
        self,
        store: Path,
        end_process: Callable[[int], object] = os._exit,
        models: Path | None = None,
    ) -> None:
        self._store = store
        self._end_process = end_process
        self._llava: Llava | None = None
        self._views: Views = OrderedDict()
        self._saver = QuantisedSaver(models)

    @property
    def llava(self) -> Llava | None:
        """The model in memory."""
        return self._llava

    @property
    def saver(self) -> QuantisedSaver:
        """What saves a model in 4 bits after its first load."""
        return self._saver

    def handle(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Event]:
        """LoadModel: Loading, Ready, Finished. UnloadModel: Finished.

        Answer: as LoadModel if need be, then the answer.
        """
        last: Finished | Failed | None = None
        try:
            with self._saver.resting():
                yield from self._work(request, cancelled)
        except WorkCancelledError:
            last = Finished(FinishReason.STOPPED)
        except Exception as error:  # noqa: BLE001 - torch raises all kinds; each gets its words
            last = describe(error)
        if last is None:
            return
        self._recover()
        if isinstance(last, Failed) and last.kind is ErrorKind.DEVICE:
            try:
                yield last
            finally:
                # Nothing works any more in a process whose card has failed. It ends once the
                # words are out, and its successor starts with a clean card.
                self._end_process(_DEVICE_FAULT_EXIT)
        yield last

    def close(self) -> None:
        """Let go of the model."""
        self._saver.stop()
        self._llava = None
        free_memory()

    def _work(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Event]:
        match request:
            case LoadModel(model):
                llava = self._current(model)
                if llava is not None:
                    yield _ready(llava)
                else:
                    yield from self._load(model, cancelled)
                yield Finished()
            case UnloadModel():
                self.close()
                yield Finished()
            case GenerateAnswer(ask):
                llava = self._current(ask.model) or (yield from self._load(ask.model, cancelled))
                yield from llava.answer(ask, cancelled)
            case _:
                raise OcellusError.of(
                    ErrorKind.INTERNAL,
                    "The engine was asked for something that it does not do.",
                    "Please report this with the details.",
                    type(request).__name__,
                )

    def _current(self, model: ModelSpec) -> Llava | None:
        if self._llava is not None and self._llava.loaded.spec == model:
            return self._llava
        return None

    def _load(
        self, model: ModelSpec, cancelled: Callable[[], bool]
    ) -> Generator[Event, None, Llava]:
        # The old model first: the two together may not fit.
        self.close()
        loaded = yield from load(model, cancelled)
        self._llava = Llava(loaded, self._store, self._views)
        yield _ready(self._llava)
        self._saver.start(loaded)
        return self._llava

    def _recover(self) -> None:
        if self._llava is not None:
            self._llava.forget()
        free_memory()


def _ready(llava: Llava) -> Ready:
    loaded = llava.loaded
    return Ready(loaded.spec.id, loaded.device.type, loaded.memory)

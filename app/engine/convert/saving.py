"""The 4-bit form is saved while nobody asks anything."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.core.cancelled import WorkCancelledError
from app.core.errors import OcellusError
from app.engine.convert.quantising import clear, is_worth_saving, save_four_bit
from app.engine.loading.loader import Loaded

_LOG = logging.getLogger(__name__)


class QuantisedSaver:
    """A thread that works only between requests: no answer waits for it.

    It saves what lies in the folder `models`: elsewhere the files are the person's own.
    What goes wrong is logged and changes nothing: the model is loaded from its
    original then, as it was before.
    """

    def __init__(self, models: Path | None = None) -> None:
        self._models = models
        self._may_work = threading.Event()
        self._may_work.set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, loaded: Loaded) -> None:
        """Save `loaded` in 4 bits where that is worth it."""
        self.stop()
        checkpoint = loaded.checkpoint
        if checkpoint is None or not loaded.spec.four_bit or not self._is_ours(checkpoint.folder):
            return
        dtype, device = loaded.model.dtype, loaded.device

        def run() -> None:
            try:
                self._check()
                clear(checkpoint.folder)
                if is_worth_saving(checkpoint):
                    save_four_bit(checkpoint, dtype, device, self._check)
            except WorkCancelledError:
                pass
            except (OSError, RuntimeError, MemoryError, OcellusError) as error:
                _LOG.warning("The model was not saved in 4 bits: %s", error)

        self._stop.clear()
        self._thread = threading.Thread(target=run, name="save", daemon=True)
        self._thread.start()

    @contextmanager
    def resting(self) -> Generator[None, None, None]:
        """Do nothing until the block is left."""
        self._may_work.clear()
        try:
            yield
        finally:
            self._may_work.set()

    def wait(self, seconds: float | None = None) -> None:
        """Return once there is nothing left to save."""
        if self._thread is not None:
            self._thread.join(seconds)

    def stop(self) -> None:
        """Give the work up; what was written of it goes."""
        self._stop.set()
        self.wait()
        self._thread = None

    def _is_ours(self, folder: Path) -> bool:
        return self._models is not None and folder.resolve().parent == self._models.resolve()

    def _check(self) -> None:
        while not self._may_work.wait(0.1):
            if self._stop.is_set():
                break
        if self._stop.is_set():
            raise WorkCancelledError

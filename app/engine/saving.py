"""The 4-bit form is saved while nobody asks anything."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import OcellusError
from app.engine.loading import Loaded
from app.engine.quantising import is_worth_saving, save_four_bit
from app.engine.stopping import StoppedError

_LOG = logging.getLogger(__name__)


class Saver:
    """A thread that works only between requests: no answer waits for it.

    What goes wrong is logged and changes nothing: the model is loaded from its
    original then, as it was before.
    """

    def __init__(self) -> None:
        self._may_work = threading.Event()
        self._may_work.set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, loaded: Loaded) -> None:
        """Save `loaded` in 4 bits where that is worth it."""
        self.stop()
        checkpoint = loaded.checkpoint
        if checkpoint is None or not loaded.spec.four_bit or checkpoint.is_quantised:
            return
        dtype, device = loaded.model.dtype, loaded.device

        def run() -> None:
            try:
                self._check()
                if is_worth_saving(checkpoint):
                    save_four_bit(checkpoint, dtype, device, self._check)
            except StoppedError:
                pass
            except (OSError, RuntimeError, MemoryError, OcellusError) as error:
                _LOG.warning("The model was not saved in 4 bits: %s", error)

        self._stop.clear()
        self._thread = threading.Thread(target=run, name="save", daemon=True)
        self._thread.start()

    @contextmanager
    def resting(self) -> Iterator[None]:
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

    def _check(self) -> None:
        while not self._may_work.wait(0.1):
            if self._stop.is_set():
                break
        if self._stop.is_set():
            raise StoppedError

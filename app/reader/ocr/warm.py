"""The networks, loaded in the child's idle time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from app.core.cancelled import check

if TYPE_CHECKING:
    from app.reader.ocr.picture_text import Ocr

_POLL_SECONDS = 0.05


class WarmOcr:
    """An `Ocr` that a thread begins to load at once.

    The imports take half a second, which the first picture need not wait for:
    decoding uses none of them.
    """

    def __init__(self) -> None:
        self._loaded: Future[Ocr] = Future()
        self._thread = threading.Thread(target=self._load, name="reader-warm-up", daemon=True)
        self._thread.start()

    def get(self, cancelled: Callable[[], bool]) -> Ocr:
        """The networks, once they are there. Raises what loading raised, or WorkCancelledError."""
        while not self._loaded.done():
            check(cancelled)
            self._thread.join(_POLL_SECONDS)
        return self._loaded.result()

    def rest(self) -> None:
        """Have the networks give working memory back, if they are there."""
        if self._loaded.done() and self._loaded.exception() is None:
            self._loaded.result().rest()

    def close(self) -> None:
        """Wait for the loading to end, then let go."""
        self._thread.join()
        if self._loaded.exception() is None:
            self._loaded.result().close()

    def _load(self) -> None:
        try:
            # Here, so that starting the child and taking a picture need neither.
            from app.reader.ocr.picture_text import Ocr  # noqa: PLC0415

            self._loaded.set_result(Ocr())
        except BaseException as error:  # noqa: BLE001 - told to whoever asks for a reading
            self._loaded.set_exception(error)

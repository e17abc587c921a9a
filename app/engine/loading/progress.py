"""How far the loading of a model is, told while it goes on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from transformers.utils import logging

from app.core.cancelled import WorkCancelledError
from app.core.errors import OcellusError
from app.core.events import Loading, Stage
from app.engine.failures import bad_checkpoint

T = TypeVar("T")

# Called with (done, total) weights.
Report = Callable[[int, int], None]


@contextmanager
def reporting(report: Report) -> Generator[None, None, None]:
    """Have transformers report its weights instead of drawing a bar."""
    previous = logging.set_tqdm_hook(
        lambda _factory, arguments, _options: _Progress(arguments, report)
    )
    try:
        yield
    finally:
        logging.set_tqdm_hook(previous)


def in_thread(
    work: Callable[[Report], T], cancelled: Callable[[], bool]
) -> Generator[Loading, None, T]:
    """Run `work` in a thread of its own, yielding what it reports; returns its result.

    `work` is stopped at its next report once `cancelled`, or once the generator
    is closed. Raises WorkCancelledError then, and OcellusError for what `work` raises.
    """
    reports: queue.SimpleQueue[Loading | None] = queue.SimpleQueue()
    abandoned = threading.Event()
    result: list[T] = []
    errors: list[BaseException] = []

    def report(done: int, total: int) -> None:
        if abandoned.is_set() or cancelled():
            raise WorkCancelledError
        reports.put(Loading(Stage.READING_WEIGHTS, done, total))

    def run() -> None:
        try:
            result.append(work(report))
        except BaseException as error:  # noqa: BLE001 - raised again where the caller sees it
            errors.append(error)
        finally:
            reports.put(None)

    thread = threading.Thread(target=run, name="load", daemon=True)
    thread.start()
    try:
        while (loading := reports.get()) is not None:
            yield loading
    finally:
        abandoned.set()
        thread.join()
    if not errors:
        return result.pop()
    error = errors.pop()
    try:
        if isinstance(error, WorkCancelledError):
            raise WorkCancelledError
        raise OcellusError(bad_checkpoint(error))
    finally:
        # Its frames hold half a model.
        del error


class _Progress:
    """Stands in for transformers' progress bar: tells a callback instead of the terminal."""

    def __init__(self, arguments: tuple[Any, ...], report: Report) -> None:
        self._items = arguments[0] if arguments else ()
        self._report = report

    def __iter__(self) -> Iterator[Any]:
        items = list(self._items)
        for done, item in enumerate(items):
            self._report(done, len(items))
            yield item
        self._report(len(items), len(items))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_arguments, **_options: None

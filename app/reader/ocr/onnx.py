"""Sessions of onnxruntime for RapidOCR's models, and the threads that run them."""

# onnxruntime comes without types.
# pyright: basic

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import onnxruntime

from app.core.cancelled import check
from app.core.errors import ErrorKind, OcellusError

DETECTION = "PP-OCRv6_det_small.onnx"
RECOGNITION = "PP-OCRv6_rec_small.onnx"

# A tile takes 110 MB while it is looked at: with eight cores they alone would be 0.9 GB.
_FRUGAL_RUNS = 4
# Cancellation is promised within 200 ms, and a tile or a long line may take longer than that.
_POLL_SECONDS = 0.02

Array = np.ndarray
Item = TypeVar("Item")
Result = TypeVar("Result")


class Session:
    """One network with one input and one output, safe to run from several threads.

    Every run takes one thread: two runs side by side on two cores took two
    thirds of the time of one run after the other on both.
    """

    def __init__(self, model: str | bytes, *, frugal: bool = False) -> None:
        """`model` is one of RapidOCR's, by its name, or the bytes of another.

        `frugal` is for a network that takes much memory. It gives that back
        after each run, for a twentieth more time, and only a few runs go side
        by side.
        """
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        source = model if isinstance(model, bytes) else model_path(model)
        self._session = onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        self._shrinking = onnxruntime.RunOptions()
        self._shrinking.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._run_options = self._shrinking if frugal else onnxruntime.RunOptions()
        self._turn: AbstractContextManager[object] = (
            threading.BoundedSemaphore(_FRUGAL_RUNS) if frugal else nullcontext()
        )

    def run(self, values: Array) -> Array:
        """The network's output for a float32 batch."""
        with self._turn:
            output = self._session.run(None, {self._input: values}, self._run_options)
        return cast("Array", output[0])

    def rest(self, values: Array) -> None:
        """Give working memory back, by a run with a small float32 batch.

        Kept, it grew with each width that had not come before.
        """
        self._session.run(None, {self._input: values}, self._shrinking)

    def metadata(self, key: str) -> str:
        """A text that the model file carries. Raises KeyError."""
        return self._session.get_modelmeta().custom_metadata_map[key]


class Team:
    """As many threads as there are cores, for runs side by side."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(cores(), "reader")

    def map(
        self, work: Callable[[Item], Result], items: Iterable[Item], cancelled: Callable[[], bool]
    ) -> Sequence[Result]:
        """`work` of each item, in order. Raises WorkCancelledError soon after cancellation.

        A step that is under way then ends by itself, with nobody to wait for it.
        """

        def step(item: Item) -> Result:
            check(cancelled)
            return work(item)

        futures: list[Future[Result]] = [self._threads.submit(step, item) for item in items]
        try:
            while (state := wait(futures, _POLL_SECONDS, FIRST_EXCEPTION)).not_done:
                check(cancelled)
                for future in state.done:
                    future.result()
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()

    def close(self) -> None:
        """End the threads once their running step is done."""
        self._threads.shutdown(cancel_futures=True)


def cores() -> int:
    """Cores that this process may use, eight at most: more do not help here."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(8, available or 1))


def model_path(name: str) -> str:
    """Where the wheel of RapidOCR keeps this model. Raises OcellusError.

    The package is looked up, not imported: its own code would bring a
    downloader, a logger and a second of start-up time along.
    """
    spec = importlib.util.find_spec("rapidocr")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        path = Path(folder) / "models" / name
        if path.is_file():
            return str(path)
    raise OcellusError.of(
        ErrorKind.INTERNAL,
        "The files that read text are missing from this installation.",
        "Install Ocellus again.",
        f"{name} is not in the package rapidocr.",
    )

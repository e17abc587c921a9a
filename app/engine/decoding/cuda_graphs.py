"""The decode step as a CUDA graph: recorded once, then started with one call per token.

All that knows CUDA graphs is here. A step that cannot be recorded runs eagerly
from then on, with the same answers, and the log says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch

from app.engine.decoding.attention import window_attention
from app.engine.decoding.cache import BUCKET, StaticCache
from app.engine.decoding.decoder import Decoder
from app.engine.decoding.sampling import Choice, Sampler

_LOG = logging.getLogger(__name__)


class DeviceStep:
    """One decode step in which the host has no part: all it reads and writes is on the device.

    `rows` tokens are read at once, over the first `window` places of the cache.
    A single row puts its token where the next run reads it.
    """

    def __init__(
        self, decoder: Decoder, cache: StaticCache, sampler: Sampler, rows: int, window: int
    ) -> None:
        device = decoder.device
        self._decoder, self._cache, self._sampler = decoder, cache, sampler
        self._rows, self._window = rows, window
        self._tokens = torch.zeros(rows, dtype=torch.long, device=device)
        self._positions = torch.zeros(rows, dtype=torch.long, device=device)
        self._chance = torch.zeros((), dtype=torch.long, device=device)
        # Ids and probabilities in one tensor, for one copy to the host: ids stay whole in 64 bits.
        self._found = torch.zeros(rows, 2, dtype=torch.float64, device=device)
        self._next: tuple[int, int] | None = None

    def place(self, tokens: Sequence[int], start: int, chance: int) -> None:
        """Say what the next run reads: `tokens` at `start` and after, and its chance."""
        if not self._sampler.greedy:
            self._chance.fill_(chance)
        if self._rows == 1 and self._next == (tokens[0], start):
            return
        padded = [*tokens, *[tokens[-1]] * (self._rows - len(tokens))]
        self._tokens.copy_(torch.tensor(padded))
        self._positions.copy_(torch.arange(start, start + self._rows))
        self._next = None

    def run(self) -> None:
        """The step itself. No shape in it and no address depends on what came before."""
        decoder = self._decoder
        attend = window_attention(decoder, self._cache, self._positions, self._window)
        embeddings = decoder.embed(self._tokens)
        hidden = decoder.run(embeddings, self._positions, attend, _nothing)
        tokens, chances = self._sampler.pick(decoder.logits(hidden), self._chance)
        self._found.copy_(torch.stack((tokens.double(), chances.double()), dim=-1))
        if self._rows == 1:
            self._tokens.copy_(tokens)
            self._positions.add_(1)

    def found(self, start: int, count: int) -> list[Choice]:
        """What the last run, from `start`, chose after each of its first `count` tokens."""
        found: Any = self._found
        pairs: list[tuple[float, float]] = found.tolist()
        choices = [(int(token), chance) for token, chance in pairs[:count]]
        self._next = (choices[0][0], start + 1)
        return choices


class Captures:
    """The recorded steps of one cache, for each window, number of rows and way of choosing."""

    def __init__(self) -> None:
        self._steps: dict[object, tuple[DeviceStep, Callable[[], None]]] = {}
        # Only one runs at a time, so that all can work in the same memory.
        self._pool: Any = None

    def run(
        self, decoder: Decoder, cache: StaticCache, sampler: Sampler, tokens: Sequence[int]
    ) -> list[Choice] | None:
        """Read `tokens` behind what is in the cache; None where nothing can be recorded."""
        if decoder.cannot_capture:
            return None
        # Two numbers of rows only: a token alone, and a draft with what it lacks filled up.
        rows = 1 if len(tokens) == 1 else 4
        start = cache.length
        window = -(-(start + rows) // BUCKET) * BUCKET
        if window > cache.capacity or start + rows > decoder.context:
            return None
        key = (window, rows, sampler.kind)
        if key not in self._steps:
            step = DeviceStep(decoder, cache, sampler, rows, window)
            try:
                self._steps[key] = (step, self._record(step, tokens, start))
            except RuntimeError as error:
                _explain(decoder, error)
                return None
        step, replay = self._steps[key]
        step.place(tokens, start, sampler.draw())
        replay()
        return step.found(start, len(tokens))

    def _record(self, step: DeviceStep, tokens: Sequence[int], start: int) -> Callable[[], None]:
        """The step as a graph. Raises RuntimeError where CUDA or an operation does not allow it."""
        # Once for real on a stream of its own: libraries make their workspaces at the first call,
        # which a recording may not do. What it writes is written again by the replay.
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            step.place(tokens, start, 1)
            step.run()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        self._pool = self._pool or torch.cuda.graph_pool_handle()
        with torch.cuda.graph(graph, pool=self._pool):
            step.run()
        return graph.replay


def _explain(decoder: Decoder, error: RuntimeError) -> None:
    """Go on without graphs, unless memory or the card itself is what failed."""
    if isinstance(error, torch.OutOfMemoryError):
        raise error
    # Raises where the card has failed for good, which is then told as that.
    torch.cuda.synchronize()
    decoder.cannot_capture = str(error).splitlines()[0] if str(error) else type(error).__name__
    _LOG.warning("Decoding without CUDA graphs: %s", decoder.cannot_capture)


def _nothing() -> None:
    """Nothing can be asked while a graph is recorded; a stop is heeded between replays."""

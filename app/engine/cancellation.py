"""Stop inside a forward pass, not only between tokens."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

from torch import nn

from app.core.cancelled import WorkCancelledError


class CancellationCheck:
    """Raises `WorkCancelledError` before the next layer once the work is cancelled.

    A prompt of two thousand tokens takes seconds on a CPU; a check between
    tokens alone would let all of that run to its end.
    """

    def __init__(self) -> None:
        self._cancelled: Callable[[], bool] | None = None

    @contextmanager
    def watching(self, cancelled: Callable[[], bool]) -> Generator[None, None, None]:
        """Heed `cancelled` until the block is left."""
        self._cancelled = cancelled
        try:
            yield
        finally:
            self._cancelled = None

    def check(self) -> None:
        """Raise WorkCancelledError if the work is cancelled."""
        if self._cancelled is not None and self._cancelled():
            raise WorkCancelledError

    def fit(self, model: nn.Module) -> None:
        """Check before each layer of the vision tower and of the decoder."""
        for stack in layer_stacks(model):
            for layer in stack:
                layer.register_forward_pre_hook(self._before_layer)

    def _before_layer(self, _layer: nn.Module, _arguments: Any) -> None:
        self.check()


def layer_stacks(model: nn.Module) -> list[nn.ModuleList]:
    """The outermost lists of layers below the tower and the decoder."""
    stacks: list[nn.ModuleList] = []
    names: list[str] = []
    whole: Any = model
    named: Iterable[tuple[str, nn.Module]] = whole.named_modules()
    for name, module in named:
        if isinstance(module, nn.ModuleList) and not any(name.startswith(n + ".") for n in names):
            stacks.append(module)
            names.append(name)
    return stacks

"""How many of torch's threads a single token is worth."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch

# Waking a thread that waits took some 80 µs, and each product of a layer wakes them. Where the
# products of a layer are smaller than this on average, one thread alone is as fast or faster.
_SMALL = 3_000_000


def threads_for_a_token(layer: Any) -> int:
    """Torch's threads for one token through a decoder made of layers like `layer`."""
    sizes = [
        module.in_features * module.out_features
        for part in (layer.self_attn, layer.mlp)
        for module in part.children()
        if hasattr(module, "out_features")
    ]
    small = bool(sizes) and sum(sizes) < _SMALL * len(sizes)
    return 1 if small else torch.get_num_threads()


@contextmanager
def threads(count: int) -> Generator[None, None, None]:
    """Let what this thread computes be spread over `count` threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)

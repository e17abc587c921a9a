"""Sizes in a model's config, held against what lies in its files before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from app.catalog.tensors import Tensor, damaged

# As many as a model can have is as long as the longest side of a tensor: each counts rows.
_ROWS = (
    "hidden_size",
    "intermediate_size",
    "vocab_size",
    "num_attention_heads",
    "num_key_value_heads",
    "num_channels",
    "head_dim",
    "patch_size",
    "projection_dim",
)
_LAYERS = ("num_hidden_layers", "max_window_layers")
# Far beyond every published model, and small enough for the lists that are made of them.
_MOST = {"image_size": 10_000, "max_position_embeddings": 100_000_000, "image_seq_length": 10**6}
_MOST_ITEMS = 100_000
_LARGEST_NUMBER = 1e12


def check_sizes(config: dict[str, Any], tensors: Sequence[Tensor], path: Path) -> None:
    """Raise OcellusError where `config`, read from `path`, tells of a model that cannot be.

    transformers makes lists as long as these numbers before it reads a weight.
    """
    longest = max((side for tensor in tensors for side in tensor.shape), default=0)
    items = 0
    for key, value in _all(config):
        items += 1
        if items > _MOST_ITEMS:
            raise damaged(path, f"more than {_MOST_ITEMS} settings")
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        most = _LARGEST_NUMBER
        if key in _ROWS:
            most = longest
        elif key in _LAYERS:
            most = max(len(tensors), 1000) if key == "max_window_layers" else len(tensors)
        elif key in _MOST:
            most = _MOST[key]
        if abs(value) > most:
            raise damaged(path, f"{key} is {value:.6g}, which this model cannot have")


def _all(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Every value with the name under which it stands; items of lists with that of the list."""
    waiting = [(key, value)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(cast("dict[str, object]", value).items())
        elif isinstance(value, list):
            waiting.extend((key, item) for item in cast("list[object]", value))
        else:
            yield key, value

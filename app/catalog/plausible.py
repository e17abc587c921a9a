"""Sizes in a model's config, held against what lies in its files before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from app.catalog.tensors import Tensor, damaged

# Each counts rows of a tensor, so none is above the longest side in the files. Below
# these floors nothing is refused: a config may also tell of parts that the model lacks.
_ROWS = {
    "hidden_size": 20_000,
    "intermediate_size": 100_000,
    "vocab_size": 500_000,
    "num_attention_heads": 20_000,
    "num_key_value_heads": 20_000,
    "num_channels": 20_000,
    "head_dim": 20_000,
    "patch_size": 20_000,
    "projection_dim": 20_000,
}
_LAYERS = ("num_hidden_layers", "max_window_layers")
_FEWEST_LAYERS = 1000
# Far beyond every published model, and small enough for the lists that are made of them.
_MOST = {"image_size": 10_000, "max_position_embeddings": 100_000_000, "image_seq_length": 10**6}
_MOST_ITEMS = 100_000
# What float32 holds. Tokenizers write 1e30 for "no limit".
_LARGEST_NUMBER = 3e38


def check_sizes(config: dict[str, Any], tensors: Sequence[Tensor], path: Path) -> None:
    """Raise OcellusError where `config`, read from `path`, tells of a model that cannot be.

    transformers makes lists as long as these numbers before it reads a weight.
    """
    # A tensor without a number in it may claim any side.
    longest = max((side for tensor in tensors if tensor.size for side in tensor.shape), default=0)
    items = 0
    for key, value in _all(config):
        items += 1
        if items > _MOST_ITEMS:
            raise damaged(path, f"more than {_MOST_ITEMS} settings")
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        most = _MOST.get(key, _LARGEST_NUMBER)
        if key in _ROWS:
            most = max(longest, _ROWS[key])
        elif key in _LAYERS:
            most = max(len(tensors), _FEWEST_LAYERS)
        if abs(value) > most:
            # Not `value` as a float, which it may be too large for.
            raise damaged(path, f"{key} is {str(value)[:40]}, which this model cannot have")


def _all(value: object) -> Iterator[tuple[str, object]]:
    """Every value with the name under which it stands; items of lists with that of the list."""
    waiting = [("", value)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(cast("dict[str, object]", value).items())
        elif isinstance(value, list):
            waiting.extend((key, item) for item in cast("list[object]", value))
        else:
            yield key, value

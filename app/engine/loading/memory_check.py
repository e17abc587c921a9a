"""Whether a model fits into memory, asked before anything is loaded."""

from __future__ import annotations

import math
from typing import Any

import psutil
import torch

from app.catalog.checkpoint import Checkpoint
from app.catalog.quantised import goes_into_four_bits
from app.core.errors import ErrorKind, OcellusError
from app.core.words.devices import whose_memory
from app.core.words.sizes import size

# Half a byte per weight, and what the scale of each 64 of them takes.
_FOUR_BIT_BYTES = 0.5 + 2 / 64


def memory_needed(checkpoint: Checkpoint, dtype: Any, *, four_bit: bool) -> int:
    """About how many bytes the weights take once they are loaded."""
    if "quantization_config" in checkpoint.config:
        return sum(tensor.size for tensor in checkpoint.tensors)
    return int(
        sum(
            math.prod(tensor.shape)
            * (_FOUR_BIT_BYTES if four_bit and goes_into_four_bits(tensor) else dtype.itemsize)
            for tensor in checkpoint.tensors
        )
    )


def memory_free(device: Any) -> int:
    """Bytes that `device` has to give; on the CPU with what can be swapped out."""
    if device.type == "cuda":
        # torch keeps what it was given; of that, too, some is free.
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0] + kept)

    return int(psutil.virtual_memory().available + psutil.swap_memory().free)


def check_room(needed: int, device: Any) -> None:
    """Raise OcellusError (OUT_OF_MEMORY) when the weights alone cannot fit.

    Without this a CPU would swap until the system ends the process, which tells nobody why.
    """
    free = memory_free(device)
    if needed <= free:
        return
    where = whose_memory(device.type)
    raise OcellusError.of(
        ErrorKind.OUT_OF_MEMORY,
        f"The model needs {size(needed)} of memory. {where} has {size(free)} free.",
        "Close other programs, or choose a smaller model.",
        f"{needed} bytes needed, {free} free on {device}",
    )


def check_claims(config: Any, checkpoint: Checkpoint) -> None:
    """Raise OcellusError (BAD_CHECKPOINT) where `config` tells of more weights than the files hold.

    transformers makes what is missing out of chance, in full size, before it says so.
    """
    size = sum(tensor.size for tensor in checkpoint.tensors)
    # In 4 bits a byte holds two numbers, whatever it calls itself.
    held = 2 * size if checkpoint.is_quantised else _numbers(checkpoint)
    claimed = _decoder(config.text_config) + _tower(config.vision_config)
    claimed += config.text_config.hidden_size**2
    if claimed > held:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The model's settings describe more than its files hold.",
            "Get the model again, all files from the same place.",
            f"{claimed} weights by config.json, at most {held} in the files",
        )


def _numbers(checkpoint: Checkpoint) -> int:
    return sum(math.prod(tensor.shape) for tensor in checkpoint.tensors)


def _decoder(text: Any) -> int:
    """At least how many weights a decoder of these settings has."""
    width, heads = text.hidden_size, text.num_attention_heads
    head = getattr(text, "head_dim", None) or width // heads
    attention = 2 * width * head * (heads + text.num_key_value_heads)
    layer = attention + 3 * width * text.intermediate_size
    return text.num_hidden_layers * layer + text.vocab_size * width


def _tower(vision: Any) -> int:
    """The same for a vision tower."""
    width, patch = vision.hidden_size, max(1, vision.patch_size)
    layer = 4 * width**2 + 2 * width * vision.intermediate_size
    places = (vision.image_size // patch) ** 2 + vision.num_channels * patch**2
    return vision.num_hidden_layers * layer + places * width

"""Whether a model fits into memory, asked before anything is loaded."""

from __future__ import annotations

import math
from typing import Any

from app.catalog.checkpoint import Checkpoint
from app.catalog.quantised import goes_into_four_bits
from app.core.errors import ErrorKind, OcellusError

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
        import torch  # noqa: PLC0415 - after the environment is settled

        # torch keeps what it was given; of that, too, some is free.
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0] + kept)
    import psutil  # noqa: PLC0415

    return int(psutil.virtual_memory().available + psutil.swap_memory().free)


def check_room(needed: int, device: Any) -> None:
    """Raise OcellusError (OUT_OF_MEMORY) when the weights alone cannot fit.

    Without this a CPU would swap until the system ends the process, which tells nobody why.
    """
    free = memory_free(device)
    if needed <= free:
        return
    where = "The graphics card" if device.type == "cuda" else "This computer"
    raise OcellusError.of(
        ErrorKind.OUT_OF_MEMORY,
        f"The model needs {_gb(needed)} of memory. {where} has {_gb(free)} free.",
        "Close other programs, or choose a smaller model.",
        f"{needed} bytes needed, {free} free on {device}",
    )


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"

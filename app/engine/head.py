"""The head in 8 bits on a CPU, with the choices of the whole one.

A token's way through the 7B shape's head is the reading of 262 MB. In 8 bits it is half of that,
and the tokens that could have come out on top are computed once more from the whole weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

# Below this many weights there is nothing to win.
LEAST_WEIGHTS = 2**22
# So many tokens are computed anew; where more could be on top, all are.
CANDIDATES = 8
# A sum of a row's roundings lies within so many of its standard deviations.
_SIGMAS = 8
# Rows that are rounded at a time, so that no second copy of all is made in 32 bits.
_PART = 2048


def head(module: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """`module` as a function of (rows, width) to (rows, vocabulary); in 8 bits where that helps."""
    import torch  # noqa: PLC0415 - after the environment is settled

    weight = module.weight.detach()
    fits = (
        weight.device.type == "cpu"
        and weight.dtype == torch.bfloat16
        and module.bias is None
        and weight.numel() >= LEAST_WEIGHTS
        and hasattr(torch.ops.aten, "_weight_int8pack_mm")
    )
    return EightBitHead(weight) if fits else module


class EightBitHead:
    """Logits from 8 bits a weight; those of the likeliest tokens are the whole head's own.

    The others are off by the rounding of their weights: at the 7B shape 0.01 on
    average and 0.05 at most, where all logits spread by 1.3.
    """

    def __init__(self, weight: torch.Tensor) -> None:
        import torch  # noqa: PLC0415

        self._weight = weight
        self._small = torch.empty(weight.shape, dtype=torch.int8)
        steps = weight.abs().amax(1).float().clamp_(min=1e-12) / 127
        self._steps = steps.to(weight.dtype)
        for start in range(0, len(weight), _PART):
            part = slice(start, start + _PART)
            rounded = weight[part].float() / self._steps[part, None].float()
            self._small[part] = rounded.round_().clamp_(-127, 127).to(torch.int8)
        # Each weight is off by up to half a step, and evenly so.
        self._spread = self._steps.float() * (_SIGMAS / 12**0.5)

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        """(rows, vocabulary) of (rows, width)."""
        import torch  # noqa: PLC0415

        if len(hidden) > 1:
            return torch.cat([self(row[None]) for row in hidden])
        multiply: Any = torch.ops.aten._weight_int8pack_mm  # noqa: SLF001 - it has no other name
        logits = multiply(hidden, self._small, self._steps)
        # As high as each can be: its own rounding, and that of the result to 16 bits.
        wide = logits[0].float()
        highest = wide + self._spread * hidden.float().norm() + wide.abs() / 128
        most, places = highest.topk(min(CANDIDATES + 1, len(highest)))
        places = places[:CANDIDATES]
        exact = torch.nn.functional.linear(hidden, self._weight[places])
        if len(most) > CANDIDATES and bool(most[-1] >= exact.max()):
            return torch.nn.functional.linear(hidden, self._weight)
        logits[0, places] = exact[0]
        return logits

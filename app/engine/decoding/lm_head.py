"""The head in 4 bits on a CPU, with the choices of the whole one.

A token's way through the 7B shape's head is the reading of 262 MB. In 4 bits it is a quarter of
that, and the tokens that could have come out on top are computed once more from the whole weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from app.engine.decoding.linear import is_packed, projection
from app.engine.four_bit import (
    Linear4bit,
    Params4bit,
    QuantState,
    dequantize_4bit,
    get_4bit_type,
    has_avx512bf16,
)

# Below this many weights there is nothing to win.
LEAST_WEIGHTS = 2**22
# So many tokens are computed anew; where more could be on top, all are.
CANDIDATES = 64
# A sum of a row's roundings lies within so many of its standard deviations.
_SIGMAS = 8
# Rows that are rounded at a time: packing needs 4 bytes for each weight.
_PART = 8192
# bitsandbytes packs so many rows into one, and has one scale for so many weights of a row.
_ROWS, _BLOCK = 32, 64
# So few blocks at a time that memory is used again instead of being asked for.
_BLOCKS = 2**14


def head(module: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """`module` as a function of (rows, width) to (rows, vocabulary); in 4 bits where that helps."""
    weight: Any = module.weight.detach()
    fits: bool = (
        weight.device.type == "cpu"
        and weight.dtype == torch.bfloat16
        and module.bias is None
        and weight.numel() >= LEAST_WEIGHTS
        and weight.shape[1] % _BLOCK == 0
        # Elsewhere each product over 4 bits would unpack all of them first.
        and has_avx512bf16()
    )
    made = FourBitHead(weight) if fits else None
    return made if made is not None and made.fast else module


class FourBitHead:
    """Logits from 4 bits a weight; those of the likeliest tokens are the whole head's own.

    The others are off by the rounding of their weights: at the 7B shape 0.12 on
    average and 0.5 at most, where all logits spread by 1.3.
    """

    def __init__(self, weight: torch.Tensor) -> None:
        self._weight = weight
        parts: list[Any] = []
        rows: list[torch.Tensor] = []
        columns: list[torch.Tensor] = []
        for part in torch.split(weight, _PART):
            layer = _four_bit(part)
            state: Any = layer.weight.quant_state
            off = dequantize_4bit(layer.weight.data, state)[: len(part)].sub_(part)
            rows.append(_squares(off, 1))
            columns.append(_squares(off, 0))
            parts.append(layer)
        row, column = torch.cat(rows) / weight.shape[1], torch.stack(columns).sum(0) / len(weight)
        # How far a row's rounding is off, and how that is shared by the columns: some of them
        # are much larger than others in what comes out of a decoder.
        self._rows = row.sqrt_() * (_SIGMAS / column.mean().clamp_(min=1e-20).sqrt())
        self._columns = column.sqrt_()
        self.fast = all(is_packed(part) for part in parts)
        self._project = projection(*parts)

    def __call__(self, hidden: torch.Tensor) -> torch.Tensor:
        """(rows, vocabulary) of (rows, width)."""
        logits = self._project(hidden)[:, : len(self._weight)]
        if len(hidden) > 1:
            return torch.cat(
                [self._mended(hidden[i : i + 1], logits[i]) for i in range(len(logits))]
            )
        return self._mended(hidden, logits[0])

    def slack(self, hidden: torch.Tensor) -> torch.Tensor:
        """How far the 4 bits' logits of one row can be off, (vocabulary,), in float32."""
        mixed: Any = self._columns * hidden[0].float()
        return self._rows * mixed.norm()

    def _mended(self, hidden: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        # As high as each can be: its own rounding, and that of the result to 16 bits.
        wide = logits.float()
        highest = wide + self.slack(hidden) + wide.abs() / 128
        most, places = highest.topk(min(CANDIDATES + 1, len(highest)))
        places = places[:CANDIDATES]
        exact = torch.nn.functional.linear(hidden, self._weight[places])
        if len(most) > CANDIDATES and bool(most[-1] >= exact.max()):
            return torch.nn.functional.linear(hidden, self._weight)
        return logits.index_copy(0, places, exact[0])[None]


def _squares(of: torch.Tensor, dim: int) -> torch.Tensor:
    """The sums of squares along `dim`, in float32."""
    linalg: Any = torch.linalg
    return linalg.vector_norm(of, dim=dim, dtype=torch.float32).square_()


def _four_bit(weight: torch.Tensor) -> Any:
    """A layer of `weight` in nf4, rounded by a table of 256 steps.

    bitsandbytes' own rounding looks for the nearest of 16 values and took 2.5 s for
    the 7B shape. What a table rounds the other way is next to the middle between two.
    """
    outputs, inputs = len(weight) + -len(weight) % _ROWS, weight.shape[1]
    largest = torch.zeros(outputs * inputs // _BLOCK)
    packed = torch.zeros(outputs * inputs // 2, 1, dtype=torch.uint8)
    code = get_4bit_type("nf4", device="cpu", blocksize=_BLOCK)
    steps = (torch.arange(256) - 127.5) / 127.5
    table = torch.bucketize(steps, (code[1:] + code[:-1]) / 2).to(torch.uint8).numpy().tobytes()
    for start in range(0, weight.numel() // _BLOCK, _BLOCKS):
        blocks = weight.reshape(-1, _BLOCK)[start : start + _BLOCKS].float()
        most = blocks.abs().amax(1).clamp_(min=1e-12)
        places = blocks.div_(most[:, None]).mul_(127.5).add_(128).clamp_(0, 255)
        named = bytearray(places.to(torch.uint8).numpy().tobytes().translate(table))
        nibbles = torch.frombuffer(named, dtype=torch.uint8)
        at = start * _BLOCK // 2
        packed[at : at + len(nibbles) // 2, 0] = (nibbles[::2] << 4).bitwise_or_(nibbles[1::2])
        largest[start : start + len(most)] = most
    shape = torch.Size((outputs, inputs))
    state = QuantState(largest, shape, code, _BLOCK, "nf4", weight.dtype)
    layer = Linear4bit(inputs, outputs, bias=False, compute_dtype=weight.dtype, device="meta")
    # Its arguments are read where it is made, not where it is set up.
    parameter: Any = Params4bit
    layer.weight = parameter(
        packed,
        requires_grad=False,
        quant_state=state,
        quant_type="nf4",
        bnb_quantized=True,
        module=layer,
    )
    return layer.eval()

"""Linear layers as plain calls, without what a module does around its product."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from app.engine.four_bit import Linear4bit, lib

# (rows, inputs) to (rows, outputs of all layers, one after the other).
Project = Callable[["torch.Tensor"], "torch.Tensor"]

# bitsandbytes' product over weights packed for AVX-512 with bfloat16.
_PACKED = "gemv_4bit_inference_cpu_nf4_bf16"


def projection(*modules: nn.Module) -> Project:
    """One call for all of `modules`, which read the same input."""
    packed = [_packed(module) for module in modules]
    if all(part is not None for part in packed):
        return _joined([part for part in packed if part is not None])
    if len(modules) == 1:
        return modules[0]
    return lambda rows: torch.cat([module(rows) for module in modules], dim=-1)


def is_packed(module: nn.Module) -> bool:
    """Whether `module` goes through the packed kernel."""
    return _packed(module) is not None


class _Packed:
    """A layer in bitsandbytes' CPU format, and what its product is called with.

    Where a layer is thin (256 to 512), `Linear4bit` takes 65 µs for a token and
    this 8: it looks at shapes and types on each call that never change.
    """

    def __init__(self, weight: torch.Tensor, state: Any, bias: torch.Tensor | None) -> None:
        self.outputs, self.inputs = (int(size) for size in state.shape)
        self.bias = bias
        # The calls hold bare addresses; this keeps what is there.
        self._weight, self._scales = weight.detach(), state.absmax
        self.addresses = (
            ctypes.c_void_p(self._weight.data_ptr()),
            ctypes.c_void_p(self._scales.data_ptr()),
        )
        self.sizes = (ctypes.c_int64(self.outputs), ctypes.c_int64(self.inputs))
        self.block = ctypes.c_int64(int(state.blocksize))


def _packed(module: Any) -> _Packed | None:
    """`module` for the kernel, or None where it is not made of what the kernel takes."""
    if not isinstance(module, Linear4bit) or module.weight.device.type != "cpu":
        return None
    layer: Any = module
    if layer.compute_dtype != torch.bfloat16 or not hasattr(lib, _PACKED):
        return None
    # The first call packs the weights, where this processor has the instructions.
    module(torch.zeros(1, module.in_features, dtype=torch.bfloat16))
    weight = layer.weight
    state = weight.quant_state
    fits = (
        getattr(state, "packing_format_for_cpu", False)
        and state.quant_type == "nf4"
        and state.absmax.dtype == torch.bfloat16
        and state.absmax.is_contiguous()
        and weight.is_contiguous()
    )
    return _Packed(weight, state, module.bias) if fits else None


def _joined(parts: Sequence[_Packed]) -> Project:
    """The products side by side in one result, each written where it belongs."""
    product = getattr(lib, _PACKED)
    width = sum(part.outputs for part in parts)
    stride = ctypes.c_int64(width)
    calls: list[tuple[_Packed, int]] = []
    at = 0
    for part in parts:
        calls.append((part, at))
        at += part.outputs
    biased = any(part.bias is not None for part in parts)

    def project(rows: torch.Tensor) -> torch.Tensor:
        out = torch.empty(rows.shape[0], width, dtype=torch.bfloat16)
        count, step = ctypes.c_int64(rows.shape[0]), ctypes.c_int64(rows.stride(0))
        source, target = ctypes.c_void_p(rows.data_ptr()), out.data_ptr()
        for part, at in calls:
            product(
                count,
                *part.sizes,
                source,
                *part.addresses,
                ctypes.c_void_p(target + 2 * at),
                part.block,
                step,
                stride,
            )
        if biased:
            for part, at in calls:
                if part.bias is not None:
                    out[:, at : at + part.outputs] += part.bias
        return out

    return project

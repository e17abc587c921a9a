"""What we use of bitsandbytes, imported without torch's compiler.

bitsandbytes hands the compiler four functions that neither its CPU nor its CUDA
kernels call, and the compiler's parts take over a second to import; where that
fails, bitsandbytes keeps the plain functions. So it is imported here and nowhere
else.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def _nothing_compiled() -> Generator[None, None, None]:
    """Let nothing be handed to torch's compiler."""

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError

    compiler: Any = torch
    compile_, compiler.compile = compiler.compile, refuse
    try:
        yield
    finally:
        compiler.compile = compile_


with _nothing_compiled():
    from bitsandbytes import functional as _functional
    from bitsandbytes.cextension import lib
    from bitsandbytes.functional import QuantState, dequantize_4bit
    from bitsandbytes.nn.modules import Linear4bit, Params4bit

# These do not say what they return.
_untyped: Any = _functional
get_4bit_type, quantize_4bit = _untyped.get_4bit_type, _untyped.quantize_4bit
has_avx512bf16 = _untyped.has_avx512bf16

__all__ = [
    "Linear4bit",
    "Params4bit",
    "QuantState",
    "dequantize_4bit",
    "get_4bit_type",
    "has_avx512bf16",
    "lib",
    "quantize_4bit",
]

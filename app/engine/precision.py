"""Which numbers a model is made of: 4 bits for the decoder, 16 or 32 for the rest."""

from __future__ import annotations

from typing import Any

from app.catalog.checkpoint import Checkpoint
from app.core.errors import ErrorKind, OcellusError
from app.core.model import ModelSpec

# Only the decoder's linear layers go into 4 bits. Without the prefix these names
# match nothing, and a list of one's own drops the head that is skipped by default.
FULL_PRECISION = ("model.vision_tower", "model.multi_modal_projector", "lm_head")


def compute_dtype(device: Any) -> Any:
    """bfloat16 where the device computes with it, else what it is fast in.

    On an AVX-512 CPU with bfloat16 instructions the 4-bit product of a 4096-wide
    layer took a fifth of float32's time for a prompt and half for a token.
    """
    import torch  # noqa: PLC0415

    if device.type == "cuda":
        ampere = torch.cuda.get_device_capability(device) >= (8, 0)
        return torch.bfloat16 if ampere else torch.float16
    from bitsandbytes.functional import has_avx512bf16  # noqa: PLC0415

    return torch.bfloat16 if has_avx512bf16() else torch.float32


def quantization(config: Any, spec: ModelSpec, checkpoint: Checkpoint, dtype: Any) -> Any:
    """What to pass as quantization_config; adjusts `config` of a checkpoint already in 4 bits."""
    from transformers import BitsAndBytesConfig  # noqa: PLC0415

    stored = checkpoint.config.get("quantization_config")
    if stored is None:
        if not spec.four_bit:
            return None
        return BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
            llm_int8_skip_modules=list(FULL_PRECISION),
        )
    if stored.get("quant_method") != "bitsandbytes" or not stored.get("load_in_4bit"):
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This model was made smaller in a way that Ocellus does not read.",
            "Get the model in full size, or in 4 bits of bitsandbytes.",
            f"quant_method {stored.get('quant_method')!r}",
        )
    # Written without the prefix these names match nothing, and the first picture fails.
    listed = stored.get("llm_int8_skip_modules") or []
    names = [n if n.startswith(("model.", "lm_head")) else f"model.{n}" for n in listed]
    config.quantization_config = {
        **stored,
        "llm_int8_skip_modules": sorted({*names, *FULL_PRECISION}),
        "bnb_4bit_compute_dtype": str(dtype).removeprefix("torch."),
    }
    return None


def check_precision(model: Any) -> None:
    """Raise OcellusError unless the decoder alone is in 4 bits.

    A misspelt option or a name without its prefix changes this in silence.
    """
    from bitsandbytes.nn.modules import Linear4bit  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    wrong = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and isinstance(module, Linear4bit) is not name.startswith("model.language_model.")
    ]
    if wrong:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The model did not come out in 4 bits as it should.",
            "Get the model in full size; it is made smaller while it loads.",
            ", ".join(wrong[:20]),
        )

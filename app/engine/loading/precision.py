"""Which numbers a model is made of: 4 bits for the decoder, 16 or 32 for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import BitsAndBytesConfig

from app.catalog.checkpoint import Checkpoint, section
from app.catalog.quantised import goes_into_four_bits
from app.core.errors import ErrorKind, OcellusError
from app.core.model import ModelSpec
from app.engine.four_bit import Linear4bit, Params4bit, has_avx512bf16

# Only the decoder's linear layers go into 4 bits. Without the prefix these names
# match nothing, and a list of one's own drops the head that is skipped by default.
FULL_PRECISION = ("model.vision_tower", "model.multi_modal_projector", "lm_head")
_MODULES = {
    "language_model.model.": "model.language_model.",
    "language_model.lm_head": "lm_head",
    "vision_tower.": "model.vision_tower.",
    "multi_modal_projector.": "model.multi_modal_projector.",
}
_STATE = ".weight.quant_state.bitsandbytes__"


def compute_dtype(device: Any) -> Any:
    """bfloat16 where the device computes with it, else what it is fast in.

    On an AVX-512 CPU with bfloat16 instructions the 4-bit product of a 4096-wide
    layer took a fifth of float32's time for a prompt and half for a token.
    """
    if device.type == "cuda":
        ampere = torch.cuda.get_device_capability(device) >= (8, 0)
        return torch.bfloat16 if ampere else torch.float16

    return torch.bfloat16 if has_avx512bf16() else torch.float32


def four_bit_settings(
    dtype: Any, skipped: Sequence[str] = FULL_PRECISION, kind: str = "nf4"
) -> dict[str, Any]:
    """The part of a config for bitsandbytes: 4 bits everywhere but in the modules `skipped`."""
    return {
        "quant_method": "bitsandbytes",
        "load_in_4bit": True,
        "load_in_8bit": False,
        "bnb_4bit_quant_type": kind,
        "bnb_4bit_use_double_quant": True,
        "bnb_4bit_compute_dtype": str(dtype).removeprefix("torch."),
        "bnb_4bit_quant_storage": "uint8",
        "llm_int8_skip_modules": list(skipped),
    }


def quantization(config: Any, spec: ModelSpec, checkpoint: Checkpoint, dtype: Any) -> Any:
    """What to pass as quantization_config; adjusts `config` of a checkpoint already in 4 bits."""
    stored = checkpoint.config.get("quantization_config")
    if stored is None:
        return BitsAndBytesConfig(**_arguments(dtype)) if spec.four_bit else None
    settings = section(checkpoint.config, "quantization_config")
    if settings.get("quant_method") != "bitsandbytes" or not settings.get("load_in_4bit"):
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This model was quantised in a way that Ocellus cannot read.",
            "Get the model in full precision, or in bitsandbytes' 4 bits.",
            f"quantization_config {str(stored)[:200]}",
        )
    config.quantization_config = four_bit_settings(dtype, skipped_modules(checkpoint))
    return None


def _arguments(dtype: Any) -> dict[str, Any]:
    settings = four_bit_settings(dtype)
    return {key: value for key, value in settings.items() if key != "quant_method"}


def skipped_modules(checkpoint: Checkpoint) -> list[str]:
    """The modules of a checkpoint in 4 bits that are not in 4 bits, told from its files.

    The list in its config is not asked: names without their prefix match
    nothing, an empty one leaves the tower out of it, and each name is run as a
    regular expression.
    """
    quantised = {t.name.partition(_STATE)[0] for t in checkpoint.tensors if _STATE in t.name}
    names = {_module(name) for name in quantised}
    wrong = sorted(name for name in names if name.startswith(FULL_PRECISION))
    if wrong or not quantised:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This model's vision tower was quantised too, and reads badly."
            if wrong
            else "This model says that it is quantised, but it is not.",
            "Get the model in full precision; Ocellus quantises it as it loads.",
            ", ".join(wrong[:20]),
        )
    whole = {
        _module(tensor.name.removesuffix(".weight"))
        for tensor in checkpoint.tensors
        if goes_into_four_bits(tensor) and tensor.name.removesuffix(".weight") not in quantised
        if tensor.name.endswith(".weight")
    }
    return [*FULL_PRECISION, *sorted(whole)]


def _module(name: str) -> str:
    """A module's name in transformers' model for the one in published files."""
    for published, module in _MODULES.items():
        if name.startswith(published):
            return module + name[len(published) :]
    return name


def check_precision(model: Any, skipped: Sequence[str] = ()) -> None:
    """Raise OcellusError unless the decoder alone is in 4 bits, without the modules `skipped`.

    A misspelt option or a name without its prefix changes this in silence.
    """
    wrong = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and isinstance(module, Linear4bit)
        is not (name.startswith("model.language_model.") and name not in skipped)
    ]
    if wrong:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The model could not be quantised to 4 bits.",
            "Get the model in full precision; Ocellus quantises it as it loads.",
            ", ".join(wrong[:20]),
        )


def cast_others(model: Any, dtype: Any) -> None:
    """All weights that are not in 4 bits to `dtype`, in place and one after the other.

    transformers leaves those of a checkpoint in 4 bits as they lie in its files,
    which may be of a type that this device does not compute with.
    """
    for value in model.parameters():
        if not isinstance(value, Params4bit) and value.is_floating_point():
            value.data = value.data.to(dtype)

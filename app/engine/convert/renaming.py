"""The tensors of the authors' layout under the names of transformers' published checkpoints."""

from __future__ import annotations

from typing import Any

import torch

from app.catalog.original import ITEM_SIZES, TOWER, Original, Part
from app.core.errors import ErrorKind, OcellusError
from app.engine.convert.rewriting import CHUNK, TensorSource

_EMBEDDING = "language_model.model.embed_tokens.weight"
_HEAD = "language_model.lm_head.weight"
_NEWLINE = "image_newline"

_PREFIXES = {
    TOWER: "vision_tower.vision_model.",
    "model.mm_projector.0.": "multi_modal_projector.linear_1.",
    "model.mm_projector.2.": "multi_modal_projector.linear_2.",
    "model.image_newline": _NEWLINE,
    "model.embed_tokens.": "language_model.model.embed_tokens.",
    "model.layers.": "language_model.model.layers.",
    "model.norm.": "language_model.model.norm.",
    "lm_head.": "language_model.lm_head.",
}
_RECOMPUTED = (".inv_freq", ".position_ids")
# What a whole CLIP has beside its tower.
_CLIP_OTHERS = ("text_model.", "text_projection", "visual_projection", "logit_scale")


def renamed(original: Original, tower: dict[str, Part] | None, model: Any) -> list[TensorSource]:
    """Every weight of `model` (on the meta device) as a piece to write.

    `tower` holds the tensors of a CLIP folder; those in the checkpoint itself go
    first, as they were trained further. Embeddings and head become as long as
    the model's. Raises OcellusError when the weights are not those of `model`.
    """
    parts: dict[str, Part] = {}
    if not original.has_tower and tower is not None:
        parts |= _of_tower(tower)
    parts |= _of_original(original)
    wanted = {_published(name): tuple(value.shape) for name, value in model.state_dict().items()}
    if _NEWLINE not in wanted:
        # A model of square pictures keeps the one that it was trained with for others.
        parts.pop(_NEWLINE, None)
    _check(parts, wanted)
    return [
        TensorSource(name, wanted[name], part, _tail(part, wanted[name]))
        for name, part in parts.items()
    ]


def _of_original(original: Original) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for name, part in original.parts.items():
        if name.endswith(_RECOMPUTED):
            continue
        prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), None)
        found[name if prefix is None else _PREFIXES[prefix] + name[len(prefix) :]] = part
    return found


def _of_tower(tower: dict[str, Part]) -> dict[str, Part]:
    return {
        f"vision_tower.vision_model.{name.removeprefix('vision_model.')}": part
        for name, part in tower.items()
        if not name.startswith(_CLIP_OTHERS) and not name.endswith(_RECOMPUTED)
    }


def _published(name: str) -> str:
    """The name in published checkpoints of a weight in transformers' model."""
    if name.startswith("lm_head."):
        return f"language_model.{name}"
    name = name.removeprefix("model.")
    for prefix, published in (
        ("language_model.", "language_model.model."),
        ("vision_tower.", "vision_tower.vision_model."),
    ):
        if name.startswith(prefix) and not name.startswith(published):
            return published + name[len(prefix) :]
    return name


def _check(parts: dict[str, Part], wanted: dict[str, tuple[int, ...]]) -> None:
    missing = sorted(wanted.keys() - parts.keys())
    unexpected = sorted(parts.keys() - wanted.keys())
    odd = sorted(
        f"{name}: {part.tensor.dtype} {part.tensor.shape}, not {wanted[name]}"
        for name, part in parts.items()
        if name in wanted
        and (part.tensor.dtype not in ITEM_SIZES or not _fits(name, part, wanted[name]))
    )
    if missing or unexpected or odd:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The model's files do not fit together.",
            "Get the model again, all files from the same place, in full size.",
            f"missing: {missing[:20]}\nunexpected: {unexpected[:20]}\nother: {odd[:20]}",
        )


def _fits(name: str, part: Part, shape: tuple[int, ...]) -> bool:
    found = part.tensor.shape
    if name in (_EMBEDDING, _HEAD):
        return len(found) == 2 and found[1] == shape[1] and 0 < found[0] <= shape[0]
    return found == shape


def _tail(part: Part, shape: tuple[int, ...]) -> bytes:
    """Rows for the words that the tokenizer gains: the mean of all others, so none stands out."""
    tensor = part.tensor
    if tensor.shape == shape:
        return b""
    dtype = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[tensor.dtype]
    rows, width = tensor.shape
    step = max(1, CHUNK // (width * dtype.itemsize))
    total = torch.zeros(width, dtype=torch.float64)
    with part.path.open("rb") as file:
        file.seek(tensor.start)
        for first in range(0, rows, step):
            count = min(step, rows - first)
            data = bytearray(file.read(count * width * dtype.itemsize))
            total += torch.frombuffer(data, dtype=dtype).view(count, width).double().sum(0)
    row = (total / rows).to(dtype)
    return row.view(torch.uint8).numpy().tobytes() * (shape[0] - rows)

"""Checkpoints as LLaVA's authors wrote them, before any conversion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app.catalog.checkpoint import (
    CONFIG,
    SHARD_INDEX,
    is_original,
    read_config,
    refuse_code,
    refuse_pickles,
    shards,
)
from app.catalog.families import FAMILIES
from app.catalog.files import read_json
from app.catalog.plausible import check_sizes
from app.catalog.tensors import Tensor, damaged, read_tensors
from app.core.errors import ErrorKind, OcellusError
from app.core.model import Architecture

TOWER = "model.vision_tower.vision_tower.vision_model."
# The detail of the failure that a folder with the vision model mends.
NO_TOWER = "no vision tower in the checkpoint"
# Bytes of one number in the formats that weights are published in.
ITEM_SIZES = {"F32": 4, "F16": 2, "BF16": 2}

# What must stand in config.json for transformers' classes to compute the same; None where it
# may also be left out.
_REQUIRED: dict[str, tuple[object, ...]] = {
    "mm_projector_type": ("mlp2x_gelu",),
    "mm_use_im_start_end": (False, None),
    "s2": (False, None),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A tensor and the file in which it lies."""

    path: Path
    tensor: Tensor


@dataclass(frozen=True, slots=True)
class Original:
    """A folder in the authors' layout whose files are whole.

    `decoder` is transformers' name of the language model's family; `parts` holds
    every tensor by its name in the files; `grid` the picture sizes in pixels as
    (height, width), empty for models that see one square picture.
    """

    folder: Path
    config: dict[str, Any]
    decoder: str
    architecture: Architecture
    layer: int
    whole_features: bool
    grid: tuple[tuple[int, int], ...]
    parts: dict[str, Part]

    @property
    def has_tower(self) -> bool:
        """Whether the vision tower lies in the checkpoint itself."""
        return any(name.startswith(TOWER) for name in self.parts)


def inspect_original(folder: Path) -> Original:
    """Check a folder in the authors' layout. Raises OcellusError for all that is wrong."""
    config = read_config(folder)
    refuse_code(folder)
    if not is_original(config):
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This folder does not hold a LLaVA model in its authors' own layout.",
            "A model in the layout of llava-hf needs no import: choose its folder as it is.",
            f"model_type {config.get('model_type')!r}",
        )
    if (folder / "adapter_config.json").exists():
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This folder holds an adapter, which is only a part of a model.",
            "Merge it into its base model first, and import the merged folder.",
            "adapter_config.json",
        )
    decoder = _decoder(config)
    for key, allowed in _REQUIRED.items():
        if config.get(key) not in allowed:
            raise _unknown(f"{key} {config.get(key)!r}")
    architecture, grid = _pictures(config)
    layer, whole = _features(config, architecture)
    parts = parts_of(weight_files(folder))
    check_sizes(config, [part.tensor for part in parts.values()], folder / CONFIG)
    return Original(folder, config, decoder, architecture, layer, whole, grid, parts)


def _decoder(config: dict[str, Any]) -> str:
    named = config.get("architectures")
    first = cast("list[object]", named)[0] if isinstance(named, list) and named else None
    match first, config.get("model_type"):
        case ("LlavaLlamaForCausalLM", _) | (None, "llava" | "llava_llama"):
            return "llama"
        case ("LlavaMistralForCausalLM", _) | (None, "llava_mistral"):
            return "mistral"
        case _:
            raise _unknown(f"architectures {first!r}, model_type {config.get('model_type')!r}")


def _pictures(config: dict[str, Any]) -> tuple[Architecture, tuple[tuple[int, int], ...]]:
    """The class and the grid that compute what the authors' code does with a picture.

    A padded picture is one square, for which the way of merging tiles says nothing.
    """
    ratio = config.get("image_aspect_ratio")
    merge = config.get("mm_patch_merge_type", "flat")
    if ratio == "pad":
        return Architecture.LLAVA, ()
    if ratio != "anyres" or merge != "spatial_unpad":
        raise _unknown(f"image_aspect_ratio {ratio!r}, mm_patch_merge_type {merge!r}")
    listed = config.get("image_grid_pinpoints")
    try:
        # (width, height) there.
        grid = tuple((int(height), int(width)) for width, height in listed or ())
    except (TypeError, ValueError) as error:
        raise _unknown(f"image_grid_pinpoints {listed!r}") from error
    if not grid or min(min(sides) for sides in grid) < 1:
        raise _unknown(f"image_grid_pinpoints {listed!r}")
    return Architecture.LLAVA_NEXT, grid


def _features(config: dict[str, Any], architecture: Architecture) -> tuple[int, bool]:
    layer = config.get("mm_vision_select_layer")
    select = config.get("mm_vision_select_feature", "patch")
    # Tiles are put together from patches alone.
    known = ("patch",) if FAMILIES[architecture].tiling else ("patch", "cls_patch")
    if type(layer) is not int or select not in known:
        raise _unknown(f"mm_vision_select_layer {layer!r}, mm_vision_select_feature {select!r}")
    return layer, select == "cls_patch"


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The safetensors files of a folder, with or without an index. Raises OcellusError."""
    index = folder / SHARD_INDEX
    if index.is_file():
        return shards(folder, read_json(index))
    if files := tuple(sorted(folder.glob("*.safetensors"))):
        return files
    refuse_pickles(folder)
    raise OcellusError.of(
        ErrorKind.NO_CHECKPOINT,
        "The model's weights are missing.",
        "Put the .safetensors files into the folder, or get the model again.",
        str(folder),
    )


def parts_of(files: Sequence[Path]) -> dict[str, Part]:
    """Every tensor of `files` by name. Raises OcellusError for what cannot be weights."""
    parts: dict[str, Part] = {}
    for path in files:
        for tensor in read_tensors(path):
            if tensor.name in parts:
                raise damaged(path, f"{tensor.name} is in {parts[tensor.name].path.name} too")
            item = ITEM_SIZES.get(tensor.dtype)
            if item and tensor.size != item * math.prod(tensor.shape):
                raise damaged(path, f"{tensor.name} has {tensor.size} bytes for {tensor.shape}")
            parts[tensor.name] = Part(path, tensor)
    return parts


def _unknown(detail: str) -> OcellusError:
    return OcellusError.of(
        ErrorKind.BAD_CHECKPOINT,
        "This LLaVA model is built in a way that Ocellus cannot import.",
        "Look for a converted version under llava-hf, and choose that.",
        detail,
    )

"""What a checkpoint folder holds, told from its files without loading anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app.catalog.families import (
    FAMILIES,
    LANGUAGE_MODELS,
    Family,
    find_family,
    listed,
    prompt_format,
)
from app.catalog.files import read_json, refuse_links_out
from app.catalog.plausible import check_sizes
from app.catalog.quantised import quantised_folder
from app.catalog.tensors import Tensor, damaged, read_tensors
from app.core.errors import ErrorKind, OcellusError
from app.core.model import Architecture, PromptFormat

CONFIG = "config.json"
SHARD_INDEX = "model.safetensors.index.json"
SINGLE_FILE = "model.safetensors"

# Each may name code with auto_map.
_SETTINGS = (
    CONFIG,
    "tokenizer_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "generation_config.json",
)
PICKLES = (".bin", ".pt", ".pth", ".ckpt")
# config.json of haotian-liu/LLaVA's own checkpoints, before conversion.
_ORIGINAL_LAYOUTS = ("llava_llama", "llava_mistral", "llava_qwen", "llava_mpt")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder whose config.json names a model that Ocellus speaks.

    `config` is config.json as it stands; `weights` are the safetensors files
    that make up the model, all present and whole, `tensors` what is in them.
    """

    folder: Path
    config: dict[str, Any]
    architecture: Architecture
    prompt_format: PromptFormat
    weights: tuple[Path, ...]
    tensors: tuple[Tensor, ...]

    @property
    def is_quantised(self) -> bool:
        """Whether the weights were made smaller before they were written."""
        return "quantization_config" in self.config

    @property
    def quantised_folder(self) -> Path | None:
        """The 4-bit form beside these weights, asked anew each time; see `quantised`."""
        return None if self.is_quantised else quantised_folder(self.folder)


def has_checkpoint(folder: Path) -> bool:
    """Whether config.json and at least one safetensors file lie in `folder`, or its 4-bit form."""
    if not (folder / CONFIG).is_file():
        return False
    return any(folder.glob("*.safetensors")) or quantised_folder(folder) is not None


def inspect(folder: Path) -> Checkpoint:
    """Check a folder's files. Raises OcellusError in plain words for all that is wrong.

    Where the original's weights were deleted, it is the 4-bit form inside that is told of.
    """
    config = read_config(folder)
    refuse_code(folder)
    family = family_of(config)
    try:
        weights = _weights(folder)
    except OcellusError as error:
        inner = quantised_folder(folder)
        if error.failed.kind is not ErrorKind.NO_CHECKPOINT or inner is None:
            raise
        return inspect(inner)
    spoken = _prompt_format(config, family)
    tensors = tuple(tensor for path in weights for tensor in read_tensors(path))
    check_sizes(config, tensors, folder / CONFIG)
    return Checkpoint(folder, config, family.architecture, spoken, weights, tensors)


def read_config(folder: Path) -> dict[str, Any]:
    """config.json of a model's folder. Raises OcellusError where there is none."""
    if not folder.is_dir():
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            "The model's folder is not there.",
            "Choose another model, or put the folder back.",
            str(folder),
        )
    path = folder / CONFIG
    if not path.is_file():
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            "There is no model in this folder.",
            "Choose the folder that holds config.json and the .safetensors files.",
            str(folder),
        )
    refuse_links_out(folder)
    return read_json(path)


def refuse_code(folder: Path) -> None:
    """Raise OcellusError where a settings file names code of its own to run."""
    for name in _SETTINGS:
        path = folder / name
        if path.is_file() and _names_code(read_json(path)):
            raise OcellusError.of(
                ErrorKind.BAD_CHECKPOINT,
                "This model brings program code of its own, which Ocellus does not run.",
                "Get the version that is published under llava-hf, and choose that.",
                f"{name} has auto_map",
            )


def _names_code(settings: dict[str, Any]) -> bool:
    waiting: list[object] = [settings]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            table = cast("dict[str, object]", value)
            if "auto_map" in table:
                return True
            waiting.extend(table.values())
        elif isinstance(value, list):
            waiting.extend(cast("list[object]", value))
    return False


def refuse_pickles(folder: Path) -> None:
    """Raise OcellusError where weights lie in `folder` that only unpickling would open."""
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    if pickles:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This model's weights are in a format that can run code when it is opened.",
            "Get the version with .safetensors files. Where there is none, have it converted by "
            "whoever you trust with that: the page huggingface.co/spaces/safetensors/convert "
            "does it for published models.",
            ", ".join(pickles) + "\nIn Python, for each file: safetensors.torch.save_file("
            "torch.load(name, weights_only=True, map_location='cpu'), name + '.safetensors')",
        )


def is_original(config: dict[str, Any]) -> bool:
    """Whether a config.json is of LLaVA's authors' own layout, before conversion."""
    name = config.get("model_type")
    if name == "llava":
        return "mm_vision_tower" in config
    return isinstance(name, str) and name.startswith(_ORIGINAL_LAYOUTS)


def family_of(config: dict[str, Any]) -> Family:
    """The family of a config.json in transformers' layout. Raises OcellusError."""
    if is_original(config):
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This is a LLaVA model in its authors' own layout.",
            "Import it first: Ocellus then writes it in the layout that it answers from.",
            f"model_type {config['model_type']!r}",
        )
    tower = section(config, "vision_config").get("model_type")
    family = find_family(config.get("model_type"), tower)
    if family is None:
        names = [name for known in FAMILIES.values() for name in known.names]
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This folder holds another kind of model.",
            f"Ocellus answers with {listed(names)} models.",
            f"model_type {config.get('model_type')!r}",
        )
    return family


def _prompt_format(config: dict[str, Any], family: Family) -> PromptFormat:
    """The format by the language model's kind."""
    text = section(config, "text_config")
    kind = text.get("model_type", "llama")
    words = text.get("vocab_size", config.get("image_token_index", 32000))
    found = prompt_format(family, kind, words)
    if found is None:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "Ocellus does not know how to talk to this model.",
            f"It knows LLaVA on {listed(known.name for known in LANGUAGE_MODELS)}.",
            f"text_config {kind!r}, vocabulary of {words!r}",
        )
    ours = found is PromptFormat.MISTRAL and config.get("prompt_format") == PromptFormat.BUILTIN
    return PromptFormat.BUILTIN if ours else found


def section(config: dict[str, Any], name: str) -> dict[str, Any]:
    """A config inside another; empty where there is none."""
    found = config.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _weights(folder: Path) -> tuple[Path, ...]:
    index = folder / SHARD_INDEX
    if index.is_file():
        return shards(folder, read_json(index))
    single = folder / SINGLE_FILE
    if single.is_file():
        return (single,)
    refuse_pickles(folder)
    raise OcellusError.of(
        ErrorKind.NO_CHECKPOINT,
        "The model's weights are missing.",
        f"Put {SINGLE_FILE} into the folder, or get the model again.",
        str(folder),
    )


def shards(folder: Path, index: dict[str, Any]) -> tuple[Path, ...]:
    """The files that an index names, all there. Raises OcellusError."""
    mapping = index.get("weight_map")
    if not isinstance(mapping, dict) or not mapping:
        raise damaged(folder / SHARD_INDEX, "no weight_map")
    names = sorted({str(name) for name in cast("dict[str, object]", mapping).values()})
    for name in names:
        # A plain name only: an index must not reach files outside its folder.
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise damaged(folder / SHARD_INDEX, f"names {name!r}")
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            f"{len(missing)} of the model's {len(names)} files are missing.",
            "Get the missing files, or the whole model again.",
            ", ".join(missing),
        )
    return tuple(folder / name for name in names)

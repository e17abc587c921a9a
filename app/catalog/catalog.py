"""Which models there are, and which of them are on this disk."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.catalog.checkpoint import Checkpoint, has_checkpoint, inspect, section
from app.catalog.families import FAMILIES, Family
from app.catalog.fit import WORKING_MEMORY, Fit, Shape, judge
from app.catalog.quantised import goes_into_four_bits
from app.core.errors import ErrorKind, OcellusError
from app.core.model import Architecture, ModelSpec, PromptFormat

BUILTIN = "builtin"
OWN_CATALOG = "catalog.toml"
# For which `memory_gb` is told.
_TOLD_CONTEXT = 4096
_REQUIRED = {"id", "title", "licence", "terms", "good_for", "architecture", "prompt_format"}
_KNOWN = _REQUIRED | {"hub", "four_bit", "for_trying", "by_hand", "context", "shape", "memory_gb"}


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """One model of the catalog.

    `folder` is where the checkpoint lies once it is on the disk. `download_gb`
    is the size of the published weights, `memory_gb` about what answering takes
    with 4096 tokens, both in 10⁹ bytes; `hub` is its address on the Hugging Face
    hub, empty for models that are not fetched from there. `four_bit` is whether
    the decoder's weights go into 4 bits. `terms` says in a sentence what the
    licence allows, `good_for` what the model is good at. `shape` are the
    config's numbers, None for the built-in model; `context` is the longest in
    tokens, 0 where it is not told before config.json is there. With `by_hand`,
    the person brings the weights and accepts the terms with their authors;
    `own` are those that the person imported and no catalog names.
    """

    id: str
    title: str
    licence: str
    hub: str
    download_gb: float
    memory_gb: float
    architecture: Architecture
    prompt_format: PromptFormat
    four_bit: bool
    for_trying: bool
    folder: Path
    terms: str = ""
    good_for: str = ""
    shape: Shape | None = None
    context: int = 0
    by_hand: bool = False
    own: bool = False

    @property
    def family(self) -> Family:
        """The family that it is of."""
        return FAMILIES[self.architecture]

    @property
    def on_disk(self) -> bool:
        """Whether config.json and weights are in the folder, asked anew each time."""
        return has_checkpoint(self.folder)

    def fit(self, free: int, contexts: tuple[int, ...], number_bytes: int = 2) -> Fit | None:
        """Whether it answers within `free` bytes with one of `contexts`, in tokens.

        `number_bytes` is what a number takes that is not in 4 bits. None for the built-in
        model, which fits everywhere. Raises ValueError without contexts.
        """
        if self.shape is None:
            return None
        weights = self.shape.weights(four_bit=self.four_bit, number_bytes=number_bytes)
        cache = self.shape.cache_per_token * number_bytes // 2
        return judge(weights, cache, contexts, WORKING_MEMORY, free)

    def spec(self) -> ModelSpec | None:
        """What to load, or None while the model is not on the disk."""
        if not self.on_disk:
            return None
        return ModelSpec(
            id=self.id,
            title=self.title,
            folder=str(self.folder.absolute()),
            prompt_format=self.prompt_format,
            architecture=self.architecture,
            four_bit=self.four_bit,
            for_trying=self.for_trying,
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models in the order in which they are offered.

    `user_models` is where further ones may lie that the person imported.
    """

    entries: tuple[CatalogModel, ...]
    user_models: Path | None = None

    def all(self) -> tuple[CatalogModel, ...]:
        """The entries, then what the person imported, looked for anew each time."""
        return (*self.entries, *self._own())

    def _own(self) -> Iterator[CatalogModel]:
        if self.user_models is None or not self.user_models.is_dir():
            return
        known = {entry.id for entry in self.entries}
        for folder in sorted(self.user_models.iterdir()):
            if folder.name.startswith(".") or folder.name in known or not has_checkpoint(folder):
                continue
            try:
                yield _own_entry(folder, inspect(folder))
            except OcellusError:
                continue  # it cannot answer; `models import` would have refused it

    def entry(self, model_id: str) -> CatalogModel:
        """The entry of this id. Raises OcellusError when there is none."""
        for entry in self.all():
            if entry.id == model_id:
                return entry
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            f"There is no model called “{model_id}”.",
            "The known ones are: " + ", ".join(entry.id for entry in self.all()) + ".",
        )

    def spec(self, model_id: str) -> ModelSpec:
        """What to load for this id. Raises OcellusError when it is unknown or not on the disk."""
        entry = self.entry(model_id)
        spec = entry.spec()
        if spec is None:
            where = f" It is published as {entry.hub}." if entry.hub else ""
            advice = f"Put its files into {entry.folder}.{where}"
            if entry.by_hand:
                advice = "Get its weights from its authors, and import their folder."
            raise OcellusError.of(
                ErrorKind.NO_CHECKPOINT, f"{entry.title} is not on this disk.", advice
            )
        return spec

    def spec_for_folder(self, path: Path) -> ModelSpec:
        """What to load for a folder that a person picked.

        Raises OcellusError in plain words when it holds no model that Ocellus speaks.
        """
        return spec_for_folder(path)


def spec_for_folder(path: Path) -> ModelSpec:
    """What to load for a folder, told from its config.json. Raises OcellusError."""
    folder = path.expanduser().absolute()
    checkpoint = inspect(folder)
    return ModelSpec(
        id=str(folder),
        title=folder.name,
        folder=str(folder),
        prompt_format=checkpoint.prompt_format,
        architecture=checkpoint.architecture,
    )


def load_catalog(catalog_file: Path, builtin_folder: Path, user_models: Path) -> Catalog:
    """The catalog at `catalog_file`, which comes with the program, and the person's own.

    A model lies in `user_models`/<id>, the built-in one in `builtin_folder`. A file
    catalog.toml in `user_models` adds models, such as those of a mirror.
    Raises OSError or ValueError when the installation is damaged, OcellusError
    when the person's own catalog is.
    """
    entries = _entries(catalog_file, builtin_folder, user_models)
    own = user_models / OWN_CATALOG
    try:
        more = _entries(own, builtin_folder, user_models) if own.is_file() else ()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The list of models that you added cannot be read.",
            f"Correct or delete it: {own}",
            repr(error),
        ) from error
    known = {entry.id for entry in entries}
    return Catalog((*entries, *(e for e in more if e.id not in known)), user_models)


def _entries(file: Path, builtin_folder: Path, user_models: Path) -> tuple[CatalogModel, ...]:
    with file.open("rb") as opened:
        tables: list[dict[str, Any]] = tomllib.load(opened)["model"]
    return tuple(_entry(table, builtin_folder, user_models) for table in tables)


def _own_entry(folder: Path, checkpoint: Checkpoint) -> CatalogModel:
    """A model that the person imported into `folder`: all that its own files tell.

    The checkpoint may be the 4-bit form inside, once the original was deleted.
    """
    text = section(checkpoint.config, "text_config")
    longest = text.get("max_position_embeddings")
    size = sum(tensor.size for tensor in checkpoint.tensors)
    return CatalogModel(
        id=folder.name,
        title=folder.name,
        licence="its own",
        hub="",
        download_gb=size / 1e9,
        memory_gb=((size if checkpoint.is_quantised else size / 3) + WORKING_MEMORY) / 1e9,
        architecture=checkpoint.architecture,
        prompt_format=checkpoint.prompt_format,
        four_bit=True,
        for_trying=False,
        folder=folder,
        terms="The terms are those under which you got it.",
        good_for="A model that you imported.",
        shape=_own_shape(text, checkpoint),
        context=longest if type(longest) is int else 0,
        own=True,
    )


def _own_shape(text: dict[str, Any], checkpoint: Checkpoint) -> Shape | None:
    """The numbers of a config.json; None where it leaves one to the family's default."""
    names = {
        "layers": "num_hidden_layers",
        "width": "hidden_size",
        "heads": "num_attention_heads",
        "kv_heads": "num_key_value_heads",
        "vocabulary": "vocab_size",
        "intermediate": "intermediate_size",
    }
    numbers = {name: text.get(key) for name, key in names.items()}
    try:
        shape = _shape("", {**numbers, "tower_parameters": 1})
    except ValueError:
        return None
    # The tower is what is left of the weights that are there. A layer that is in 4 bits
    # already has its scales beside it, under names of its own.
    other = sum(
        math.prod(tensor.shape)
        for tensor in checkpoint.tensors
        if not goes_into_four_bits(tensor) and ".weight." not in tensor.name
    )
    return replace(shape, tower_parameters=max(1, other - shape.other))


def _entry(table: dict[str, Any], builtin_folder: Path, user_models: Path) -> CatalogModel:
    missing, unknown = _REQUIRED - table.keys(), table.keys() - _KNOWN
    if missing or unknown or ("shape" in table) is ("memory_gb" in table):
        raise ValueError(
            f"catalog entry {table.get('id')!r}: missing {sorted(missing)}, "
            f"unknown {sorted(unknown)}, and one of shape and memory_gb"
        )
    model_id = str(table["id"])
    four_bit = bool(table.get("four_bit", True))
    download = 0.0
    memory = float(table.get("memory_gb", 0))
    shape = _shape(model_id, table["shape"]) if "shape" in table else None
    if shape is not None:
        cache = _TOLD_CONTEXT * shape.cache_per_token
        download = shape.weights(four_bit=False) / 1e9
        memory = (shape.weights(four_bit=four_bit) + cache + WORKING_MEMORY) / 1e9
    return CatalogModel(
        id=model_id,
        title=str(table["title"]),
        licence=str(table["licence"]),
        hub=str(table.get("hub", "")),
        download_gb=download,
        memory_gb=memory,
        architecture=Architecture(table["architecture"]),
        prompt_format=PromptFormat(table["prompt_format"]),
        four_bit=four_bit,
        for_trying=bool(table.get("for_trying", False)),
        folder=builtin_folder if model_id == BUILTIN else user_models / model_id,
        terms=str(table["terms"]),
        good_for=str(table["good_for"]),
        shape=shape,
        context=int(table.get("context", 0)),
        by_hand=bool(table.get("by_hand", False)),
    )


def _shape(model_id: str, numbers: dict[str, Any]) -> Shape:
    if any(type(number) is not int or number < 1 for number in numbers.values()):
        raise ValueError(f"catalog entry {model_id!r}: shape {numbers!r}")
    try:
        return Shape(**numbers)
    except TypeError as error:
        raise ValueError(f"catalog entry {model_id!r}: {error}") from error

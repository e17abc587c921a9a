"""A checkpoint folder to a model in memory: checked, in 4 bits, offline."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from app.catalog.checkpoint import Checkpoint, inspect
from app.catalog.tokenizer import check_tokenizer
from app.core.errors import ErrorKind, OcellusError
from app.core.events import Loading, Stage
from app.core.model import ModelSpec
from app.engine.loading.families import CLASSES, Classes
from app.engine.loading.memory_check import check_claims, check_room, memory_needed
from app.engine.loading.precision import (
    cast_others,
    check_precision,
    compute_dtype,
    quantization,
    skipped_modules,
)
from app.engine.loading.progress import Report, in_thread, reporting

_LOG = logging.getLogger(__name__)

# Recomputed on load; original checkpoints carry them along.
_RECOMPUTED = (".inv_freq", ".position_ids")
_ADAPTER = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to answer, with its tokenizer and picture processor.

    `checkpoint` is what was read: the spec's folder, or its 4-bit form.
    """

    spec: ModelSpec
    model: Any
    tokenizer: Any
    processor: Any
    device: Any
    checkpoint: Checkpoint | None = None

    @property
    def context(self) -> int:
        """How many tokens prompt and answer may have together."""
        return int(self.model.config.text_config.max_position_embeddings)

    @property
    def memory(self) -> int:
        """Bytes that the weights take."""
        return int(self.model.get_memory_footprint())


def load(spec: ModelSpec, cancelled: Callable[[], bool]) -> Generator[Loading, None, Loaded]:
    """Load `spec`, yielding progress; the generator's return value is the model.

    Raises OcellusError for everything that is wrong with the folder, and
    WorkCancelledError once `cancelled`.
    """
    yield Loading(Stage.STARTING)
    checkpoint = _choose(spec)
    _check_fit(spec, checkpoint)
    check_tokenizer(checkpoint.folder)
    parts = CLASSES[spec.architecture]
    loaded = yield from in_thread(lambda report: _read(spec, checkpoint, parts, report), cancelled)
    yield Loading(Stage.WARMING_UP)
    _warm_up(loaded)
    return loaded


def _choose(spec: ModelSpec) -> Checkpoint:
    """The folder's own files, or its 4-bit form where that is wanted and whole."""
    checkpoint = inspect(Path(spec.folder))
    inner = checkpoint.quantised_folder
    if not spec.four_bit or inner is None:
        return checkpoint
    try:
        return inspect(inner)
    except OcellusError as error:
        _LOG.warning("Not read from %s: %s", inner, error.failed.detail)
        return checkpoint


def _check_fit(spec: ModelSpec, checkpoint: Checkpoint) -> None:
    if checkpoint.architecture is not spec.architecture:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The folder holds another kind of model than expected.",
            "Choose the folder again, so that Ocellus can look at it afresh.",
            f"{checkpoint.architecture.value}, not {spec.architecture.value}",
        )
    if (checkpoint.folder / _ADAPTER).exists():
        # transformers would follow it to a base model somewhere else.
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "This folder holds an adapter, which is only a part of a model.",
            "Merge it into its base model first, and choose the merged folder.",
            _ADAPTER,
        )


def _read(spec: ModelSpec, checkpoint: Checkpoint, parts: Classes, report: Report) -> Loaded:
    """Everything from the disk; `report` is called with (done, total) weights."""
    folder = str(checkpoint.folder)
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    dtype = compute_dtype(device)
    check_room(memory_needed(checkpoint, dtype, four_bit=spec.four_bit), device)
    config = parts.config.from_pretrained(folder, local_files_only=True)
    # A checkpoint may name a file of its own for the weights; the checked ones are read.
    config.transformers_weights = None
    check_claims(config, checkpoint)
    quantized = quantization(config, spec, checkpoint, dtype)
    with reporting(report):
        model, found = parts.model.from_pretrained(
            folder,
            config=config,
            dtype=dtype,
            quantization_config=quantized,
            device_map={"": str(device)},
            attn_implementation="sdpa",
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    _check_complete(found)
    if checkpoint.is_quantised:
        check_precision(model, skipped_modules(checkpoint))
        cast_others(model, dtype)
    elif spec.four_bit:
        check_precision(model)
    tokenizers: Any = AutoTokenizer
    tokenizer = tokenizers.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    processor = _processor(parts, folder, model.config, tokenizer)
    return Loaded(spec, model.eval(), tokenizer, processor, device, checkpoint)


def _check_complete(found: dict[str, Any]) -> None:
    missing = sorted(found["missing_keys"])
    unexpected = sorted(name for name in found["unexpected_keys"] if not _is_recomputed(name))
    mismatched = sorted(str(name) for name in found["mismatched_keys"])
    if missing or unexpected or mismatched or found["error_msgs"]:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The model's files do not fit together.",
            "Get the model again, all files from the same place.",
            f"missing: {missing[:20]}\nunexpected: {unexpected[:20]}\n"
            f"of another size: {mismatched[:20]}\n{found['error_msgs']}",
        )


def _is_recomputed(name: str) -> bool:
    return name.endswith(_RECOMPUTED)


def _processor(parts: Classes, folder: str, config: Any, tokenizer: Any) -> Any:
    """The processor with the model's own sizes."""
    images = parts.image_processor.from_pretrained(
        folder, local_files_only=True, **parts.picture_options
    )
    if hasattr(config, "image_grid_pinpoints"):
        images.image_grid_pinpoints = config.image_grid_pinpoints
    # A crop has the last word on the size; SigLIP's pictures are not cropped.
    side = (images.crop_size or images.size)["height"]
    if side != config.vision_config.image_size:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The model's files do not fit together.",
            "Get the model again, all files from the same place.",
            f"pictures of {side} for a tower of {config.vision_config.image_size} pixels",
        )
    return parts.processor(images, tokenizer, **parts.counting(config))


def _warm_up(loaded: Loaded) -> None:
    """One token through the decoder: kernels are made ready, and faults show now."""
    token = loaded.model.config.text_config.bos_token_id or 0
    with torch.inference_mode():
        loaded.model(
            input_ids=torch.tensor([[token]], device=loaded.device),
            use_cache=False,
            logits_to_keep=1,
        )

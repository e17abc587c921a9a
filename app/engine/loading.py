"""A checkpoint folder to a model in memory: checked, in 4 bits, offline."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.catalog.checkpoint import Checkpoint, inspect
from app.core.errors import ErrorKind, OcellusError
from app.core.events import Loading, Stage
from app.core.model import ModelSpec
from app.engine.families import Family, family
from app.engine.precision import check_precision, compute_dtype, quantization
from app.engine.progress import Report, in_thread, reporting
from app.engine.room import check_room, memory_needed

# Recomputed on load; original checkpoints carry them along.
_RECOMPUTED = (".inv_freq", ".position_ids")
_ADAPTER = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to answer, with its tokenizer and picture processor."""

    spec: ModelSpec
    model: Any
    tokenizer: Any
    processor: Any
    device: Any

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
    StoppedError once `cancelled`.
    """
    yield Loading(Stage.STARTING)
    checkpoint = inspect(Path(spec.folder))
    _check_fit(spec, checkpoint)
    parts = family(spec.architecture)
    loaded = yield from in_thread(lambda report: _read(spec, checkpoint, parts, report), cancelled)
    yield Loading(Stage.WARMING_UP)
    _warm_up(loaded)
    return loaded


def _check_fit(spec: ModelSpec, checkpoint: Checkpoint) -> None:
    if checkpoint.architecture is not spec.architecture:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The folder holds another kind of model than expected.",
            "Choose the folder again, so that its kind is found out anew.",
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


def _read(spec: ModelSpec, checkpoint: Checkpoint, parts: Family, report: Report) -> Loaded:
    """Everything from the disk; `report` is called with (done, total) weights."""
    import torch  # noqa: PLC0415 - after the environment is settled
    from transformers import AutoTokenizer  # noqa: PLC0415

    folder = spec.folder
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    dtype = compute_dtype(device)
    check_room(memory_needed(checkpoint, dtype, four_bit=spec.four_bit), device)
    config = parts.config.from_pretrained(folder, local_files_only=True)
    # A checkpoint may name a file of its own for the weights; the checked ones are read.
    config.transformers_weights = None
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
    if spec.four_bit:
        check_precision(model)
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    processor = _processor(parts, folder, model.config, tokenizer)
    return Loaded(spec, model.eval(), tokenizer, processor, device)


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


def _processor(parts: Family, folder: str, config: Any, tokenizer: Any) -> Any:
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
    import torch  # noqa: PLC0415

    token = loaded.model.config.text_config.bos_token_id or 0
    with torch.inference_mode():
        loaded.model(
            input_ids=torch.tensor([[token]], device=loaded.device),
            use_cache=False,
            logits_to_keep=1,
        )

"""A checkpoint folder to a model in memory: checked, in 4 bits, offline."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app.catalog.checkpoint import Checkpoint, inspect
from app.core.errors import ErrorKind, OcellusError
from app.core.events import Loading, Stage
from app.core.model import ModelSpec
from app.engine.failures import bad_checkpoint
from app.engine.families import Family, family
from app.engine.stopping import StoppedError

# Only the decoder's linear layers go into 4 bits. Without the prefix these names
# match nothing, and a list of one's own drops the head that is skipped by default.
FULL_PRECISION = ("model.vision_tower", "model.multi_modal_projector", "lm_head")

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
    loaded = yield from _in_thread(lambda report: _read(spec, checkpoint, parts, report), cancelled)
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


def _read(
    spec: ModelSpec, checkpoint: Checkpoint, parts: Family, report: Callable[[int, int], None]
) -> Loaded:
    """Everything from the disk; `report` is called with (done, total) weights."""
    import torch  # noqa: PLC0415 - after the environment is settled
    from transformers import AutoTokenizer  # noqa: PLC0415
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    folder = spec.folder
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    dtype = compute_dtype(device)
    config = parts.config.from_pretrained(folder, local_files_only=True)
    # A checkpoint may name a file of its own for the weights; the checked ones are read.
    config.transformers_weights = None
    quantized = quantization(config, spec, checkpoint, dtype)
    previous = transformers_logging.set_tqdm_hook(
        lambda _factory, arguments, _options: _Progress(arguments, report)
    )
    try:
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
    finally:
        transformers_logging.set_tqdm_hook(previous)
    _check_complete(found)
    if spec.four_bit:
        check_precision(model)
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    processor = _processor(parts, folder, model.config, tokenizer)
    return Loaded(spec, model.eval(), tokenizer, processor, device)


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
    """The processor with the model's own sizes: published ones leave some of them out."""
    images = parts.image_processor.from_pretrained(
        folder, local_files_only=True, **parts.picture_options
    )
    if hasattr(config, "image_grid_pinpoints"):
        images.image_grid_pinpoints = config.image_grid_pinpoints
    vision = config.vision_config
    if (side := images.crop_size["height"]) != vision.image_size:
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The model's files do not fit together.",
            "Get the model again, all files from the same place.",
            f"pictures of {side} for a tower of {vision.image_size} pixels",
        )
    return parts.processor(
        images,
        tokenizer,
        patch_size=vision.patch_size,
        vision_feature_select_strategy=config.vision_feature_select_strategy,
        # CLIP puts one token for the whole picture before those of the patches.
        num_additional_image_tokens=1,
    )


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


class _Progress:
    """Stands in for transformers' progress bar: tells a callback instead of the terminal."""

    def __init__(self, arguments: tuple[Any, ...], report: Callable[[int, int], None]) -> None:
        self._items = arguments[0] if arguments else ()
        self._report = report

    def __iter__(self) -> Iterator[Any]:
        items = list(self._items)
        for done, item in enumerate(items):
            self._report(done, len(items))
            yield item
        self._report(len(items), len(items))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_arguments, **_options: None


def _in_thread(
    work: Callable[[Callable[[int, int], None]], Loaded], cancelled: Callable[[], bool]
) -> Generator[Loading, None, Loaded]:
    """Run `work` in a thread of its own, yielding what it reports."""
    reports: queue.SimpleQueue[Loading | None] = queue.SimpleQueue()
    result: list[Loaded] = []
    errors: list[BaseException] = []

    def report(done: int, total: int) -> None:
        if cancelled():
            raise StoppedError
        reports.put(Loading(Stage.READING_WEIGHTS, done, total))

    def run() -> None:
        try:
            result.append(work(report))
        except BaseException as error:  # noqa: BLE001 - raised again where the caller sees it
            errors.append(error)
        finally:
            reports.put(None)

    thread = threading.Thread(target=run, name="load", daemon=True)
    thread.start()
    while (loading := reports.get()) is not None:
        yield loading
    thread.join()
    if not errors:
        return result.pop()
    error = errors.pop()
    try:
        if isinstance(error, StoppedError):
            raise StoppedError
        raise OcellusError(bad_checkpoint(error))
    finally:
        del error

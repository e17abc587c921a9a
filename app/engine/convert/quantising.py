"""A checkpoint's 4-bit form, written from its files one tensor at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import torch

from app.catalog.checkpoint import CONFIG, SINGLE_FILE, Checkpoint
from app.catalog.original import ITEM_SIZES
from app.catalog.quantised import FOUR_BIT, Note, goes_into_four_bits, marks
from app.catalog.tensors import Tensor, damaged, read_tensors
from app.core.files.atomic import publish_folder
from app.core.files.lock import HeldElsewhereError, Lock
from app.engine.convert.rewriting import CHUNK, TensorHeader, header
from app.engine.four_bit import quantize_4bit
from app.engine.loading.precision import four_bit_settings

# Smaller ones load in a moment as they are; in bytes of weights.
LEAST = 1_000_000_000
# What stays free on the disk.
SPARE = 2_000_000_000
# Settings and tokenizer, which the 4-bit form needs as well. Templates are never run.
_SETTINGS = (
    CONFIG,
    "generation_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "tokenizer_config.json",
    "tokenizer.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
)
_PART, _LOCK = f".{FOUR_BIT}.saving", f".{FOUR_BIT}.lock"
_TYPES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2}
# Numbers that one scale is for, and scales that one scale of scales is for.
_BLOCK, _NESTED = 64, 256
_STATE = "quant_state.bitsandbytes__nf4"

# Called between tensors and pieces of large ones; what it raises ends the work.
Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Source:
    """A tensor, the file in which it lies, and whether it goes into 4 bits."""

    path: Path
    tensor: Tensor
    quantised: bool


def is_worth_saving(checkpoint: Checkpoint) -> bool:
    """Whether `checkpoint` is large, in full size, and on a disk with room for a third of it."""
    size = sum(tensor.size for tensor in checkpoint.tensors)
    if size < LEAST or "quantization_config" in checkpoint.config:
        return False
    if not os.access(checkpoint.folder, os.W_OK):
        return False
    needed = sum(entry.size for source in _sources(checkpoint) for entry in _entries(source))
    return needed + SPARE <= shutil.disk_usage(checkpoint.folder).free


def clear(folder: Path) -> None:
    """Remove what a save that was killed has left, unless another process is at it."""
    part = folder / _PART
    # No lock, and so no file of it, where there is nothing to remove.
    if part.exists():
        with contextlib.suppress(HeldElsewhereError, OSError), Lock(folder / _LOCK):
            shutil.rmtree(part, ignore_errors=True)


def save_four_bit(checkpoint: Checkpoint, dtype: Any, device: Any, check: Check) -> Path | None:
    """Write the 4-bit form into the checkpoint's folder; returns its folder.

    The numbers are those that loading on `device` in `dtype` makes of the
    original. Until all of it is on the disk it has another name. None where
    another process is at it. Raises OSError, OcellusError and what `check` does.
    """
    folder = checkpoint.folder
    target, part = folder / FOUR_BIT, folder / _PART
    try:
        with Lock(folder / _LOCK):
            shutil.rmtree(part, ignore_errors=True)
            try:
                part.mkdir()
                _write(checkpoint, part, dtype, device, check)
                if target.exists():
                    shutil.rmtree(target)
                publish_folder(part, target)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except HeldElsewhereError:
        return None
    return target


def _write(checkpoint: Checkpoint, part: Path, dtype: Any, device: Any, check: Check) -> None:
    names = [name for name in _SETTINGS if (checkpoint.folder / name).is_file()]
    index = checkpoint.folder.glob("*.safetensors.index.json")
    # Before the first byte is read: what changes while it is read is noticed later.
    origin = marks([*checkpoint.weights, *index, *(checkpoint.folder / n for n in names)])
    files: dict[str, tuple[int, str]] = {}
    for name in names:
        data = (checkpoint.folder / name).read_bytes()
        if name == CONFIG:
            settings = {**checkpoint.config, "quantization_config": four_bit_settings(dtype)}
            data = json.dumps(settings, indent=2).encode()
        files[name] = _write_bytes(part / name, data)
    files[SINGLE_FILE] = _write_tensors(checkpoint, part / SINGLE_FILE, dtype, device, check)
    Note(origin, files).write(part)


def _write_bytes(path: Path, data: bytes) -> tuple[int, str]:
    path.write_bytes(data)
    return len(data), hashlib.sha256(data).hexdigest()


def _write_tensors(
    checkpoint: Checkpoint, path: Path, dtype: Any, device: Any, check: Check
) -> tuple[int, str]:
    sources = _sources(checkpoint)
    start = header([entry for source in sources for entry in _entries(source)])
    with path.open("wb") as file:
        out = _Hashed(file)
        out.write(start)
        for source in sources:
            with source.path.open("rb") as lying:
                lying.seek(source.tensor.start)
                if not source.quantised:
                    _copy(lying, source, out, check)
                    continue
                check()
                data = lying.read(source.tensor.size)
            if len(data) < source.tensor.size:
                raise damaged(source.path, "became shorter while it was read")
            for entry, value in zip(
                _entries(source), _quantise(source.tensor, data, dtype, device), strict=True
            ):
                # JSON takes spaces at its end; all else has its size already.
                out.write(value.ljust(entry.size, b" ") if entry.name.endswith(_STATE) else value)
    return out.size, out.check.hexdigest()


class _Hashed:
    """A file that is hashed while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.check = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.check.update(data)
        self.size += len(data)


def _copy(lying: BinaryIO, source: _Source, out: _Hashed, check: Check) -> None:
    left = source.tensor.size
    while left:
        check()
        data = lying.read(min(CHUNK, left))
        if not data:
            raise damaged(source.path, "became shorter while it was read")
        out.write(data)
        left -= len(data)


def _quantise(tensor: Tensor, data: bytes, dtype: Any, device: Any) -> list[bytes]:
    """The contents of `_entries`, as loading makes them: cast first, then into 4 bits."""
    stored = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[tensor.dtype]
    full = torch.frombuffer(bytearray(data), dtype=stored).view(tensor.shape)
    values, state = quantize_4bit(
        full.to(device=device, dtype=dtype),
        blocksize=_BLOCK,
        compress_statistics=True,
        quant_type="nf4",
    )
    named = state.as_dict(packed=True)
    order = ("quant_map", "nested_quant_map", "nested_absmax")
    parts = [*(named[name] for name in order), values, named["absmax"], named[_STATE]]
    return [part.cpu().contiguous().view(torch.uint8).numpy().tobytes() for part in parts]


def _sources(checkpoint: Checkpoint) -> list[_Source]:
    """Every tensor, those with the longest numbers first: each lies at a multiple of its own."""
    found = [
        _Source(path, tensor, goes_into_four_bits(tensor) and tensor.dtype in ITEM_SIZES)
        for path in checkpoint.weights
        for tensor in read_tensors(path)
    ]
    return sorted(found, key=lambda s: (s.quantised, -_TYPES.get(s.tensor.dtype, 1)))


def _entries(source: _Source) -> list[TensorHeader]:
    """What stands for a tensor in the file, in transformers' own names."""
    tensor = source.tensor
    if not source.quantised:
        return [TensorHeader(tensor.name, tensor.dtype, tensor.shape, tensor.size)]
    numbers = math.prod(tensor.shape)
    packed, blocks = -(-numbers // 2), -(-numbers // _BLOCK)
    nested = -(-blocks // _NESTED)
    name = tensor.name
    # Long enough for the words in it, and so that the next tensor begins at a multiple of eight.
    state = 512 + -(4 * nested + packed + blocks) % 8
    return [
        TensorHeader(f"{name}.quant_map", "F32", (16,), 64),
        TensorHeader(f"{name}.nested_quant_map", "F32", (256,), 1024),
        TensorHeader(f"{name}.nested_absmax", "F32", (nested,), 4 * nested),
        TensorHeader(name, "U8", (packed, 1), packed),
        TensorHeader(f"{name}.absmax", "U8", (blocks,), blocks),
        TensorHeader(f"{name}.{_STATE}", "U8", (state,), state),
    ]

"""What lies in a safetensors file, told from its header."""

from __future__ import annotations

import json
import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import ErrorKind, OcellusError

# That of a 110B model in 4 bits has less than a megabyte.
_LONGEST_HEADER = 16_000_000
# Bytes of one number, by the format's own names.
_SIZES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2"), 1),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 2),
    **dict.fromkeys(("I32", "U32", "F32"), 4),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 8),
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a file, not loaded.

    `size` in bytes; `start` counts bytes from the file's beginning; `dtype` is
    the format's own name, such as "BF16".
    """

    name: str
    shape: tuple[int, ...]
    size: int
    dtype: str
    start: int


def read_tensors(path: Path) -> tuple[Tensor, ...]:
    """A safetensors file's list of tensors, each in its place and as long as its shape says.

    The format: eight bytes with the header's length, little-endian; the header,
    JSON with each tensor's place in the rest; the rest. Raises OcellusError.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))[0]
            if not 0 < length <= min(size, _LONGEST_HEADER):
                raise damaged(path, f"a header of {length} bytes in a file of {size}")
            header = json.loads(file.read(length))
        listed = {name: entry for name, entry in header.items() if name != "__metadata__"}
        tensors = tuple(
            Tensor(
                str(name),
                tuple(map(int, entry["shape"])),
                int(entry["data_offsets"][1]) - int(entry["data_offsets"][0]),
                str(entry["dtype"]),
                8 + length + int(entry["data_offsets"][0]),
            )
            for name, entry in listed.items()
        )
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise damaged(path, f"the header does not parse: {error}") from error
    end = 8 + length
    # One after the other, as the format demands: none overlaps, none reaches out.
    for tensor in sorted(tensors, key=lambda tensor: (tensor.start, tensor.size)):
        if min(tensor.shape, default=0) < 0 or tensor.dtype not in _SIZES:
            raise damaged(path, f"{tensor.name}: {tensor.dtype} {tensor.shape}")
        if tensor.start != end or tensor.size != _SIZES[tensor.dtype] * math.prod(tensor.shape):
            raise damaged(path, f"{tensor.name}: {tensor.size} bytes at {tensor.start}, not {end}")
        end += tensor.size
    if size != end:
        raise damaged(path, f"{size} bytes where {end} belong")
    return tensors


def damaged(path: Path, detail: str) -> OcellusError:
    """The error for a file whose contents cannot be right."""
    return OcellusError.of(
        ErrorKind.BAD_CHECKPOINT,
        f"The model's {path.name} is damaged.",
        "Get that file, or the whole model, again.",
        f"{os.fspath(path)}: {detail}",
    )


def unreadable(path: Path, error: OSError) -> OcellusError:
    """The error for a file that the system does not hand out."""
    return OcellusError.of(
        ErrorKind.NO_CHECKPOINT,
        f"The model's {path.name} cannot be read.",
        "Check that the disk is connected and that you may read the folder.",
        str(error),
    )

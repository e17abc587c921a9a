"""What lies in a safetensors file, told from its header."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import ErrorKind, OcellusError

_LONGEST_HEADER = 100_000_000


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
    """A safetensors file's list of tensors, its length compared with what they take.

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
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error) as error:
        raise damaged(path, f"the header does not parse: {error}") from error
    expected = max((tensor.start + tensor.size for tensor in tensors), default=8 + length)
    if any(tensor.size < 0 or tensor.start < 8 + length for tensor in tensors):
        raise damaged(path, "a tensor that ends before it begins")
    if size != expected:
        raise damaged(path, f"{size} bytes where {expected} belong")
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

"""The 4-bit form of a model: a folder inside the model's own, a third of its size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app.catalog.tensors import Tensor
from app.core.errors import ErrorKind, OcellusError

FOUR_BIT = "four-bit"
NOTE = "origin.json"
# Raised when the form changes, so that an older one is made anew.
_VERSION = 1
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Note:
    """What a 4-bit folder says of itself.

    `origin` maps the names of the original's files to [bytes, time of change in
    ns], `files` those of the 4-bit form to [bytes, SHA-256].
    """

    origin: dict[str, tuple[int, int]]
    files: dict[str, tuple[int, str]]

    def write(self, folder: Path) -> None:
        """Put it into `folder`. Raises OSError."""
        plain = {"version": _VERSION, "origin": self.origin, "files": self.files}
        (folder / NOTE).write_text(json.dumps(plain, indent=1, sort_keys=True), "utf-8")


def goes_into_four_bits(tensor: Tensor) -> bool:
    """Whether a tensor is of the decoder's linear layers, in names of old and new checkpoints."""
    return "language_model." in tensor.name and ".layers." in tensor.name and len(tensor.shape) == 2


def marks(files: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """What tells a changed file from the same one. Raises OSError."""
    found = {path.name: path.stat() for path in files}
    return {name: (stat.st_size, stat.st_mtime_ns) for name, stat in found.items()}


def quantised_folder(folder: Path) -> Path | None:
    """The 4-bit form of the model in `folder`, or None.

    It counts only while it is whole, and while the original, where it is still
    there, is the one that it was made from. Looks at names, sizes and times
    alone; `damaged` reads all of it.
    """
    inner = folder / FOUR_BIT
    note = _read_note(inner)
    if note is None or inner.is_symlink():
        return None
    try:
        if any((inner / name).stat().st_size != size for name, (size, _) in note.files.items()):
            return None
        if not all(path.is_file() for path in _original_weights(folder, note)):
            return inner
        return inner if marks(folder / name for name in note.origin) == note.origin else None
    except OSError:
        return None


def damaged(folder: Path) -> list[str]:
    """Names of the 4-bit form's files that are missing or not as written.

    `folder` is the model's. Reads every byte. Raises OcellusError where there is no 4-bit form.
    """
    inner = folder / FOUR_BIT
    note = _read_note(inner)
    if note is None:
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            "There is no 4-bit copy of this model on the disk.",
            "Ocellus saves one after the model has been loaded for the first time.",
            str(inner),
        )
    return sorted(name for name, known in note.files.items() if _hashed(inner / name) != known)


def original_size(folder: Path) -> int:
    """Bytes of the weights that the model in `folder` can do without; 0 where it needs them."""
    inner = quantised_folder(folder)
    note = _read_note(inner) if inner else None
    if note is None:
        return 0
    return sum(path.stat().st_size for path in _original_weights(folder, note) if path.is_file())


def replaced(folder: Path) -> frozenset[str]:
    """Names of the original's files that were deleted, because the 4-bit form took their place."""
    inner = quantised_folder(folder)
    note = _read_note(inner) if inner else None
    if note is None:
        return frozenset()
    return frozenset(p.name for p in _original_weights(folder, note) if not p.exists())


def delete_original(folder: Path) -> int:
    """Delete the original's weights, which no loading needs any more; returns the bytes freed.

    Every byte of the 4-bit form is checked first. Raises OcellusError, OSError.
    """
    inner = quantised_folder(folder)
    note = _read_note(inner) if inner else None
    if note is None or damaged(folder):
        raise OcellusError.of(
            ErrorKind.BAD_CHECKPOINT,
            "The original is still needed: the model's 4-bit form is not whole.",
            "Load the model once more; it is then saved in 4 bits again.",
            str(folder),
        )
    freed = 0
    for path in _original_weights(folder, note):
        if path.is_file():
            freed += path.stat().st_size
            path.unlink()
    return freed


def _original_weights(folder: Path, note: Note) -> list[Path]:
    ends = (".safetensors", ".safetensors.index.json")
    return [folder / name for name in note.origin if name.endswith(ends)]


def _read_note(inner: Path) -> Note | None:
    """The note in `inner`; None for one of another version or one that makes no sense."""
    try:
        plain = cast("dict[str, Any]", json.loads((inner / NOTE).read_text("utf-8")))
        origin = {str(n): (int(size), int(time)) for n, (size, time) in plain["origin"].items()}
        files = {str(n): (int(size), str(sha)) for n, (size, sha) in plain["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    plain_names = all(Path(name).name == name for name in (*origin, *files))
    if plain["version"] != _VERSION or not files or not plain_names:
        return None
    return Note(origin, files)


def _hashed(path: Path) -> tuple[int, str] | None:
    check, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                check.update(piece)
                size += len(piece)
    except OSError:
        return None
    return size, check.hexdigest()

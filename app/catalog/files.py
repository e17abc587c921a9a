"""Reading the small files of a model's folder, which may come from anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn, cast

from app.catalog.tensors import damaged, unreadable
from app.core.errors import ErrorKind, OcellusError

_LONGEST = 16_000_000
_ENDINGS = (".json", ".model", ".txt", ".jinja", ".safetensors")


def read_json(path: Path, longest: int = _LONGEST) -> dict[str, Any]:
    """A JSON object out of a model's folder. Raises OcellusError when it is damaged.

    Longer than `longest` bytes, too deep, or with a number that is none (NaN),
    it counts as damaged.
    """
    try:
        with path.open("rb") as file:
            data = file.read(longest + 1)
        if len(data) > longest:
            raise damaged(path, f"more than {longest} bytes")
        plain = json.loads(data.decode(), parse_constant=_refuse)
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise damaged(path, str(error)) from error
    if not isinstance(plain, dict):
        raise damaged(path, "not a JSON object")
    return cast("dict[str, Any]", plain)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def refuse_links_out(folder: Path) -> None:
    """Raise OcellusError where a file of the model is a link to somewhere else.

    The hub's own cache, in which every file is a link to its neighbour `blobs`, is let through.
    """
    home = folder.resolve()
    allowed = [home]
    if home.parent.name == "snapshots":
        allowed.append(home.parent.parent / "blobs")
    for path in folder.iterdir():
        if path.is_symlink() and path.name.endswith(_ENDINGS):
            if path.resolve().parent in allowed:
                continue
            raise OcellusError.of(
                ErrorKind.BAD_CHECKPOINT,
                "A file of this model is a link to another place on this computer.",
                "Copy the file itself into the model's folder, or get the model again.",
                f"{path.name} leads to {path.resolve()}",
            )

"""How far a command is, said while it works."""

from __future__ import annotations

import json
import sys
from typing import Any

from app.core.words.sizes import size


def tell(progress: dict[str, Any], *, as_json: bool) -> None:
    """Print `done` of `total` bytes, the `speed` per second and the seconds `left`."""
    if as_json:
        print(json.dumps(progress), flush=True)
    elif sys.stderr.isatty():
        left = "" if progress["left"] is None else f", {progress['left'] / 60:.0f} min left"
        print(
            f"\r{size(progress['done'])} of {size(progress['total'])}, "
            f"{size(progress['speed'])}/s{left}\033[K",
            end="",
            file=sys.stderr,
            flush=True,
        )

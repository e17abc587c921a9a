"""How far a command is, said while it works."""

from __future__ import annotations

import json
import sys
from typing import Any


def tell(progress: dict[str, Any], *, as_json: bool) -> None:
    """Print `done` of `total` bytes, the `speed` per second and the seconds `left`."""
    if as_json:
        print(json.dumps(progress), flush=True)
    elif sys.stderr.isatty():
        left = "" if progress["left"] is None else f", {progress['left'] / 60:.0f} min left"
        print(
            f"\r{progress['done'] / 1e9:.2f} of {progress['total'] / 1e9:.2f} GB, "
            f"{progress['speed'] / 1e6:.1f} MB/s{left}\033[K",
            end="",
            file=sys.stderr,
            flush=True,
        )

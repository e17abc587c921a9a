"""How the engine's child process starts: the environment first, then all that imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.core.requests import Service
from app.engine.environment import check_room, settle


def make(config: Mapping[str, str]) -> Service:
    """The engine over the picture store `config["pictures"]`, with torch imported.

    Models in the folder `config["models"]`, where there is one, are saved in 4 bits;
    what libraries compile for a card is kept in `config["cache"]`.
    """
    settle(Path(config["cache"]) if "cache" in config else None)
    check_room()
    # They import torch, now that all is settled.
    from app.engine import libraries, runtime  # noqa: PLC0415

    libraries.prepare()
    models = config.get("models")
    return runtime.Engine(Path(config["pictures"]), models=Path(models) if models else None)

"""How far a model is on its way to this disk, and what of that outlives the window."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from app.core.errors import Failed
from app.core.files.atomic import write_text


class Step(StrEnum):
    """What is being done with a model's files."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    IMPORTING = "importing"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True)
class ModelDownload:
    """One model's way: `done` of `total` bytes, `speed` in bytes and `left` in seconds.

    `total` is 0 until the hub has told it. `retries` is whether it goes on by
    itself after this failure; `waiting` is which try of how many is next, while
    the hub does not answer as it should.
    """

    id: str
    step: Step
    done: int = 0
    total: int = 0
    speed: float = 0.0
    left: float | None = None
    failed: Failed | None = None
    retries: bool = False
    waiting: tuple[int, int] | None = None

    @property
    def wanted(self) -> bool:
        """Whether it goes on by itself at the next start: not where the person paused it."""
        return self.step in (Step.WAITING, Step.RUNNING) or self.retries

    @property
    def unfinished(self) -> bool:
        """Whether a part of the model may lie on the disk."""
        return self.step in (Step.WAITING, Step.RUNNING, Step.PAUSED, Step.FAILED)


def load_downloads(path: Path) -> dict[str, ModelDownload]:
    """The unfinished downloads of earlier windows; none where the file is missing or damaged."""
    try:
        plain = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    found: dict[str, ModelDownload] = {}
    for name, item in cast("dict[str, Any]", plain if isinstance(plain, dict) else {}).items():
        table = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        done, total = table.get("done"), table.get("total")
        if type(done) is int and type(total) is int and 0 <= done <= total:
            step = Step.WAITING if table.get("wanted") is True else Step.PAUSED
            found[name] = ModelDownload(name, step, done, total)
    return found


def save_downloads(path: Path, downloads: Mapping[str, ModelDownload]) -> None:
    """Keep what is unfinished; beside the old file, then renamed. Raises OSError."""
    plain = {
        name: {"wanted": item.wanted, "done": item.done, "total": item.total}
        for name, item in downloads.items()
        if item.unfinished
    }
    write_text(path, json.dumps(plain, indent=1), private=True)

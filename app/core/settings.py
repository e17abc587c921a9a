"""What a person has chosen, kept as JSON in the user's settings folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from app.core.conversation import ReferenceMode
from app.core.files.private import make_folder, write_file

_BUILTIN = "builtin"
_LONGEST_IDLE = 24 * 60
_TEXTS = ("model", "model_folder", "language", "mirror")


@dataclass(frozen=True, slots=True)
class Settings:
    """All choices, with their first values.

    `language` is a language pack's id or "". `mirror` is an address that is used instead
    of the hub's, empty for the hub. After `idle_minutes` without a question the model
    leaves the memory; 0 is never. With `quick` it sees of pictures the overview alone.
    """

    model: str = _BUILTIN
    model_folder: str = ""
    reference: ReferenceMode = ReferenceMode.AUTO
    language: str = ""
    mirror: str = ""
    idle_minutes: int = 30
    quick: bool = False


def load_settings(path: Path) -> Settings:
    """The settings at `path`; first values for whatever is missing or damaged."""
    settings = Settings()
    try:
        plain = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return settings
    if not isinstance(plain, dict):
        return settings
    stored = cast("dict[str, object]", plain)
    texts = {name: text for name in _TEXTS if isinstance(text := stored.get(name), str)}
    settings = replace(settings, **texts)
    if type(minutes := stored.get("idle_minutes")) is int and 0 <= minutes <= _LONGEST_IDLE:
        settings = replace(settings, idle_minutes=minutes)
    if isinstance(quick := stored.get("quick"), bool):
        settings = replace(settings, quick=quick)
    for mode in ReferenceMode:
        if stored.get("reference") == mode.value:
            settings = replace(settings, reference=mode)
    return settings


def save_settings(path: Path, settings: Settings) -> None:
    """Write beside the old file and rename, so that a crash keeps one of them.

    Raises OSError when the folder cannot be written.
    """
    if not path.parent.exists():
        make_folder(path.parent)
    plain = {
        "model": settings.model,
        "model_folder": settings.model_folder,
        "reference": settings.reference.value,
        "language": settings.language,
        "mirror": settings.mirror,
        "idle_minutes": settings.idle_minutes,
        "quick": settings.quick,
    }
    write_file(path, json.dumps(plain, indent=2))

"""What a person has chosen, kept as JSON in the user's settings folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import cast

from app.core.conversation import ReferenceMode
from app.core.files.atomic import write_text
from app.core.files.private import make_folder

_BUILTIN = "builtin"
_LONGEST_IDLE = 24 * 60


@dataclass(frozen=True, slots=True)
class Settings:
    """All choices, with their first values.

    `language` is a language pack's id or "". `mirror` is an address that is used instead
    of the hub's, empty for the hub. After `idle_minutes` without a question the model
    leaves the memory; 0 is never. With `quick` it sees of pictures the overview alone.
    `folders` are those of models that were used where they are, `model_folder` the one of
    them that answers.
    """

    model: str = _BUILTIN
    model_folder: str = ""
    reference: ReferenceMode = ReferenceMode.AUTO
    language: str = ""
    mirror: str = ""
    idle_minutes: int = 30
    quick: bool = False
    folders: tuple[str, ...] = ()


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
    for field in fields(Settings):
        value = _read(stored.get(field.name), getattr(settings, field.name))
        settings = replace(settings, **{field.name: value})
    if not 0 <= settings.idle_minutes <= _LONGEST_IDLE:
        settings = replace(settings, idle_minutes=Settings().idle_minutes)
    return settings


def _read(value: object, first: object) -> object:
    """The stored value, if it is of the kind that the field's first value is; else the latter."""
    kind = type(first)
    if issubclass(kind, StrEnum):
        return kind(value) if value in list(kind) else first
    if isinstance(first, tuple):
        items = cast("list[object]", value) if isinstance(value, list) else []
        return tuple(item for item in items if isinstance(item, str))
    return value if type(value) is kind else first


def save_settings(path: Path, settings: Settings) -> None:
    """Write them, so that a crash keeps the old ones or these. Raises OSError."""
    if not path.parent.exists():
        make_folder(path.parent)
    plain = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    write_text(path, json.dumps(plain, indent=2), private=True)

"""Whole phrases of synthetic pictures, and the questions that need no label."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

_PHRASES: dict[str, tuple[str, ...]] = {
    name: tuple(text.strip("\n").split("\n"))
    for name, text in tomllib.loads(
        Path(__file__).with_name("phrases.toml").read_text("utf-8")
    ).items()
}


def phrases(name: str) -> tuple[str, ...]:
    """All phrases of the list `name`."""
    return _PHRASES[name]


def say(chance: random.Random, name: str, *parts: str, **named: str) -> str:
    """One phrase of the list `name`, with its gaps filled."""
    return chance.choice(_PHRASES[name]).format(*parts, **named)


def some(chance: random.Random, name: str, most: int) -> list[str]:
    """One to `most` different phrases of the list `name`."""
    return chance.sample(_PHRASES[name], chance.randint(1, most))

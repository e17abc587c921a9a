"""One child process and the pipe to it. No Qt here: the command line uses it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What a child is made of.

    `factory` is "package.module:function"; it is imported inside the child and
    called with `config`. What the child prints goes to the file `log`, or
    nowhere.
    """

    name: str
    factory: str
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    log: Path | None = None

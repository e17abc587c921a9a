"""The walls on macOS: a profile for its sandbox. Not tried: there was no such machine."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Iterable
from pathlib import Path

from app.core.walls import Wall, Walls


def raise_walls(walls: Walls) -> tuple[Wall, ...]:
    """Hand this process's profile to the system; for good."""
    names = ["network"] if walls.files is None else ["network", "files"]
    try:
        if walls.files is not None:
            for folder in walls.files.writes:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _enter(profile(walls))
    except (OSError, AttributeError) as error:
        return tuple(Wall(name, False, f"macOS sets no sandbox: {error}.") for name in names)  # noqa: FBT003
    return tuple(Wall(name, True, "macOS keeps this process in a sandbox.") for name in names)  # noqa: FBT003


def profile(walls: Walls) -> str:
    """The profile in the sandbox's own language; the last rule that fits decides."""
    network = "(deny network*)"
    if walls.local:
        network += "\n(allow network* (local unix))\n(allow network* (remote unix))"
    lines = ["(version 1)", "(allow default)", network]
    if walls.files is not None:
        home = Path.home().resolve()
        # The person's files and those of other disks; the system's and the program's stay.
        lines.append(f"(deny file-read-data {_below([home, Path('/Volumes')])})")
        lines.append("(deny file-write*)")
        reads = [*_installation(), *walls.files.reads, *walls.files.writes]
        lines.append(f"(allow file-read* {_below(reads)})")
        if walls.files.writes:
            lines.append(f"(allow file-write* {_below(walls.files.writes)})")
        lines.append('(allow file-write* (literal "/dev/null"))')
    return "\n".join(lines)


def _installation() -> list[Path]:

    places = [sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[1])]
    if frozen := getattr(sys, "_MEIPASS", None):
        places = [str(frozen), str(Path(sys.executable).parent)]
    return [Path(place).resolve() for place in places]


def _below(places: Iterable[Path]) -> str:
    return " ".join(f"(subpath {_quoted(str(place.resolve()))})" for place in places)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _enter(text: str) -> None:
    """Raises OSError with the system's own words."""
    library = ctypes.CDLL(ctypes.util.find_library("System") or "libSystem.dylib")
    message = ctypes.c_char_p()
    library.sandbox_init.argtypes = (ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p)
    if library.sandbox_init(text.encode(), 0, ctypes.byref(message)) != 0:
        words = (message.value or b"no reason was given").decode("utf-8", "replace")
        library.sandbox_free_error(message)
        raise OSError(words)

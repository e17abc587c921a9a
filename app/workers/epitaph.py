"""What is said of a child that has ended."""

from __future__ import annotations

import os
from pathlib import Path

from app.core.errors import ErrorKind, Failed

_TAIL = 4096
_AGAIN = "Please try once more."
_NO_MEMORY = (
    "The system ended it, which mostly means that memory ran out. "
    "Close other programs or choose a smaller model, then try once more."
)


def ended(name: str, exitcode: int | None, output: Path | None) -> Failed:
    """It ended by itself, or somebody else ended it."""
    advice = _NO_MEMORY if exitcode == -9 else _AGAIN
    return _failed(f"The {name} stopped unexpectedly.", advice, f"exit code {exitcode}", output)


def misspoke(name: str, what: str, output: Path | None) -> Failed:
    """It was ended because of what it sent."""
    detail = f"not one of our messages: {what}"
    return _failed(f"The {name} stopped unexpectedly.", _AGAIN, detail, output)


def condemned(name: str, wrong: str, output: Path | None) -> Failed:
    """It was ended because it did not answer; `wrong` goes on after its name."""
    advice = "What came until then is kept. Please try once more."
    return _failed(f"The {name} {wrong}.", advice, "ended by Ocellus", output)


def _failed(headline: str, advice: str, detail: str, output: Path | None) -> Failed:
    lines = "\n".join([detail, _tail(output)]).strip()
    return Failed(ErrorKind.CHILD_DIED, headline, advice, lines)


def _tail(output: Path | None) -> str:
    """The last lines that it printed."""
    if output is None:
        return ""
    try:
        with output.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""

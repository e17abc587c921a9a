"""How work ends that nobody wants any more; the same in the window, the children and commands."""

from __future__ import annotations

from collections.abc import Callable


class WorkCancelledError(Exception):
    """The work was cancelled between two of its steps. No failure: somebody asked for it."""


def check(cancelled: Callable[[], bool]) -> None:
    """Raise WorkCancelledError once `cancelled` says so."""
    if cancelled():
        raise WorkCancelledError

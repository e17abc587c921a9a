"""How a reading that is no longer wanted ends."""

from __future__ import annotations

from collections.abc import Callable


class Stopped(Exception):  # noqa: N818 - no error: the person asked for it
    """The request was cancelled between two steps."""


def check(cancelled: Callable[[], bool]) -> None:
    """Raise Stopped once the request was cancelled."""
    if cancelled():
        raise Stopped

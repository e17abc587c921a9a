"""Memory that is free again, given back to the system."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache


def trim() -> None:
    """Give back what the C library holds for later; takes some milliseconds.

    Each page leaves holes of other sizes in the memory of several threads. Held
    on to, they added up from page to page; a run over hundreds of pages stays
    at what one page needs.
    """
    _trimmer()()


@cache
def _trimmer() -> Callable[[], object]:
    if sys.platform == "linux":
        # Other C libraries than GNU's have no such function; macOS and Windows do it themselves.
        with suppress(AttributeError, OSError):
            give_back = ctypes.CDLL(None).malloc_trim
            return lambda: give_back(0)
    return lambda: None

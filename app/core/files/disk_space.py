"""Whether a disk has no room, whoever finds it out."""

from __future__ import annotations

import errno

# The last: no file may grow so large, on this file system or for this person.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full(error: OSError) -> bool:
    """Whether the disk, or the person's share of it, has no room for what was written."""
    return error.errno in _FULL

"""Whether processes are still there."""

import os
import sys
import time
from pathlib import Path


def alive(pid):
    """Whether the process runs; one that has ended and was not waited for does not."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def gone_within(pid, seconds):
    """Wait for its end; whether it came in time."""
    end = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True

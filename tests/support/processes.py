"""Processes that tests start and interrupt, and whether they are still there."""

import os
import signal
import subprocess
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


def started(words, held=False, **options):
    """A process in a session of its own that takes SIGINT as one from a terminal does.

    The tests may run in a background job, whose children have SIGINT ignored. With `held`, SIGINT
    and SIGTERM wait until the program lets them through, as run.py leaves it.
    """

    def prepare():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        how = signal.SIG_BLOCK if held else signal.SIG_UNBLOCK
        signal.pthread_sigmask(how, (signal.SIGINT, signal.SIGTERM))

    return subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=prepare if os.name == "posix" else None,  # noqa: PLW1509 - sets signals only
        **options,
    )


def members(group):
    """The processes of a group that still run (Linux)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found

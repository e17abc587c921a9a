"""How the set-up speaks to the person."""

from __future__ import annotations

import sys


class SetupError(Exception):
    """The set-up cannot go on; the message says what happened and what to do."""


def say(text: str) -> None:
    """One message, on stderr: stdout belongs to the program."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

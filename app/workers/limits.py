"""How long a child may be silent, and how much it may say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one child, in seconds and bytes; docs/decisions tells why they are what they are.

    Seconds count only while this program runs: not in a suspended laptop.
    """

    beat: float = 0.5
    """A thread of the child's shows this often that it is alive."""
    silence: float = 60.0
    """Without a beat, an acknowledged request, or the rest of a message."""
    start: float = 300.0
    """The same until its service is made: libraries from a slow disk keep every thread waiting."""
    work: float = 600.0
    """Busy with a request, but no event and no look at whether it was cancelled."""
    obey: float = 60.0
    """From the cancelling of the request at work to its end."""
    flood: float = 5.0
    """The same for one that said more than it may."""
    message: int = 2**20
    """The most bytes of one event."""

"""What a person calls the device on which a model answers: torch's "cuda" and "cpu"."""

from __future__ import annotations

NO_CARD = "Without an NVIDIA graphics card models answer slowly."

_NAMES = {"cuda": "NVIDIA GPU", "cpu": "CPU"}


def device_name(device: str) -> str:
    """In a word or two; what is not known keeps its own."""
    return _NAMES.get(device, device)


def whose_memory(device: str) -> str:
    """Whose memory it is, to begin a sentence with."""
    return "The graphics card" if device == "cuda" else "This computer"

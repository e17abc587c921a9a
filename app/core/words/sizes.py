"""Bytes as a person reads them: in powers of ten, as disks and downloads are sold."""

from __future__ import annotations


def size(count: float) -> str:
    """So many bytes, with a digit behind the point where that says something."""
    if count >= 100e9:
        return f"{count / 1e9:.0f} GB"
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    if count >= 10e6:
        return f"{count / 1e6:.0f} MB"
    return f"{count / 1e6:.1f} MB"

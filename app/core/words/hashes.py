"""Hashes as they are written: in lower-case hex digits, all of them."""

from __future__ import annotations

import re

SHA256 = re.compile(r"[0-9a-f]{64}")
SHA1 = re.compile(r"[0-9a-f]{40}")


def is_sha256(text: str) -> bool:
    """Whether this can be a SHA-256, and so the name of something in the store."""
    return SHA256.fullmatch(text) is not None

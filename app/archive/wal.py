"""What a write-ahead log holds that its database does not have yet.

Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

_MAGIC = (0x377F0682, 0x377F0683)
_FILE_HEADER, _FRAME_HEADER = 32, 24


def committed_pages(path: Path, page_size: int) -> dict[int, bytes]:
    """The newest version of each page, by number, up to the last commit that is whole.

    Nothing for a file that is missing, unreadable or no log of pages of this size.
    """
    data = b""
    with suppress(OSError):
        data = path.read_bytes()
    if len(data) < _FILE_HEADER:
        return {}
    magic, _, size, _ = struct.unpack_from(">4I", data)
    if magic not in _MAGIC or size != page_size:
        return {}
    order = ">" if magic & 1 else "<"
    salt = data[16:24]
    checksum = _checksum(data[:24], (0, 0), order)
    if checksum != struct.unpack_from(">2I", data, 24):
        return {}
    pages: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for start in range(_FILE_HEADER, len(data), _FRAME_HEADER + size):
        frame = data[start : start + _FRAME_HEADER + size]
        if len(frame) < _FRAME_HEADER + size or frame[8:16] != salt:
            break
        checksum = _checksum(frame[:8] + frame[_FRAME_HEADER:], checksum, order)
        number, commit, _, _, *stored = struct.unpack_from(">6I", frame)
        if tuple(stored) != checksum:
            break
        waiting[number] = frame[_FRAME_HEADER:]
        if commit:
            pages |= waiting
            waiting.clear()
    return pages


def _checksum(data: bytes, before: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = before
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second

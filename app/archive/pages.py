"""A database's rows, read page by page without SQLite, so that a damaged page costs itself alone.

Every page that looks like a leaf is read, whether or not the pages above it still lead there; the
schema is not needed. A row's columns tell which table it belongs to, see `rows.py`. Pages that
SQLite gave up are zeros (`secure_delete`), so nothing that was erased comes back.
Format: https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.archive.text import read_back
from app.archive.wal import committed_pages

_HEADER = 100
# What our databases are made with; the file's own word on it may be damaged.
PAGE_SIZE = 4096
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR = 0x0D, 0x0A, 0x02
_INTEGER_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Value = int | float | str | bytes | None


class Lost:
    """Stands for a column that lay on a page that is gone."""


LOST = Lost()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, with its number, or of an index, with 0.

    `values` may end in a text that is cut short, and in LOST, where it is not `whole`.
    """

    number: int
    values: tuple[Value | Lost, ...]
    whole: bool


class DamagedError(ValueError):
    """These bytes are no row."""


_NO_ROW = (DamagedError, IndexError, struct.error)


class PageFile:
    """The pages of the database at `path`, with what its write-ahead log has committed.

    Raises OSError.
    """

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        self._newer = committed_pages(path.with_name(path.name + "-wal"), PAGE_SIZE)
        self._count = max(len(self._data) // PAGE_SIZE, *self._newer, 0)

    def table_rows(self) -> Iterator[Row]:
        """The rows of all tables that have numbered rows."""
        for page, start in self._pages(_TABLE_LEAF):
            for place in _cells(page, start, 8):
                with suppress(*_NO_ROW):
                    size, behind = _varint(page, place)
                    number, behind = _varint(page, behind)
                    yield self._row(page, behind, size, number, PAGE_SIZE - 35)

    def index_rows(self) -> Iterator[Row]:
        """The rows of all indexes, and of tables without row numbers."""
        most = (PAGE_SIZE - 12) * 64 // 255 - 23
        for kind, header, skip in ((_INDEX_LEAF, 8, 0), (_INDEX_INTERIOR, 12, 4)):
            for page, start in self._pages(kind):
                for place in _cells(page, start, header):
                    with suppress(*_NO_ROW):
                        size, behind = _varint(page, place + skip)
                        yield self._row(page, behind, size, 0, most)

    def _pages(self, kind: int) -> Iterator[tuple[bytes, int]]:
        for number in range(1, self._count + 1):
            page = self._page(number)
            start = _HEADER if number == 1 else 0
            if len(page) == PAGE_SIZE and page[start] == kind:
                yield page, start

    def _page(self, number: int) -> bytes:
        if number in self._newer:
            return self._newer[number]
        return self._data[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]

    def _row(self, page: bytes, place: int, size: int, number: int, most: int) -> Row:
        if not 0 < size <= self._count * PAGE_SIZE:
            raise DamagedError
        least = (PAGE_SIZE - 12) * 32 // 255 - 23
        here = least + (size - least) % (PAGE_SIZE - 4)
        here = size if size <= most else here if here <= most else least
        if place + here > PAGE_SIZE:
            raise DamagedError
        payload = page[place : place + here]
        if here < size:
            (overflow,) = struct.unpack_from(">I", page, place + here)
            payload += self._overflow(overflow, size - here)
        return Row(number, _values(payload, size), len(payload) == size)

    def _overflow(self, number: int, size: int) -> bytes:
        """What is readable of `size` bytes on the chain of pages that begins here."""
        pieces: list[bytes] = []
        seen: set[int] = set()
        while size > 0 and 0 < number <= self._count and number not in seen:
            seen.add(number)
            page = self._page(number)
            if len(page) < PAGE_SIZE or not any(page):
                break
            (number,) = struct.unpack_from(">I", page)
            pieces.append(page[4 : 4 + size])
            size -= len(pieces[-1])
        return b"".join(pieces)


def _cells(page: bytes, start: int, header: int) -> Iterator[int]:
    """Where the page's cells begin."""
    (count,) = struct.unpack_from(">H", page, start + 3)
    first = start + header
    for number in range(min(count, (len(page) - first) // 2)):
        (place,) = struct.unpack_from(">H", page, first + 2 * number)
        if place >= first:
            yield place


def _values(payload: bytes, size: int) -> tuple[Value | Lost, ...]:
    """The columns of a record that is `size` bytes long where all of it is there."""
    header, place = _varint(payload, 0)
    if not 1 < header <= min(size, len(payload)):
        raise DamagedError
    kinds: list[int] = []
    while place < header:
        kind, place = _varint(payload, place)
        kinds.append(kind)
    sizes = [_size(kind) for kind in kinds]
    if place != header or header + sum(sizes) != size:
        raise DamagedError
    values: list[Value | Lost] = []
    for kind, length in zip(kinds, sizes, strict=True):
        part = payload[place : place + length]
        place += length
        is_text = kind >= 13 and kind % 2
        values.append(_value(kind, part) if len(part) == length or (is_text and part) else LOST)
    return tuple(values)


def _size(kind: int) -> int:
    if kind in (10, 11):
        raise DamagedError
    if kind >= 12:
        return (kind - 12) // 2
    return 8 if kind == 7 else _INTEGER_SIZES.get(kind, 0)


def _value(kind: int, part: bytes) -> Value:
    match kind:
        case 0:
            return None
        case 7:
            return float(struct.unpack(">d", part)[0])
        case 8 | 9:
            return kind - 8
        case _ if kind < 10:
            return int.from_bytes(part, "big", signed=True)
        case _:
            return read_back(part) if kind % 2 else part


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, and the place behind it. Raises IndexError."""
    number = 0
    for _ in range(8):
        byte = data[place]
        place += 1
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place
    number = number << 8 | data[place]
    return number - (1 << 64 if number >= 1 << 63 else 0), place + 1

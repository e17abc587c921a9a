"""What a run has finished in its folder, so that the next one can go on after a kill."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.core.errors import ErrorKind, OcellusError
from app.core.files.lock import HeldElsewhereError, lock_open_file

NAME = ".ocellus-read.jsonl"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A source as it was when it was read."""

    path: str
    size: int
    modified: int

    @classmethod
    def of(cls, source: Path) -> Fingerprint:
        """As it is now; of a file that is not there, nothing fits."""
        try:
            status = source.stat()
        except OSError:
            return cls(str(source.absolute()), -1, -1)
        return cls(str(source.absolute()), status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Record:
    """One result: where, from what, how, and what it holds.

    `sha256` is "" where there was nothing to write, which is a result too.
    """

    output: str
    source: Fingerprint
    options: str
    sha256: str
    failures: tuple[str, ...] = ()


class Journal:
    """A line per result, written before the result gets its name.

    So a result without a line is somebody else's, and one that was killed in
    between lies whole under its passing name.
    """

    def __init__(self, folder: Path) -> None:
        """Open it, alone. Raises OcellusError if another run has it open, OSError."""
        self._folder = folder
        self._writing = threading.Lock()
        self._records: dict[str, list[Record]] = defaultdict(list)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / NAME).open("a+b")
        try:
            lock_open_file(self._file)
            self._load()
        except HeldElsewhereError as error:
            self._file.close()
            raise OcellusError.of(
                ErrorKind.UNREADABLE,
                f"Another `read` is writing to {folder}.",
                "Wait for it to end, or choose another folder.",
                str(error),
            ) from error
        except BaseException:
            self._file.close()
            raise

    def latest(self, output: Path) -> Record | None:
        """The newest record of this result."""
        records = self._records.get(self._key(output))
        return records[-1] if records else None

    def knows(self, output: Path, sha256: str) -> bool:
        """Whether a run has once made this file with this content."""
        if not sha256:
            return False
        return any(one.sha256 == sha256 for one in self._records.get(self._key(output), ()))

    def add(
        self,
        output: Path,
        source: Fingerprint,
        options: str,
        sha256: str,
        failures: tuple[str, ...],
    ) -> None:
        """Write a record to the disk. Raises OSError."""
        record = Record(self._key(output), source, options, sha256, failures)
        line = json.dumps(asdict(record), ensure_ascii=True).encode() + b"\n"
        with self._writing:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._records[record.output].append(record)

    def close(self) -> None:
        """Let others in."""
        self._file.close()

    def _key(self, output: Path) -> str:
        return output.relative_to(self._folder).as_posix()

    def _load(self) -> None:
        self._file.seek(0)
        data = self._file.read()
        for line in data.split(b"\n"):
            # The last line may be half of one, where a kill or a full disk cut it.
            with suppress(ValueError, TypeError, KeyError):
                record = _record(json.loads(line))
                self._records[record.output].append(record)
        if data and not data.endswith(b"\n"):
            self._file.write(b"\n")


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes; "" if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _record(plain: dict[str, Any]) -> Record:
    source = Fingerprint(**plain["source"])
    return Record(
        str(plain["output"]),
        source,
        str(plain["options"]),
        str(plain["sha256"]),
        tuple(str(one) for one in plain["failures"]),
    )

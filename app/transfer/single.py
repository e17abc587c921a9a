"""One file of known size and hash from one address, over any number of interruptions."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
from filelock import FileLock, Timeout

from app.core.errors import ErrorKind, OcellusError
from app.transfer.hub import Access, Hub
from app.transfer.transfer import PausedError

_PIECE = 1 << 16
_TOLD_SECONDS = 0.2

Report = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Published:
    """A file as somebody has published it; `size` in bytes."""

    address: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SingleRetries:
    """How often a broken connection is tried again, after `backoff` seconds and twice as many."""

    attempts: int = 5
    backoff: float = 1.0


class SingleFile:
    """The download of one file; `fetch` in a thread of its own, `pause` from any thread.

    The bytes gather in `<name>.part`, from whose end the next attempt goes on.
    The file takes its name when all of it has the published hash, never before.
    """

    def __init__(
        self,
        published: Published,
        target: Path,
        report: Report = lambda _: None,
        proxy: str | None = None,
        patience: SingleRetries | None = None,
    ) -> None:
        """`report` is told the bytes on the disk, a few times a second."""
        self._published, self._target = published, target
        self._report, self._told = report, 0.0
        self._proxy = proxy
        self._patience = patience or SingleRetries()
        self._part = target.with_name(f"{target.name}.part")
        self._stop = threading.Event()

    def pause(self) -> None:
        """Stop soon; `fetch` raises PausedError. What is on the disk stays."""
        self._stop.set()

    def fetch(self) -> None:
        """Have the file under its name. Raises OcellusError in plain words, and PausedError."""
        self._work(self._download)

    def copy(self, source: Path) -> None:
        """Take the file from this disk instead, after the same check. Raises OcellusError."""
        self._work(lambda: self._take(source))

    def _work(self, work: Callable[[], None]) -> None:
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            lock = self._target.with_name(f"{self._target.name}.lock")
            with FileLock(lock, timeout=0):
                if not self._is_right(self._target):
                    work()
            lock.unlink(missing_ok=True)
        except Timeout as error:
            raise OcellusError.of(
                ErrorKind.NETWORK, "This is already being downloaded.", "Wait for it."
            ) from error
        except OSError as error:
            raise OcellusError.of(
                ErrorKind.DISK_FULL,
                "The download cannot be written to the disk.",
                "Make room or check the disk, then start it again: what is there is kept.",
                str(error),
            ) from error

    def _download(self) -> None:
        self._check_room()
        try:
            with closing(Hub(self._access())) as hub:
                # A part that another version or a bad disk has left is told by the hash alone.
                for _ in range(2):
                    self._fill(hub)
                    if self._finish():
                        return
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise OcellusError.of(
                ErrorKind.NETWORK,
                "No file can be fetched from this address.",
                "Check it; it must begin with https://.",
                f"{self._published.address}: {error}",
            ) from error
        raise self._damaged()

    def _access(self) -> Access:
        # Redirects from https to http are refused by what the first address is.
        address = httpx2.URL(self._published.address)
        if not address.host:
            raise httpx2.UnsupportedProtocol("no server in it")
        return Access(f"{address.scheme}://{address.netloc.decode()}", self._proxy)

    def _take(self, source: Path) -> None:
        self._check_room()
        self._part.unlink(missing_ok=True)
        try:
            with source.open("rb") as file:
                self._write(iter(lambda: file.read(_PIECE), b""), 0)
        except _AnotherSizeError:
            self._part.unlink(missing_ok=True)
        if not self._part.is_file() or not self._finish():
            raise OcellusError.of(
                ErrorKind.ACCESS,
                f"{source} is not the file that is published.",
                f"Get it once more from {self._published.address}.",
                f"SHA-256 {self._published.sha256} is expected",
            )

    def _fill(self, hub: Hub) -> None:
        """Fetch what is missing, trying again while the connection breaks."""
        failures = 0
        while (before := self._length()) < self._published.size:
            try:
                self._request(hub, before)
            except _AnotherSizeError as error:
                self._part.unlink(missing_ok=True)
                raise self._damaged() from error
            except httpx2.UnsupportedProtocol:
                raise
            except httpx2.HTTPError as error:
                failures = 1 if self._length() > before else failures + 1
                if failures >= self._patience.attempts:
                    raise OcellusError.of(
                        ErrorKind.NETWORK,
                        f"The connection to {httpx2.URL(self._published.address).host} was lost.",
                        "Start the download again when you are online: it goes on where it was.",
                        str(error) or type(error).__name__,
                    ) from error
                if self._stop.wait(min(30.0, self._patience.backoff * 2 ** (failures - 1))):
                    raise PausedError from error

    def _request(self, hub: Hub, start: int) -> None:
        headers = {"Range": f"bytes={start}-"} if start else {}
        with hub.get(self._published.address, headers) as response:
            status = response.status_code
            if status == 416:
                raise _AnotherSizeError
            if status in (401, 403, 404, 410):
                raise OcellusError.of(
                    ErrorKind.ACCESS,
                    f"{response.url.host} does not have this file any more.",
                    "Check for a newer version of Ocellus.",
                    f"{status} for {self._published.address}",
                )
            if status not in (200, 206):
                raise httpx2.ReadError(f"status {status}")
            if status == 200:
                start = 0
            elif not response.headers.get("content-range", "").startswith(f"bytes {start}-"):
                raise httpx2.ReadError("another range than was asked for")
            length = response.headers.get("content-length", "")
            if length.isdigit() and int(length) != self._published.size - start:
                raise _AnotherSizeError
            self._write(response.iter_raw(), start)

    def _write(self, pieces: Iterable[bytes], start: int) -> None:
        with self._part.open("r+b" if start else "wb") as file:
            file.seek(start)
            at = start
            for piece in pieces:
                if self._stop.is_set():
                    raise PausedError
                at += len(piece)
                if at > self._published.size:
                    raise _AnotherSizeError
                file.write(piece)
                if time.monotonic() - self._told > _TOLD_SECONDS:
                    self._told = time.monotonic()
                    self._report(at)
            file.flush()
            os.fsync(file.fileno())
        self._report(at)

    def _finish(self) -> bool:
        """Give the part its name if it is right; otherwise it goes."""
        if not self._is_right(self._part):
            self._part.unlink(missing_ok=True)
            return False
        self._part.replace(self._target)
        return True

    def _is_right(self, path: Path) -> bool:
        if not path.is_file() or path.stat().st_size != self._published.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self._published.sha256

    def _length(self) -> int:
        """Bytes on the disk; more than there should be are none."""
        length = self._part.stat().st_size if self._part.is_file() else 0
        return length if length <= self._published.size else 0

    def _check_room(self) -> None:
        wanted = self._published.size - self._length() + (1 << 20)
        free = shutil.disk_usage(self._target.parent).free
        if wanted > free:
            raise OcellusError.of(
                ErrorKind.DISK_FULL,
                f"{wanted / 1e6:.0f} MB are needed on the disk and {free / 1e6:.0f} MB are free.",
                "Make room, then start the download again.",
                str(self._target.parent),
            )

    def _damaged(self) -> OcellusError:
        return OcellusError.of(
            ErrorKind.NETWORK,
            "What arrived is not the file that Ocellus knows, and was thrown away.",
            "Try again later, or check for a newer version of Ocellus.",
            f"{self._published.address} should have {self._published.size} bytes "
            f"and SHA-256 {self._published.sha256}",
        )


class _AnotherSizeError(Exception):
    """More or fewer bytes than were published."""

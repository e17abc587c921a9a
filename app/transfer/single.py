"""One file of known size and hash from one address, over any number of interruptions."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from app.core.errors import ErrorKind, OcellusError
from app.core.files.lock import HeldElsewhereError, Lock
from app.core.words.sizes import size
from app.transfer.fetch import DamagedError, Fetch
from app.transfer.hub import Access, Hub
from app.transfer.listing import RemoteFile
from app.transfer.patience import Pace, RetryBudget, Waiting
from app.transfer.progress import Meter, TransferProgress
from app.transfer.staging import disk_error
from app.transfer.store import PartFile
from app.transfer.watched import Watched, pausing_at_sigterm

PACE = Pace(block=1 << 20, workers=2)
"""For files of some megabytes: a kill costs two of them at most."""

_BESIDE = 1 << 20


@dataclass(frozen=True, slots=True)
class Published:
    """A file as somebody has published it; `size` in bytes."""

    address: str
    size: int
    sha256: str


class SingleFile:
    """The download of one file; `fetch` once, `pause` from any thread.

    It comes as a model's files do: in blocks, those of which that are on the
    disk are not fetched again. It takes its name when all of it has the
    published hash, never before. `report` and `report_waiting` are called as
    `Transfer` does.
    """

    def __init__(
        self,
        published: Published,
        target: Path,
        proxy: str | None = None,
        pace: Pace = PACE,
        report: Callable[[TransferProgress], None] = lambda _: None,
        report_waiting: Callable[[Waiting | None], None] = lambda _: None,
    ) -> None:
        self._published, self._target = published, target
        self._proxy, self._pace = proxy, pace
        self._file = RemoteFile(target.name, published.size, published.sha256, "")
        self._patience = RetryBudget(pace, "server")
        self._meter = Meter(report)
        self._watched = Watched(self._patience, self._meter, report_waiting)

    def pause(self) -> None:
        """Stop soon; `fetch` raises PausedError. What is on the disk stays."""
        self._patience.pause()

    def fetch(self) -> None:
        """Have the file under its name. Raises OcellusError in plain words, and PausedError.

        Where it is called in a process's main thread, SIGTERM pauses as well.
        """
        access = self._access()
        with pausing_at_sigterm(self.pause), self._held():
            try:
                self._watched.run(lambda: self._download(access))
            except DamagedError as error:
                raise self._damaged() from error

    def copy(self, source: Path) -> None:
        """Take the file from this disk instead, after the same check. Raises OcellusError."""
        with self._held():
            part = self._part()
            self._check_room(self._published.size)
            if not self._file.matches(source):
                raise self._another(source)
            part.bring(source)
            if not part.finish(lambda: None):
                raise self._another(source)

    @contextmanager
    def _held(self) -> Generator[None, None, None]:
        """Keep other processes out. Raises OcellusError, also for a disk that fails inside."""
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            with Lock(self._target.with_name(f"{self._target.name}.lock")) as lock:
                yield
                lock.removes = True
        except HeldElsewhereError as error:
            raise OcellusError.of(
                ErrorKind.NETWORK, "This is already being downloaded.", "Wait for it."
            ) from error
        except OSError as error:
            raise disk_error(error) from error

    def _download(self, access: Access) -> None:
        part = self._part()
        self._check_room(self._published.size - part.bytes_done)
        self._meter.begin(part.bytes_done, self._published.size)
        with closing(Hub(access)) as hub:
            address = self._published.address
            Fetch(hub, self._pace, self._patience, self._meter, part, address, self._refuse).run()

    def _part(self) -> PartFile:
        return PartFile(self._target.parent, self._file, self._pace.block)

    def _access(self) -> Access:
        # Redirects from https to http are refused by what the first address is.
        try:
            address = httpx2.URL(self._published.address)
        except httpx2.InvalidURL as error:
            raise self._nowhere(str(error)) from error
        if not address.host:
            raise self._nowhere("no server in it")
        return Access(f"{address.scheme}://{address.netloc.decode()}", self._proxy)

    def _refuse(self, response: httpx2.Response) -> None:
        status = response.status_code
        if status in (401, 403, 404, 410):
            raise OcellusError.of(
                ErrorKind.ACCESS,
                f"{response.url.host} does not have this file any more.",
                "Check for a newer version of Ocellus.",
                f"{status} for {self._published.address}",
            )

    def _check_room(self, missing: int) -> None:
        wanted, free = missing + _BESIDE, shutil.disk_usage(self._target.parent).free
        if wanted > free:
            raise OcellusError.of(
                ErrorKind.DISK_FULL,
                f"{size(wanted)} are needed on the disk and {size(free)} are free.",
                "Make room, then start the download again.",
                str(self._target.parent),
            )

    def _another(self, source: Path) -> OcellusError:
        return OcellusError.of(
            ErrorKind.ACCESS,
            f"{source} is not the file that is published.",
            f"Get it once more from {self._published.address}.",
            f"SHA-256 {self._published.sha256} is expected",
        )

    def _damaged(self) -> OcellusError:
        return OcellusError.of(
            ErrorKind.NETWORK,
            "What arrived is not the file that Ocellus knows, and was thrown away.",
            "Try again later, or check for a newer version of Ocellus.",
            f"{self._published.address} should have {self._published.size} bytes "
            f"and SHA-256 {self._published.sha256}",
        )

    def _nowhere(self, detail: str) -> OcellusError:
        return OcellusError.of(
            ErrorKind.NETWORK,
            "No file can be fetched from this address.",
            "Check it; it must begin with https://.",
            f"{self._published.address}: {detail}",
        )

"""One file over several connections at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import httpx2

from app.core.errors import ErrorKind, Failed, OcellusError
from app.transfer.hub import Hub
from app.transfer.patience import Pace, RetryBudget, TryAgainError, retry_after
from app.transfer.progress import Meter
from app.transfer.store import PartFile

Refuse = Callable[[httpx2.Response], None]


class DamagedError(OcellusError):
    """A file never came as the listing says; perhaps the listing is what is wrong."""


class Fetch:
    """Asks for one block per request.

    The server then never sends more than a block ahead, so that what the
    sockets hold when the process is killed is within the bound as well.
    """

    def __init__(
        self,
        hub: Hub,
        pace: Pace,
        patience: RetryBudget,
        meter: Meter,
        part: PartFile,
        address: str,
        refuse: Refuse | None = None,
    ) -> None:
        """`refuse` raises for what is no file, in other words than those for a model."""
        self._hub, self._pace, self._patience = hub, pace, patience
        self._refuse = refuse
        self._meter, self._part, self._address = meter, part, address
        self._lock = threading.Lock()
        self._direct = address  # where the hub has sent us, while that holds
        self._restarts = self._kept = 0

    def run(self) -> None:
        """Until the file has its name. Raises OcellusError, PausedError, OSError."""
        while True:
            if not self._part.complete:
                self._fetch_missing()
            self._patience.check()
            if self._part.finish(self._patience.check):
                return
            self._restart(self._part.generation)  # it is not what was published

    def _fetch_missing(self) -> None:
        threads = [
            threading.Thread(target=self._work, daemon=True)
            for _ in range(min(self._pace.workers, self._part.count))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self) -> None:
        descriptor = -1
        try:
            with self._part.lock:
                descriptor = self._part.open()
            while (index := self._part.claim()) is not None:
                try:
                    self._patience.insist(
                        lambda index=index: self._block(index, descriptor), lambda: self._kept
                    )
                finally:
                    self._part.release(index)
        except Exception as error:  # noqa: BLE001 - whoever waits for all threads raises it
            self._patience.fail(error)
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _block(self, index: int, descriptor: int) -> None:
        """Fetch one block, or the whole file from a server that knows no ranges."""
        part, generation = self._part, self._part.generation
        if part.done[index] or part.whole:
            return
        first = index * part.block
        end = first + part.length(index)
        headers = {"Range": f"bytes={first}-{end - 1}"}
        if part.etag:
            headers["If-Range"] = part.etag
        asked = self._direct
        with self._hub.get(asked, headers) as response:
            self._accept(response, generation, asked)
            if response.status_code == 206:
                if not response.headers.get("content-range", "").startswith(f"bytes {first}-"):
                    raise TryAgainError("another range than was asked for")
                self._write(response, descriptor, (first, end, generation))
                return
            with part.lock:
                if part.whole:
                    return
                part.whole = True
            try:
                self._write(response, descriptor, (0, part.remote.size, generation))
            finally:
                part.whole = False

    def _accept(self, response: httpx2.Response, generation: int, asked: str) -> None:
        """Raise for every answer but the file's bytes."""
        status = response.status_code
        if status == 416:
            self._restart(generation)
            raise TryAgainError("416: the file is shorter than it was")
        if status in (401, 403, 404, 410) and asked != self._address:
            self._direct = self._address  # expired or gone: the hub knows a fresh one
            raise TryAgainError(f"status {status}")
        if self._refuse is not None:
            self._refuse(response)
        refuse(response, at_hub=self._refuse is None and self._hub.is_hub(str(response.url)))
        self._direct = str(response.url)
        if not self._part.remember(response.headers.get("etag", "")):
            self._restart(generation)
            self._direct = self._address
            raise TryAgainError("the file changed under way")

    def _write(
        self, response: httpx2.Response, descriptor: int, span: tuple[int, int, int]
    ) -> None:
        part = self._part
        at, end, generation = span
        for piece in response.iter_raw():
            self._patience.check()
            self._meter.arrive(len(piece))
            if at + len(piece) > end:
                raise TryAgainError("more bytes than were asked for")
            view = memoryview(piece)
            while view:
                index = at // part.block
                limit = index * part.block + part.length(index)
                now = view[: limit - at]
                if not part.done[index]:
                    _write_at(descriptor, now, at)
                at, view = at + len(now), view[len(now) :]
                if at == limit and not part.done[index]:
                    if part.mark(descriptor, index, generation):
                        with self._lock:
                            self._kept += part.length(index)
                        self._meter.keep(part.length(index))
                    elif generation != part.generation:
                        raise TryAgainError("begun anew")
        if at < end:
            raise TryAgainError(f"the body ended {end - at} bytes early")

    def _restart(self, generation: int) -> None:
        with self._lock:
            self._restarts += 1
            often = self._restarts
        self._meter.keep(-self._part.restart(generation))
        if often > 3 * self._pace.workers:
            raise DamagedError(
                Failed(
                    ErrorKind.NETWORK,
                    f"{self._part.remote.name} arrives damaged again and again.",
                    "Try again later; if you set a mirror's address, try without it.",
                    f"{often} times another size or hash than the hub names",
                )
            )


def refuse(response: httpx2.Response, *, at_hub: bool) -> None:
    """Raise for every status but 200 and 206: OcellusError where another try cannot help."""
    status = response.status_code
    if status in (200, 206):
        return
    if at_hub and status in (401, 403):
        raise OcellusError.of(
            ErrorKind.ACCESS,
            "The hub does not give this model to everyone.",
            "Accept its terms on the hub's page, and give your access token.",
            f"status {status}",
        )
    if at_hub and status == 404:
        raise OcellusError.of(
            ErrorKind.ACCESS,
            "The hub does not have this model.",
            "If you set a mirror's address, check it.",
            f"status {status}",
        )
    if status == 407:
        raise OcellusError.of(
            ErrorKind.ACCESS,
            "The proxy wants a name and a password.",
            "Set its address as http://name:password@proxy.example:8080.",
            f"status {status}",
        )
    raise TryAgainError(f"status {status}", retry_after(response))


def _write_at(descriptor: int, data: memoryview, at: int) -> None:
    os.lseek(descriptor, at, os.SEEK_SET)  # each worker has a descriptor of its own
    while data:
        data = data[os.write(descriptor, data) :]

"""A model from the hub into a folder, over any number of interruptions."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx2
from filelock import FileLock, Timeout

from app.core.errors import ErrorKind, OcellusError
from app.transfer.hub import Access, Hub, read_json
from app.transfer.listing import OURS, Listing, from_hub, from_plain
from app.transfer.store import PartFile

_PARTS = ".parts"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes on the disk of all bytes; `speed` in bytes per second, `left` in seconds."""

    done: int
    total: int
    speed: float
    left: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Sizes and times: `workers` × `block` (16 MiB) is what a kill can cost."""

    block: int = 4 << 20
    workers: int = 4
    run: int = 16
    attempts: int = 8
    backoff: float = 1.0
    longest_wait: float = 120.0


class PausedError(Exception):
    """The person stopped the transfer; what is on the disk stays."""


class Transfer:
    """One model's download; `run` in a thread of its own, `pause` from any thread."""

    def __init__(
        self,
        repository: str,
        folder: Path,
        access: Access | None = None,
        pace: Pace | None = None,
        report: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._repository, self._folder = repository, folder
        self._pace, self._report = pace or Pace(), report
        self._access = access or Access()
        self._staging = folder.parent / _PARTS / folder.name
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._addresses: dict[str, str] = {}
        self._restarts: dict[str, int] = {}
        self._failure: BaseException | None = None
        self._done = self._total = self._fetched = 0
        self._started = self._said = 0.0

    def pause(self) -> None:
        """Stop soon; `run` raises PausedError."""
        self._stop.set()

    def run(self) -> Listing:
        """Fetch what is missing, check all of it, and give the folder its name.

        Raises OcellusError in plain words, PausedError after `pause`.
        """
        hub = None
        try:
            if self._folder.exists():
                return pinned(self._folder)
            self._staging.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self._staging}.lock", timeout=0):
                hub = Hub(self._access)
                listing = self._run(hub)
            Path(f"{self._staging}.lock").unlink(missing_ok=True)
            return listing  # noqa: TRY300 - the end of the work, not of a test
        except Timeout as error:
            raise OcellusError.of(
                ErrorKind.NETWORK, "This model is already being downloaded.", "Wait for it."
            ) from error
        except OSError as error:
            raise OcellusError.of(
                ErrorKind.DISK_FULL,
                "The download cannot be written to the disk.",
                "Make room or check the disk, then start it again: what is there is kept.",
                str(error),
            ) from error
        finally:
            if hub is not None:
                hub.close()

    def _run(self, hub: Hub) -> Listing:
        self._staging.mkdir(exist_ok=True)
        listing = self._plan(hub)
        parts = [PartFile(self._staging, file, self._pace.block) for file in listing.files]
        self._total, self._done = listing.size, sum(part.bytes_done for part in parts)
        _check_room(self._staging, listing.size - self._done)
        self._started = time.monotonic()
        for part in parts:
            self._fetch(hub, listing, part)
        self._say(last=True)
        (self._staging / OURS).write_text(json.dumps(listing.plain(), indent=1), "utf-8")
        self._staging.rename(self._folder)
        return listing

    def _plan(self, hub: Hub) -> Listing:
        pin = self._staging / OURS
        try:
            return from_plain(json.loads(pin.read_text("utf-8")))
        except (OSError, ValueError):
            pass
        listing = self._try(lambda: self._list(hub), lambda: 0)
        part = pin.with_suffix(".new")
        part.write_text(json.dumps(listing.plain()), "utf-8")
        part.replace(pin)
        return listing

    def _list(self, hub: Hub) -> Listing:
        with hub.get(hub.info_address(self._repository), {}) as response:
            self._refuse(response, at_hub=True)
            try:
                return from_hub(self._repository, read_json(response))
            except ValueError as error:
                raise httpx2.DecodingError(str(error)) from error

    def _fetch(self, hub: Hub, listing: Listing, part: PartFile) -> None:
        address = hub.file_address(listing.repository, listing.commit, part.remote.name)
        while True:
            if not part.complete:
                threads = [
                    threading.Thread(target=self._work, args=(hub, address, part), daemon=True)
                    for _ in range(min(self._pace.workers, part.count))
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                if self._failure is not None:
                    raise self._failure
            if part.complete and part.finish():
                return
            if part.complete:
                part.final.unlink(missing_ok=True)
                self._restart(part, part.generation)

    def _work(self, hub: Hub, address: str, part: PartFile) -> None:
        descriptor = -1
        try:
            with part.lock:
                descriptor = part.open()
            while (run := part.claim(self._pace.run)) is not None:
                try:
                    self._try(
                        lambda run=run: self._range(hub, address, part, descriptor, run),
                        lambda: self._fetched,
                    )
                finally:
                    part.release(run)
        except (OcellusError, PausedError, OSError, httpx2.InvalidURL) as error:
            with self._lock:
                self._failure = self._failure or error
            self._stop.set()
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _range(self, hub: Hub, address: str, part: PartFile, descriptor: int, run: range) -> None:
        """Fetch a run of blocks, or what is left of it, with one request."""
        generation = part.generation
        wanted = [index for index in run if not part.done[index]]
        if not wanted or part.whole:
            return
        first, end = wanted[0] * part.block, min((run[-1] + 1) * part.block, part.remote.size)
        headers = {"Range": f"bytes={first}-{end - 1}"}
        if part.etag:
            headers["If-Range"] = part.etag
        direct = self._addresses.get(part.remote.name, address)
        with hub.get(direct, headers) as response:
            if response.status_code == 403 and direct != address:
                self._addresses.pop(part.remote.name, None)  # expired: ask the hub again
            if response.status_code == 416:
                self._restart(part, generation)
                raise httpx2.ReadError("416")
            self._refuse(response, at_hub=hub.is_hub(str(response.url)))
            self._addresses[part.remote.name] = str(response.url)
            if not part.remember(response.headers.get("etag", "")):
                self._restart(part, generation)
                self._addresses.pop(part.remote.name, None)
                raise httpx2.ReadError("the file changed under way")
            if response.status_code == 200:
                with part.lock:
                    if part.whole:
                        return
                    part.whole = True
                first, end = 0, part.remote.size
            elif not response.headers.get("content-range", "").startswith(f"bytes {first}-"):
                raise httpx2.ReadError("another range than was asked for")
            try:
                self._write(response, part, descriptor, (first, end, generation))
            finally:
                if response.status_code == 200:
                    part.whole = False

    def _write(
        self,
        response: httpx2.Response,
        part: PartFile,
        descriptor: int,
        span: tuple[int, int, int],
    ) -> None:
        at, end, generation = span
        for piece in response.iter_raw():
            if self._stop.is_set():
                raise PausedError
            view = memoryview(piece)[: end - at]
            while view:
                index = at // part.block
                limit = index * part.block + part.length(index)
                now = view[: limit - at]
                if not part.done[index]:
                    _write_at(descriptor, now, at)
                at, view = at + len(now), view[len(now) :]
                if at == limit and not part.done[index]:
                    if part.mark(descriptor, index, generation):
                        self._count(part.length(index))
                    elif generation != part.generation:
                        raise httpx2.ReadError("begun anew")
        if at < end:
            raise httpx2.ReadError(f"the body ended {end - at} bytes early")

    def _restart(self, part: PartFile, generation: int) -> None:
        with self._lock:
            name = part.remote.name
            self._restarts[name] = self._restarts.get(name, 0) + 1
            often = self._restarts[name]
            self._done -= part.restart(generation)
        if often > 3 * self._pace.workers:
            raise OcellusError.of(
                ErrorKind.NETWORK,
                f"{part.remote.name} arrives damaged again and again.",
                "Try again later; if you set a mirror's address, try without it.",
                f"{often} times another size or hash than the hub names",
            )

    def _refuse(self, response: httpx2.Response, *, at_hub: bool) -> None:
        """Raise for every status but 200 and 206."""
        status = response.status_code
        if status in (200, 206):
            return
        if at_hub and status in (401, 403):
            raise OcellusError.of(
                ErrorKind.ACCESS,
                "The hub does not give this model to everyone.",
                "Accept its terms on the hub's page, and give your access token.",
                f"{status} for {self._repository}",
            )
        if at_hub and status == 404:
            raise OcellusError.of(
                ErrorKind.ACCESS,
                "The hub does not have this model.",
                "If you set a mirror's address, check it.",
                f"404 for {self._repository}",
            )
        after = response.headers.get("retry-after", "")
        if status in (429, 503) and after.isdigit():
            self._wait(min(float(after), self._pace.longest_wait))
        raise httpx2.ReadError(f"status {status}")

    def _try(self, what: Callable[[], _T], measure: Callable[[], int]) -> _T:
        failures, before = 0, measure()
        while True:
            if self._stop.is_set():
                raise PausedError
            try:
                return what()
            except httpx2.HTTPError as error:
                now = measure()
                failures = 1 if now > before else failures + 1
                before = now
                if failures >= self._pace.attempts:
                    raise OcellusError.of(
                        ErrorKind.NETWORK,
                        "The connection to the hub was lost.",
                        "Start the download again when you are online: it goes on where it was.",
                        str(error) or type(error).__name__,
                    ) from error
                self._wait(min(self._pace.backoff * 2 ** (failures - 1), 30.0))

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise PausedError

    def _count(self, size: int) -> None:
        with self._lock:
            self._done += size
            self._fetched += size
        self._say()

    def _say(self, *, last: bool = False) -> None:
        now = time.monotonic()
        if not last and now - self._said < 0.2:
            return
        self._said = now
        speed = self._fetched / max(now - self._started, 1e-3)
        left = (self._total - self._done) / speed if speed else None
        self._report(Progress(self._done, self._total, speed, left))


def cancel(folder: Path) -> None:
    """Remove all that an unfinished download of this model has left. Raises OSError."""
    staging = folder.parent / _PARTS / folder.name
    shutil.rmtree(staging, ignore_errors=True)
    Path(f"{staging}.lock").unlink(missing_ok=True)


def pinned(folder: Path) -> Listing:
    """What was fetched into this folder, and at which commit. Raises OcellusError."""
    try:
        return from_plain(json.loads((folder / OURS).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            "This folder was not downloaded by Ocellus.",
            "Move it away, then download the model.",
            str(folder),
        ) from error


def damaged(folder: Path) -> list[str]:
    """Names of the files that are missing or not as published. Raises OcellusError."""
    listing = pinned(folder)
    return [
        file.name
        for file in listing.files
        if not (folder / file.name).is_file() or not file.matches(folder / file.name)
    ]


def _check_room(folder: Path, need: int) -> None:
    wanted, free = need * 11 // 10, shutil.disk_usage(folder).free
    if wanted > free:
        raise OcellusError.of(
            ErrorKind.DISK_FULL,
            f"{wanted / 1e9:.1f} GB are needed on the disk and {free / 1e9:.1f} GB are free.",
            "Make room, or choose a smaller model.",
            str(folder),
        )


def _write_at(descriptor: int, data: memoryview, at: int) -> None:
    os.lseek(descriptor, at, os.SEEK_SET)  # each worker has a descriptor of its own
    while data:
        data = data[os.write(descriptor, data) :]

"""A model from the hub into a folder, over any number of interruptions."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from app.catalog.quantised import quantised_folder
from app.core.errors import ErrorKind, OcellusError
from app.transfer.access import Access
from app.transfer.fetch import DamagedError, Fetch, refuse
from app.transfer.hub import Hub, read_json
from app.transfer.listing import Listing, from_hub, no_sense
from app.transfer.patience import Pace, PausedError, RetryBudget, Waiting
from app.transfer.progress import Meter, TransferProgress
from app.transfer.staging import Staging, cancel, damaged, disk_error, is_pinned, missing, pinned
from app.transfer.store import PartFile

__all__ = [
    "Pace",
    "PausedError",
    "Transfer",
    "TransferProgress",
    "Waiting",
    "cancel",
    "damaged",
    "is_pinned",
    "pinned",
]

_BEAT = 0.2  # seconds between two reports
_GRACE = 1.0  # seconds for threads to end; those that wait for the network then die with us


class Transfer:
    """One model's download; `run` once, `pause` from any thread.

    Where `run` is called in a process's main thread, SIGTERM pauses as well.
    `report` is called five times a second, from the thread of `run`; so is
    `report_waiting` before each further try, and with None once one has worked.
    """

    def __init__(
        self,
        repository: str,
        folder: Path,
        access: Access | None = None,
        pace: Pace | None = None,
        report: Callable[[TransferProgress], None] = lambda _: None,
        report_waiting: Callable[[Waiting | None], None] = lambda _: None,
    ) -> None:
        self._repository = repository
        self._access, self._pace = access or Access(), pace or Pace()
        self._staging = Staging(folder)
        self._patience = RetryBudget(self._pace)
        self._meter = Meter(report)
        self._report_waiting, self._told_waiting = report_waiting, None
        self._listing: Listing | None = None

    def pause(self) -> None:
        """Stop soon; `run` raises PausedError."""
        self._patience.pause()

    def run(self) -> Listing:
        """Fetch what is missing, check all of it, and give the folder its name.

        A folder that has its name already is left alone while it can be loaded, be it from
        its 4-bit form; else what it lacks is fetched. Raises OcellusError in plain words, of
        which PausedError is one.
        """
        try:
            with _pausing_at_sigterm(self.pause), self._staging.held():
                folder = self._staging.folder
                if folder.exists():
                    listing = pinned(folder)
                    if not missing(folder, listing) or quantised_folder(folder):
                        return listing
                    self._staging.reopen()
                return self._run()
        except OSError as error:
            raise disk_error(error) from error

    def _run(self) -> Listing:
        # The work is in a thread of its own: a pause need not wait until a silent connection,
        # a slow disk or a long hash comes back. What such a thread has not finished is lost
        # as in a kill, that is, it costs its block.
        body = threading.Thread(target=self._body, daemon=True)
        body.start()
        try:
            while body.is_alive() and not self._patience.stopped:
                body.join(_BEAT)
                self._say_waiting()
                self._meter.say()
        finally:
            self._patience.pause()  # also where Ctrl+C has ended the wait
        body.join(_GRACE)
        if self._listing is not None:
            self._meter.say()
            return self._listing
        match self._patience.failure:
            case None:
                raise PausedError
            case OcellusError() | OSError() as error:
                raise error
            case error:
                raise OcellusError.of(
                    ErrorKind.INTERNAL,
                    "A fault in Ocellus ended the download.",
                    "What is on the disk is kept: start it again. If that fails, report this.",
                    type(error).__name__,
                ) from error

    def _say_waiting(self) -> None:
        now = self._patience.waiting
        if now != self._told_waiting:
            self._told_waiting = now
            try:
                self._report_waiting(now)
            except OSError:  # nobody reads our pipe any more
                self._report_waiting = _unheard

    def _body(self) -> None:
        try:
            hub = Hub(self._access)
            try:
                self._listing = self._fetch(hub)
            finally:
                hub.close()
        except Exception as error:  # noqa: BLE001 - `_run` raises it
            self._patience.fail(error)
        if isinstance(self._patience.failure, DamagedError):
            self._staging.drop_pin()

    def _fetch(self, hub: Hub) -> Listing:
        listing = self._staging.pin(self._repository)
        if listing is None:
            listing = self._patience.insist(lambda: self._list(hub))
            if not self._staging.path.exists():
                self._staging.check_room(listing.size)  # before anything is left behind
            self._staging.write_pin(listing)
        parts = [PartFile(self._staging.path, file, self._pace.block) for file in listing.files]
        done = sum(part.bytes_done for part in parts)
        self._staging.check_room(listing.size - done)
        self._meter.begin(done, listing.size)
        for part in parts:
            address = hub.file_address(listing.repository, listing.commit, part.remote.name)
            Fetch(hub, self._pace, self._patience, self._meter, part, address).run()
        self._patience.check()
        self._staging.publish(listing)
        return listing

    def _list(self, hub: Hub) -> Listing:
        with hub.get(hub.info_address(self._repository), {}, timed=True) as response:
            refuse(response, at_hub=True)
            try:
                answer = read_json(response)
            except ValueError as error:
                raise no_sense(error) from error
            return from_hub(self._repository, answer)


def _unheard(_: Waiting | None) -> None:
    """Nobody listens."""


@contextmanager
def _pausing_at_sigterm(pause: Callable[[], None]) -> Generator[None, None, None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: pause())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)

"""A model from the hub into a folder, over any number of interruptions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.catalog.quantised import quantised_folder
from app.transfer.access import Access
from app.transfer.fetch import DamagedError, Fetch, refuse
from app.transfer.hub import Hub, read_json
from app.transfer.listing import Listing, from_hub, no_sense
from app.transfer.patience import Pace, PausedError, RetryBudget, Waiting
from app.transfer.progress import Meter, TransferProgress
from app.transfer.staging import Staging, cancel, damaged, disk_error, is_pinned, missing, pinned
from app.transfer.store import PartFile
from app.transfer.watched import Watched, pausing_at_sigterm

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
        self._watched = Watched(self._patience, self._meter, report_waiting)

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
            with pausing_at_sigterm(self.pause), self._staging.held():
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
        try:
            return self._watched.run(self._work)
        except DamagedError:
            self._staging.drop_pin()
            raise

    def _work(self) -> Listing:
        with closing(Hub(self._access)) as hub:
            return self._fetch(hub)

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

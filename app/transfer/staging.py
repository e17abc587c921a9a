"""Where an unfinished download lies, and what a finished one says of itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import ErrorKind, OcellusError
from app.core.files.atomic import publish, write_text
from app.core.files.disk_errors import not_written
from app.core.files.lock import HeldElsewhereError, Lock
from app.core.words.sizes import size
from app.transfer.listing import OURS, Listing, from_plain

_PARTS = ".parts"


class Staging:
    """`.parts/<name>` beside the folder that the model will have; one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder.parent / _PARTS / folder.name
        self._lock = Path(f"{self.path}.lock")

    @contextmanager
    def held(self) -> Generator[None, None, None]:
        """Keep other processes out. Raises OcellusError when one is in.

        The system lets the lock go with the process, however that ends. Its
        empty file goes when nothing unfinished is left.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock(self._lock, 0.3)
        try:
            lock.take()
        except HeldElsewhereError as error:
            raise OcellusError.of(
                ErrorKind.EXISTS,
                "This model is already being downloaded.",
                "Wait for it, or pause it where it was started.",
            ) from error
        try:
            yield
        finally:
            lock.removes = not self.path.exists()
            lock.release()

    def pin(self, repository: str) -> Listing | None:
        """The listing that an earlier start has written down."""
        try:
            listing = from_plain(json.loads((self.path / OURS).read_text("utf-8")))
        except (OSError, ValueError, RecursionError):
            return None
        return listing if listing.repository == repository else None

    def write_pin(self, listing: Listing) -> None:
        """Write the listing down, so that later starts fetch the same commit. Raises OSError."""
        self.path.mkdir(exist_ok=True)
        write_text(self.path / OURS, json.dumps(listing.plain(), indent=1))

    def drop_pin(self) -> None:
        """Have the next start ask for the listing again; finished files stay. Raises OSError."""
        (self.path / OURS).unlink(missing_ok=True)

    def check_room(self, need: int) -> None:
        """Raise OcellusError unless `need` bytes and a tenth more are free."""
        wanted, free = need * 11 // 10, shutil.disk_usage(self.path.parent).free
        if wanted > free:
            raise OcellusError.of(
                ErrorKind.DISK_FULL,
                f"{size(wanted)} are needed on the disk and {size(free)} are free.",
                "Make room, or choose a smaller model.",
                str(self.path.parent),
            )

    def reopen(self) -> None:
        """Take the finished folder's name from it: its download goes on. Raises OSError."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.folder.rename(self.path)

    def publish(self, listing: Listing) -> None:
        """Give the folder its name; what the listing does not hold goes. Raises OSError."""
        ours = {OURS, *(file.name for file in listing.files)}
        for path in self.path.iterdir():
            if path.name in ours:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        publish(self.path, self.folder)


def cancel(folder: Path) -> None:
    """Remove all that an unfinished download of this model has left.

    Raises OcellusError while a process is downloading it, OSError.
    """
    staging = Staging(folder)
    if staging.path.parent.is_dir():
        with staging.held():
            if staging.path.exists():
                shutil.rmtree(staging.path)


def pinned(folder: Path) -> Listing:
    """What was fetched into this folder, and at which commit. Raises OcellusError."""
    try:
        return from_plain(json.loads((folder / OURS).read_text("utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise OcellusError.of(
            ErrorKind.NO_CHECKPOINT,
            "This folder was not downloaded by Ocellus.",
            "Move it away, then download the model.",
            str(folder),
        ) from error


def is_pinned(folder: Path) -> bool:
    """Whether this folder was downloaded, and not brought by the person."""
    return (folder / OURS).is_file()


def missing(folder: Path, listing: Listing) -> list[str]:
    """Names of the listing's files that are not there, or of another size. Reads none of them."""
    return [
        file.name
        for file in listing.files
        if not (folder / file.name).is_file() or (folder / file.name).stat().st_size != file.size
    ]


def damaged(folder: Path) -> list[str]:
    """Names of the files that are missing or not as published. Raises OcellusError."""
    listing = pinned(folder)
    return [
        file.name
        for file in listing.files
        if not (folder / file.name).is_file() or not file.matches(folder / file.name)
    ]


def disk_error(error: OSError) -> OcellusError:
    """The words for a write that failed."""
    again = "then start the download again: what is there is kept."
    return not_written(
        error,
        "the download was not finished",
        f"Make room, {again}",
        f"Check the disk and the folder's permissions, {again}",
        kind=ErrorKind.DISK_FULL,
    )

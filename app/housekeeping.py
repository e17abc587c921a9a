"""The program's own folders: made, closed to others, and cleared of what nothing needs any more."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from app.archive.archive import Archive
from app.core.errors import Failed, OcellusError
from app.core.files.disk_errors import not_written
from app.core.files.private import close_tree, make_folder
from app.core.pictures import (
    document_path,
    documents_in,
    picture_path,
    pictures_in,
    unfinished_in,
)
from app.paths import Paths

# Of version 0.1.0: all that libraries printed, with names of files in it.
_EARLIER_LOGS = ("engine.log", "engine.log.old", "reader.log", "reader.log.old")


def prepare_folders(paths: Paths) -> None:
    """Make the folders, for this person alone, with an empty inbox. Raises OcellusError."""
    with _in_words(paths):
        for folder in paths.own_folders:
            close_tree(folder)
    make_folders(paths)
    for name in _EARLIER_LOGS:
        with contextlib.suppress(OSError):
            (paths.logs / name).unlink()
    with _in_words(paths):
        # What a crash left on its way to the reader belongs to nothing any more.
        for left in paths.inbox.iterdir():
            left.unlink(missing_ok=True)


def make_folders(paths: Paths) -> None:
    """Make those that are missing. Raises OcellusError."""
    with _in_words(paths):
        for folder in paths.own_folders:
            make_folder(folder)


@contextlib.contextmanager
def _in_words(paths: Paths) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise not_written(
            error,
            f"Ocellus cannot use its folder {paths.data}",
            "Free some space, then start it again.",
            "Allow writing there, then start it again.",
        ) from error


# How long a deleted conversation can be brought back.
KEPT_DELETED_SECONDS = 30 * 86400.0


class Housekeeping:
    """Erases pictures, documents and conversations when nobody needs them any more.

    Nobody else uses the store: there is one window, and commands have stores of their own.
    `tell` hears of what could not be erased.
    """

    def __init__(self, paths: Paths, archive: Archive, tell: Callable[[Failed], None]) -> None:
        self._store = paths.pictures
        self._archive = archive
        self._tell = tell

    def forget_left(self) -> None:
        """Erase what a run that was killed could not: what no conversation has any more.

        A document stays with the conversations in which one of its pages was asked about.
        """
        left = list(unfinished_in(self._store))
        if self.forget_deleted():
            with contextlib.suppress(OcellusError):
                # After damage it is not certain what was asked about, so all of it stays.
                if (named := self._archive.stored_names()) is not None:
                    stored = (*documents_in(self._store), *pictures_in(self._store))
                    left += [path for path in stored if path.stem not in named]
        for path in left:
            with contextlib.suppress(OSError):
                path.unlink()

    def forget_deleted(self) -> bool:
        """Erase what was deleted long ago, and what only it had in the store; False: impossible."""
        try:
            orphans = self._archive.purge(time.time() - KEPT_DELETED_SECONDS)
        except OcellusError as error:
            self._tell(error.failed)
            return False
        for sha256 in orphans.pictures:
            self._remove(picture_path, sha256)
        for sha256 in orphans.documents:
            self._remove(document_path, sha256)
        return True

    def forget_unsent(self, documents: Iterable[str], taken: Iterable[str]) -> None:
        """Erase those of the documents and pictures taken that were never asked about."""
        with contextlib.suppress(OcellusError):
            for sha256 in documents:
                if not self._archive.documents.knows(sha256):
                    self._remove(document_path, sha256)
            for sha256 in taken:
                if not self._archive.knows_picture(sha256):
                    self._remove(picture_path, sha256)

    def _remove(self, place: Callable[[Path, str], Path], sha256: str) -> None:
        # A damaged archive can name what is no hash.
        with contextlib.suppress(OSError, ValueError):
            place(self._store, sha256).unlink()

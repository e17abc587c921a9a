"""Verified copies of the archive, of which damage to it is mended.

Three at most, numbered in the order in which they were made, whatever the clock says: the newest,
and older ones a day or more apart where there are such. A copy gets its name when it is whole, on
the disk and checked. What is erased from the archive is erased from its copies first.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.archive.attached import delete_orphans
from app.archive.database import check, in_words, is_damage
from app.core.errors import OcellusError
from app.core.files.atomic import publish, sync_file
from app.core.files.private import make_file, make_folder

KEPT = 3
DAY_SECONDS = 86_400
_NAME = re.compile(r"copy-(\d{6,})\.sqlite")
_PART = "copy.part"


class Copies:
    """The copies of the archive at `archive`, in `folder`. May be used from any thread."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self._archive = archive
        self._folder = folder
        self._lock = threading.Lock()
        self._working: sqlite3.Connection | None = None

    def newest_first(self) -> list[Path]:
        """The copies that there are."""
        found = {}
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if match := _NAME.fullmatch(path.name):
                    found[int(match[1])] = path
        return [found[number] for number in sorted(found, reverse=True)]

    def is_due(self) -> bool:
        """Whether the newest copy is a day old, or there is none.

        One from the future, after the clock was set back, tells nothing, so that it is due too.
        """
        newest = next(iter(self.newest_first()), None)
        if newest is None:
            return True
        with contextlib.suppress(OSError):
            return not 0 <= time.time() - newest.stat().st_mtime < DAY_SECONDS
        return True

    def make(self) -> None:
        """Copy the archive as it is now, and let go of a copy that is one too many.

        Takes its time, and reads beside a writer. Raises OcellusError; the copies stay then.
        """
        try:
            self._make()
        except OcellusError as error:
            told = replace(
                error.failed, headline="No copy of your conversations could be made just now."
            )
            raise OcellusError(told) from error

    def _make(self) -> None:
        with self._lock, in_words(self._archive):
            part = self._folder / _PART
            if not self._archive.exists():
                raise FileNotFoundError(self._archive)
            make_folder(self._folder)
            try:
                part.unlink(missing_ok=True)
                make_file(part)
                self._write(part)
                newest = self.newest_first()[:1]
                number = int(newest[0].stem.partition("-")[2]) + 1 if newest else 1
                publish(part, self._folder / f"copy-{number:06d}.sqlite")
            except BaseException:
                with contextlib.suppress(OSError):
                    part.unlink(missing_ok=True)
                raise
            self._rotate()

    def forget(self, conversations: Sequence[int]) -> None:
        """Erase these conversations from all copies. A copy that is damaged goes as a whole.

        Raises OcellusError, on a full disk for example; to be tried again then.
        """
        if not conversations:
            return
        with self._lock, in_words(self._archive):
            (self._folder / _PART).unlink(missing_ok=True)
            for path in self.newest_first():
                try:
                    _erase(path, conversations)
                except sqlite3.Error as error:
                    if not is_damage(error, path):
                        raise
                    path.unlink()

    def stop(self) -> None:
        """Have `make` end soon, with an error."""
        if (working := self._working) is not None:
            with contextlib.suppress(sqlite3.ProgrammingError):
                working.interrupt()

    def _write(self, part: Path) -> None:
        """The archive's content, checked, on the disk."""
        source = sqlite3.connect(
            f"{self._archive.as_uri()}?mode=rw", uri=True, check_same_thread=False
        )
        self._working = source
        try:
            source.execute("VACUUM INTO ?", (str(part),))
        finally:
            self._working = None
            source.close()
        sync_file(part)
        copy = sqlite3.connect(f"{part.as_uri()}?mode=ro", uri=True)
        try:
            check(copy)
        finally:
            copy.close()

    def _rotate(self) -> None:
        """Keep the newest, and older ones that lie apart."""
        copies = self.newest_first()
        while len(copies) > KEPT:
            made = [path.stat().st_mtime for path in copies[1:3]]
            # The newest stays. Of two that were made on one day, the later one goes.
            one_too_many = copies[1] if abs(made[0] - made[1]) < DAY_SECONDS else copies[-1]
            one_too_many.unlink()
            copies.remove(one_too_many)


def _erase(path: Path, conversations: Sequence[int]) -> None:
    made = path.stat()
    copy = sqlite3.connect(path, isolation_level=None)
    try:
        copy.execute("PRAGMA foreign_keys = ON")
        copy.execute("PRAGMA secure_delete = ON")
        copy.execute("BEGIN IMMEDIATE")
        copy.executemany(
            "DELETE FROM conversations WHERE id = ?", [(number,) for number in conversations]
        )
        delete_orphans(copy)
        copy.execute("COMMIT")
    finally:
        copy.close()
    os.utime(path, (made.st_atime, made.st_mtime))

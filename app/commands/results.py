"""One result of a run in its folder: finished before, written now, and its name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from app.commands.formats import PagePictures, saved
from app.commands.journal import Fingerprint, Journal, Record, digest
from app.commands.pages import Options
from app.commands.plan import Item
from app.core.errors import ErrorKind, OcellusError
from app.core.files.atomic import publish
from app.core.files.disk_errors import not_written
from app.core.files.placing import new_output
from app.core.files.private import usual_rights
from app.core.reading import Page

_PART = ".part"


class ResultFile:
    """Where one file's result goes. Raises OcellusError and OSError."""

    def __init__(self, item: Item, options: Options, journal: Journal | None) -> None:
        if item.output is None:
            raise ValueError(f"{item.source} has no place to go")
        self.item, self.output = item, item.output
        # The passing name while it is written.
        self._part = self.output.with_name(f".{self.output.name}{_PART}")
        self._options = options
        self._journal = journal

    def finished(self) -> Record | None:
        """What an earlier run noted of this when it finished it; None where it has to be read.

        Raises OcellusError where a file that is not ours is in its place.
        """
        source = Fingerprint.of(self.item.source)
        record = self._journal.latest(self.output) if self._journal else None
        is_same = record and (record.source, record.options) == (source, self._options.label)
        if record and is_same and not self._options.drawings:
            if digest(self.output) != record.sha256 and digest(self._part) == record.sha256:
                publish(self._part, self.output)  # A kill came between the record and the name.
            if digest(self.output) == record.sha256:
                return record
        if os.path.lexists(self.output):
            self._check_ours()
        return None

    def write(self, pages: Iterable[Page], pictures: PagePictures) -> list[str]:
        """Write it under its passing name; why there is none, if there is none."""
        self._part.unlink(missing_ok=True)  # A killed run's.
        form = self._options.form
        try:
            with (
                saved(pages, form, self.output.name, pictures) as job,
                new_output(self._part, self.output, unwritten) as target,
            ):
                job.copy(target)
        except OcellusError as error:
            if error.failed.kind is not ErrorKind.NO_TABLE:
                raise
            # It was read all the same; the next run need not find that out again.
            return [error.failed.headline]
        usual_rights(self._part)
        return []

    def keep(self, source: Fingerprint, failures: Sequence[str], *, written: bool) -> None:
        """Note it with what `failures` there were, then give it its name where it was written."""
        sha256 = digest(self._part)
        try:
            if self._journal:
                self._journal.add(self.output, source, self._options.label, sha256, tuple(failures))
            if written:
                publish(self._part, self.output)
        except BaseException:
            with suppress(OSError):
                self._part.unlink()
            raise

    def _check_ours(self) -> None:
        """Raise OcellusError unless the output may be written over."""
        with suppress(OSError):
            if self.output.samefile(self.item.source):
                raise OcellusError.of(
                    ErrorKind.UNREADABLE,
                    f"The result would take the place of {self.item.source} itself.",
                    "Choose another folder with -o.",
                )
        if self._options.force and (self.output.is_file() or self.output.is_symlink()):
            return
        if self._journal and self._journal.knows(self.output, digest(self.output)):
            return
        raise OcellusError.of(
            ErrorKind.UNREADABLE,
            f"{self.output} is there already and was not written by this command, "
            "or changed since.",
            "Move it away, choose another place with -o, or add --force to replace it.",
        )


def unwritten(error: OSError, output: Path) -> OcellusError:
    """The words for a result that the disk refused."""
    return not_written(
        error,
        f"{output} was not written",
        "Free some space and run the same command again; it continues where it stopped.",
    )

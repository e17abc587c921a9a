"""Models on their way to this disk, each in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.errors import ErrorKind, Failed
from app.session.models.download import ModelDownload, Step, load_downloads, save_downloads
from app.workers.command import Command, CommandLine

# After which a lost connection is tried again, though the transfer itself gave up.
RETRY_SECONDS = 30.0
_SAVE_SECONDS = 5.0


class Downloads(QObject):
    """Fetches, imports and removes models with the program's own command line.

    One download runs at a time, the others wait. What was running when the
    window closed goes on when the next one starts; see the decision of
    2026-11-23, "downloads end with the window".
    """

    changed = Signal(str)  # id
    arrived = Signal(str)  # id: it is on this disk, whole and checked
    imported = Signal(str)  # id: the same, from a folder of the person's
    removed = Signal(str)  # id
    failed = Signal(str, Failed)  # id

    def __init__(
        self,
        line: CommandLine,
        state_file: Path,
        parent: QObject | None = None,
        *,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        super().__init__(parent)
        self._line = line
        self._file = state_file
        self._all = load_downloads(state_file)
        self._commands: dict[str, Command] = {}
        self._tokens: dict[str, str] = {}
        # Whose lost connection was told: it is tried again and again.
        self._told: set[str] = set()
        self._saved = 0.0
        self._empty = asyncio.Event()
        self._closed = False
        self._retry = QTimer(self)
        self._retry.setInterval(round(1000 * retry_seconds))
        self._retry.timeout.connect(self._try_again)

    def get(self, model_id: str) -> ModelDownload | None:
        """How far this model is; None where nothing is done with it."""
        return self._all.get(model_id)

    @property
    def running(self) -> ModelDownload | None:
        """The one that is being fetched."""
        return next((d for d in self._all.values() if d.step is Step.RUNNING), None)

    @property
    def importing(self) -> tuple[ModelDownload, ...]:
        """Those that are being imported."""
        return tuple(item for item in self._all.values() if item.step is Step.IMPORTING)

    def resume(self) -> None:
        """Go on with what was running when the last window closed."""
        self._next()

    def begin(self, model_id: str, token: str = "") -> None:
        """Fetch this model of the catalog, or go on with it.

        The token is for the hub; it is kept in memory, for this session.
        """
        if token:
            self._tokens[model_id] = token
        old = self._all.get(model_id)
        if old is not None and old.step not in (Step.PAUSED, Step.FAILED):
            return
        done, total = (old.done, old.total) if old else (0, 0)
        self._set(ModelDownload(model_id, Step.WAITING, done, total))
        self._next()

    def pause(self, model_id: str) -> None:
        """Stop for now; what is on the disk stays."""
        old = self._all.get(model_id)
        if old is None or not old.unfinished:
            return
        self._set(ModelDownload(old.id, Step.PAUSED, old.done, old.total))
        if model_id in self._commands:
            self._commands[model_id].stop()
        self._next()

    def remove(self, model_id: str, *, original_only: bool = False) -> None:
        """Take the model, or what there is of it, off the disk.

        With `original_only` its 4-bit form stays, and nothing happens while it is being fetched.
        """
        old = self._all.get(model_id)
        if old is not None and (old.step is Step.REMOVING or original_only):
            return
        if original_only and model_id not in self._commands:
            self._set(ModelDownload(model_id, Step.REMOVING))
            self._start(model_id, Step.REMOVING, ("rm", "--json", "--original", model_id))
            return
        self._set(ModelDownload(model_id, Step.REMOVING))
        if model_id in self._commands:
            self._commands[model_id].stop()
        else:
            self._remove(model_id)

    def bring(self, model_id: str, folder: Path, tower: Path | None = None) -> None:
        """Import the model in `folder` under this id; with a catalog's id it takes that place.

        `tower` is the folder of the vision model where `folder` does not have it.
        """
        if model_id in self._commands:
            return
        self._set(ModelDownload(model_id, Step.IMPORTING))
        more = ("--tower", str(tower)) if tower else ()
        arguments = ("import", "--json", "--name", model_id, *more, "--", str(folder))
        self._start(model_id, Step.IMPORTING, arguments)

    async def close(self) -> None:
        """End what runs; what is on the disk stays, and goes on at the next start."""
        self._closed = True
        self._empty.clear()
        self._retry.stop()
        self._save()
        for command in self._commands.values():
            command.stop()
        if self._commands:
            await self._empty.wait()

    def _next(self) -> None:
        """Start the one that waits first, unless one is under way."""
        if self._closed or self.running is not None:
            return
        for model_id, item in self._all.items():
            # One that was paused a moment ago may still be on its way out.
            if item.step is Step.WAITING and model_id not in self._commands:
                self._set(replace(item, step=Step.RUNNING))
                token = self._tokens.get(model_id, "")
                more = ("--token-stdin",) if token else ()
                self._start(model_id, Step.RUNNING, ("pull", "--json", *more, model_id), token)
                return

    def _remove(self, model_id: str) -> None:
        self._start(model_id, Step.REMOVING, ("rm", "--json", model_id))

    def _start(self, model_id: str, step: Step, arguments: tuple[str, ...], said: str = "") -> None:
        command = Command(self._line, self)
        self._commands[model_id] = command
        command.said.connect(partial(self._progress, model_id))
        command.ended.connect(partial(self._end, model_id, step))
        command.failed.connect(partial(self._end, model_id, step))
        command.start(("models", *arguments), said)

    def _end(self, model_id: str, step: Step, failed: Failed | None = None) -> None:
        """A command that was started for this step is over."""
        self._commands.pop(model_id).deleteLater()
        if not self._commands:
            self._empty.set()
        item = self._all.get(model_id)
        if self._closed or item is None:
            return
        if item.step is Step.REMOVING and step is not Step.REMOVING:
            self._remove(model_id)
        elif item.step is not step:
            pass  # it was paused, and perhaps wanted again, while it ended
        elif failed is not None:
            self._fail(item, failed)
        else:
            self._drop(model_id)
            signals = {Step.RUNNING: self.arrived, Step.IMPORTING: self.imported}
            signals.get(step, self.removed).emit(model_id)
        self._next()

    def _fail(self, item: ModelDownload, failed: Failed) -> None:
        if item.step is not Step.RUNNING:
            self._drop(item.id)
            self.failed.emit(item.id, failed)
            return
        retries = failed.kind is ErrorKind.NETWORK
        self._set(
            replace(
                item,
                step=Step.FAILED,
                speed=0.0,
                left=None,
                failed=failed,
                retries=retries,
                waiting=None,
            )
        )
        if retries:
            self._retry.start()
        if item.id not in self._told:
            self._told.add(item.id)
            self.failed.emit(item.id, failed)

    def _try_again(self) -> None:
        self._retry.stop()
        for item in list(self._all.values()):
            if item.retries:
                self.begin(item.id)

    def _progress(self, model_id: str, plain: dict[str, Any]) -> None:
        old = self._all.get(model_id)
        if old is not None and "waiting" in plain:
            self._all[model_id] = replace(old, waiting=_waiting(plain["waiting"]))
            self.changed.emit(model_id)
            return
        done, total, speed = (plain.get(name) for name in ("done", "total", "speed"))
        if old is None or type(done) is not int or type(total) is not int:
            return
        left = plain.get("left")
        self._told.discard(model_id)
        self._all[model_id] = replace(
            old,
            done=done,
            total=total,
            speed=float(speed) if isinstance(speed, int | float) else 0.0,
            left=float(left) if isinstance(left, int | float) else None,
        )
        if time.monotonic() - self._saved > _SAVE_SECONDS:
            self._save()
        self.changed.emit(model_id)

    def _set(self, item: ModelDownload) -> None:
        self._all[item.id] = item
        self._save()
        self.changed.emit(item.id)

    def _drop(self, model_id: str) -> None:
        self._all.pop(model_id, None)
        self._save()
        self.changed.emit(model_id)

    def _save(self) -> None:
        self._saved = time.monotonic()
        # Without it the download is paused at the next start, and nothing of it is lost.
        with contextlib.suppress(OSError):
            save_downloads(self._file, self._all)


def _waiting(plain: object) -> tuple[int, int] | None:
    """Which try of how many is next, as the command line told it."""
    match plain:
        case {"attempt": int(attempt), "attempts": int(attempts)}:
            return attempt, attempts
        case _:
            return None

"""Builds and wires the whole program; runs it only when asked to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

import qasync
from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QApplication, QMessageBox

from app import __version__, interrupts
from app.archive.archive import Archive
from app.children import engine_child, own_command, reader_child
from app.core import quiet
from app.core.conversation import Picture
from app.core.errors import Failed, OcellusError
from app.core.log import describe
from app.housekeeping import Housekeeping, make_folders, prepare_folders
from app.installed import find_catalog, find_packs
from app.paths import Paths, find_paths
from app.session.chat.archive_copies import Copying
from app.session.models.downloads import Downloads
from app.session.models.idle import Idle
from app.session.models.model_library import ModelLibrary
from app.session.preferences import Preferences
from app.session.reading.languages import Languages
from app.session.session import build_session
from app.ui.window.build import build_window
from app.window_handover import HandOver, hand_over
from app.window_lock import WindowLock
from app.window_log import note_unawaited, window_log
from app.workers.collector import Collector
from app.workers.command import CommandLine
from app.workers.host import ChildSpec

_LOG = logging.getLogger(__name__)


class Program(QObject):
    """Every part of the program, wired; nothing runs before `start`.

    `engine` is the engine's child, where that is not the usual one. Needs a
    QApplication. Raises OcellusError when the user's folder or the archive in
    it cannot be used.
    """

    # The data folder was removed while the program runs, and is there again.
    folderRemade = Signal()  # noqa: N815 - as signals are called

    def __init__(self, paths: Paths, engine: ChildSpec | None = None) -> None:
        super().__init__()
        self._paths = paths
        self._closed = False
        prepare_folders(paths)
        self._collector = Collector(self)
        catalog = find_catalog(paths)
        session = self.session = build_session(
            engine
            or engine_child(
                paths.pictures,
                paths.output_file("engine"),
                paths.user_models,
                paths.log_file("engine"),
            ),
            reader_child(
                paths.pictures,
                paths.inbox,
                paths.output_file("reader"),
                [paths.languages],
                paths.log_file("reader"),
            ),
            Archive(paths.archive_file, paths.pictures),
            Preferences(paths.settings_file, self),
            catalog,
            paths.inbox,
        )
        line = CommandLine(own_command(), paths.bundle)
        self.downloads = Downloads(line, paths.data / "downloads.json", self)
        self.model_library = ModelLibrary(
            session.models, catalog, self.downloads, session.preferences, paths.user_models, self
        )
        self.languages = Languages(
            find_packs(paths), line, session.readings, session.preferences, self
        )
        self.window = build_window(
            session,
            self.model_library,
            self.languages,
            store=paths.pictures,
            resources=paths.resources,
            logs=paths.logs,
        )
        if session.archive.set_aside is not None:
            _LOG.info("Archive: set aside, %s", session.archive.set_aside.kind)
        session.archive.tell = self._tell_of_archive
        self._keeping = Housekeeping(paths, session.archive, session.chat.noticed.emit)
        self._copying = Copying(session.archive, self)
        self._copying.noticed.connect(session.chat.noticed)
        idle = self._idle = Idle(session.models, session.preferences, self)
        session.chat.stateChanged.connect(idle.note)
        # A model that reads is not idle, however long it takes.
        session.transcribing.progressed.connect(lambda _sha256: idle.note(session.chat.state))
        self._taken: set[str] = set()
        for taken in (
            session.transcribing.cropTaken,
            session.attachments.shown,
            session.documents.pageAhead,
        ):
            taken.connect(self._note_taken)
        session.documents.pageTaken.connect(
            lambda _document, _page, picture: self._note_taken(picture)
        )

    def start(self, pictures: list[Path]) -> None:
        """Start the children, list what is kept and take these pictures. Needs the running loop."""
        self._collector.settle()
        self.session.start()
        self._keeping.forget_left()
        self._copying.start()
        self.session.library.refresh()
        self.session.models.load()
        self.downloads.resume()
        self.take(pictures)
        if self.session.archive.set_aside is not None:
            self.session.chat.noticed.emit(self.session.archive.set_aside)

    def take(self, pictures: list[Path]) -> None:
        """Put these into the composer of the conversation on the screen."""
        for path in pictures:
            self.session.attachments.take_file(path)

    def take_handed(self, pictures: list[Path]) -> None:
        """As `take`, for a second start, with the window before all others."""
        self.take(pictures)
        window = self.window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    async def close(self) -> None:
        """End answers, children and the archive, in this order. Leaves no process behind."""
        self._idle.stop()
        await self.session.end_work()
        await self.languages.close()
        await self.model_library.close()
        await self.session.end_children()
        if not self._closed:
            self._closed = True
            await self._close_archive()
        self._collector.stop()

    async def _close_archive(self) -> None:
        """Erase what is to be erased, copy what stays."""
        await self._copying.close()
        self._keeping.forget_unsent(self.session.documents.hashes, self._taken)
        self._keeping.forget_deleted()
        await self._copying.last()
        self.session.archive.close()

    def _tell_of_archive(self, failed: Failed) -> None:
        """The archive's file was gone and has its place again."""
        _LOG.info("Archive: %s", failed.kind)
        self.session.chat.noticed.emit(failed)
        with contextlib.suppress(OcellusError):
            make_folders(self._paths)
        self.session.reader.renew()
        self.folderRemade.emit()

    def _note_taken(self, picture: Picture) -> None:
        """It goes at the end, unless somebody asks about it."""
        self._taken.add(picture.sha256)


def build_application() -> QApplication:
    """Make the QApplication, with the program's name."""
    # Qt notes which folders its dialogs have shown, in the person's own settings otherwise.
    native, person = QSettings.Format.NativeFormat, QSettings.Scope.UserScope
    QSettings.setPath(native, person, str(find_paths().data / "qt"))
    # The desktop knows windows by this name, which would be that of a file otherwise.
    application = QApplication(["ocellus"])
    application.setApplicationName("Ocellus")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("ocellus")
    # The children and the archive are closed first, see `_stay`.
    application.setQuitOnLastWindowClosed(False)
    return application


def run_window(pictures: list[Path]) -> int:
    """Open the window, with these pictures, and stay until it is closed; return the exit code.

    Where a window is open already, that one is handed the pictures.
    """
    paths = find_paths()
    quiet.remove_left_behind(paths.data)
    application = build_application()
    try:
        lock = WindowLock(paths.data)
    except OcellusError as error:
        if hand_over(paths.data, pictures):
            return 0
        _say(error.failed)
        return 1
    # Only now: a log has one writer.
    with window_log(paths.log_file("window")):
        try:
            program = Program(paths)
        except OcellusError as error:
            _LOG.info("No window: %s, %s", error.failed.kind, describe(error))
            _say(error.failed)
            return 1
        program.folderRemade.connect(lock.renew)
        with qasync.QEventLoop(application) as loop:
            loop.set_exception_handler(note_unawaited)
            code = loop.run_until_complete(_stay(application, program, pictures, paths.data))
    lock.release()
    return code


async def _stay(
    application: QApplication, program: Program, pictures: list[Path], data: Path
) -> int:
    """Show the window and wait until it is closed, or the program is to end with a code."""
    ended = asyncio.Event()
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    application.lastWindowClosed.connect(ended.set)
    # Python runs its signal handlers between two steps of its own; the collector's timer
    # sees to it that there is one twice a second.
    interrupts.end_by(end)
    program.window.show()
    program.start(pictures)
    others = HandOver(data)
    others.handed.connect(program.take_handed)
    program.folderRemade.connect(others.listen)
    await ended.wait()
    others.close()
    program.window.close()
    await program.close()
    interrupts.end_at_once()
    return codes[0] if codes else 0


def _say(failed: Failed) -> None:
    box = QMessageBox(QMessageBox.Icon.Warning, "Ocellus", failed.headline)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(failed.advice)
    box.setDetailedText(failed.detail)
    box.exec()

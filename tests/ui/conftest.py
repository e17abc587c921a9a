"""A whole window on stand-ins for the session."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from sessions import Session

from app.core.conversation import Picture
from app.ui.window.window import MainWindow
from tests.ui.receipt import receipt_reading
from tests.ui.stand_in import (
    StandInAttachments,
    StandInChat,
    StandInDocuments,
    StandInLibrary,
    StandInModels,
    StandInReadings,
    store_png,
)

RESOURCES = Path(__file__).resolve().parents[2] / "resources"


@dataclass
class Stage:
    """The window and what it is bound to."""

    chat: StandInChat
    attachments: StandInAttachments
    readings: StandInReadings
    documents: StandInDocuments
    library: StandInLibrary
    models: StandInModels
    store: Path
    window: MainWindow

    @property
    def parts(self):
        return self.window.parts

    def picture(self, name: str = "shapes.png") -> Picture:
        sizes = {"shapes.png": (800, 580), "receipt.png": (640, 1000), "settings.png": (1000, 680)}
        return store_png(self.store, RESOURCES / "samples" / name, *sizes[name])


@pytest.fixture
def session(qapp, tmp_path):
    """The stand-ins alone, to be filled before a window is made."""
    return (
        StandInChat(),
        StandInAttachments(),
        StandInReadings(),
        StandInDocuments(),
        StandInLibrary(),
        StandInModels(),
    )


@pytest.fixture
def make_window(qtbot, tmp_path):
    """Windows over `tmp_path` that are closed at the end."""

    def make(*session) -> MainWindow:
        window = MainWindow(*session, store=tmp_path / "pictures", resources=RESOURCES)
        window.theme.use(dark=False)
        window.resize(1200, 800)
        window.show()
        qtbot.addWidget(window)
        return window

    return make


@pytest.fixture
def stage(session, make_window, tmp_path) -> Stage:
    QGuiApplication.clipboard().clear()
    return Stage(*session, tmp_path / "pictures", make_window(*session))


@pytest.fixture
def pane(stage, qtbot):
    """A picture whose text is known; the panel with it is closed."""
    picture = stage.picture("receipt.png")
    stage.readings.found[picture.sha256] = receipt_reading()
    stage.chat.ask(1, "Look", picture)
    pane = stage.parts.pictures
    qtbot.waitUntil(lambda: pane.view.has_picture)
    stage.window.activateWindow()
    qtbot.waitUntil(stage.window.isActiveWindow)
    return pane


@pytest.fixture
def whole_session(qtbot, begin_session):
    """Begins a `Session` with real children and the program's window; all end with the test."""

    # After `qtbot`: a session ends before its window is let go of.
    def begin(script=None, packs=None, line=None, **children) -> Session:
        session = begin_session(script, **children)
        qtbot.addWidget(session.open_window(packs, line))
        return session

    return begin

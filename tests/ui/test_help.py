"""The Help menu, and the folder that it opens."""

import pytest
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolBar

from app.ui.window.help_controller import HelpController

# A menu that takes the keyboard for itself is more than this platform has.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


@pytest.fixture
def opened(monkeypatch):
    urls = []
    monkeypatch.setattr(QDesktopServices, "openUrl", urls.append)
    return urls


@pytest.mark.parametrize("by_key", [False, True])
def test_the_log_folder_is_made_and_opened(stage, qtbot, tmp_path, opened, by_key):
    logs = tmp_path / "state" / "logs"
    HelpController(stage.window, stage.window.actions_, logs)
    menu = stage.window.findChild(QMenu, "helpMenu")

    def choose():
        (action,) = menu.actions()
        assert action.text() == "Open the log folder"
        place = menu.actionGeometry(action).center()
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)

    # A menu below a button has a loop of its own until it is closed.
    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, choose))
    if by_key:
        stage.window.activateWindow()
        qtbot.waitUntil(stage.window.isActiveWindow)
        QTest.keyClick(stage.window, Qt.Key.Key_F1)
    else:
        bar = stage.window.findChild(QToolBar, "toolBar")
        button = bar.widgetForAction(stage.window.actions_.help)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(opened))
    assert opened == [QUrl.fromLocalFile(str(logs))]
    assert logs.is_dir()

"""The window to hands, eyes and readers of screens: names, keys, sizes, colours."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QPlainTextEdit,
    QProgressBar,
)

from app.archive.archive import TurnState
from app.core.errors import ErrorKind, Failed
from app.session.pictures.attachments import Attachment


def test_everything_that_can_be_pressed_has_a_name_and_can_be_reached_by_keyboard(stage, qtbot):
    picture = stage.picture()
    stage.library.have("One")
    stage.chat.ask(1, "Look", picture, stage.picture("receipt.png"))
    failed = Failed(ErrorKind.INTERNAL, "It failed.", "Try again.", "details")
    stage.chat.answer(2, "```py\nx\n```\nEnd", state=TurnState.FAILED, failed=failed)
    stage.attachments.become(Attachment(1, "a.png", picture))
    stage.attachments.refused.emit(failed)
    stage.window.actions_.read.trigger()
    qtbot.waitUntil(lambda: stage.parts.chat.isVisible() and stage.parts.pictures.view.has_picture)
    kinds = (QAbstractButton, QComboBox, QPlainTextEdit, QProgressBar)
    found = [widget for kind in kinds for widget in stage.window.findChildren(kind)]
    own = [w for w in found if w.isVisible() and not w.objectName().startswith("qt_")]
    assert len(own) > 25
    for widget in own:
        assert widget.accessibleName() or getattr(widget, "text", str)(), widget
        if isinstance(widget, QAbstractButton) and widget.isEnabled():
            assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget

    stage.window.activateWindow()
    qtbot.waitUntil(stage.window.isActiveWindow)
    reached = set()
    stage.parts.composer.field.setFocus()
    for _ in range(120):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    wanted = [
        widget for widget in own if isinstance(widget, QAbstractButton) and widget.isEnabled()
    ]
    unreached = [widget for widget in wanted if widget not in reached]
    assert [(widget.accessibleName(), widget.parentWidget()) for widget in unreached] == []


def test_sizes_are_kept_until_the_next_time(session, make_window, qtbot, tmp_path):
    first = make_window(*session)
    first.resize(1111, 777)
    first.actions_.sidebar.setChecked(False)
    first.parts.splitters["across"].setSizes([200, 300, 611])
    sizes = first.parts.splitters["across"].saveState()
    first.close()
    assert (tmp_path / "window.ini").is_file()
    second = make_window_again(make_window, session)
    assert not second.parts.conversations.isVisible()
    assert second.parts.splitters["across"].saveState() == sizes


def make_window_again(make_window, session):
    return make_window(*session)


def test_dark_and_light_reach_every_painted_part(stage, qtbot):
    stage.chat.ask(1, "Look", stage.picture())
    stage.chat.answer(2, "Text with `code` and a [link](https://a.example).")
    qtbot.waitUntil(lambda: stage.parts.chat.isVisible() and stage.parts.pictures.view.has_picture)

    def darkest_corner() -> int:
        image = stage.window.grab().toImage()
        points = [(5, 5), (30, 300), (500, 150), (1150, 300), (600, 795)]
        return max(QColor(image.pixel(*point)).lightness() for point in points)

    assert darkest_corner() > 200
    stage.window.theme.use(dark=True)
    assert darkest_corner() < 70
    assert QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 70
    stage.window.theme.use(dark=False)


def test_both_tables_of_colours_are_readable_and_complete():
    themes = Path(__file__).resolve().parents[2] / "resources" / "themes"
    import json  # noqa: PLC0415

    used = set(re.findall(r"\$(\w+)", (themes / "window.qss").read_text("utf-8")))
    for name in ("light", "dark"):
        table = json.loads((themes / f"{name}.json").read_text("utf-8"))
        assert used <= table.keys()
        for text, ground in (
            ("text", "window"),
            ("text", "surface"),
            ("text", "bubble"),
            ("text", "danger_soft"),
            ("muted", "window"),
            ("muted", "surface"),
            ("on_accent", "accent"),
            ("accent", "surface"),
            ("accent", "window"),
            ("danger", "danger_soft"),
            ("warning", "warning_soft"),
            ("link", "window"),
        ):
            assert contrast(table[text], table[ground]) >= 4.5, (name, text, ground)


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours."""

    def luminance(name: str) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in QColor(name).getRgbF()[:3]
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("keys", ["Ctrl+O", "Ctrl+V", "Ctrl+T", "Esc", "Ctrl+M", "Ctrl+N"])
def test_every_tool_names_its_keys(stage, keys):
    actions = vars(stage.window.actions_).values()
    named = [a for a in actions if hasattr(a, "shortcut") and a.shortcut().toString() == keys]
    assert [keys in action.toolTip() for action in named] == [True]

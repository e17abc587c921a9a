"""Ways through the window: asking, pictures, reading, conversations, models."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
)

from app.archive.archive import TurnState
from app.core.conversation import ReferenceMode
from app.core.errors import ErrorKind, Failed
from app.core.events import Ready
from app.session.chat.entry import ChatState
from app.session.models.models import LoadState
from app.session.pictures.attachments import Attachment
from app.ui.chat.attached import AttachedPicture
from app.ui.picture.thumbnails import Thumbnail
from app.ui.widgets.buttons import IconButton
from tests.ui.gestures import button
from tests.ui.stand_in import BUILTIN, reading_of


def test_enter_sends_shift_enter_breaks_and_the_question_leaves_the_field(stage):
    field = stage.parts.composer.field
    QTest.keyClicks(field, "first")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "second")
    assert stage.chat.calls == []
    one_line = field.height()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert stage.chat.calls == [("send", "first\nsecond")]
    assert field.toPlainText() == ""
    assert field.height() < one_line


def test_a_question_that_was_not_taken_stays_in_the_field(stage):
    stage.chat.accepts = False
    QTest.keyClicks(stage.parts.composer.field, "still here")
    stage.parts.composer.send_button.click()
    assert stage.parts.composer.field.toPlainText() == "still here"


def test_nothing_is_sent_where_there_is_nothing_to_send(stage):
    QTest.keyClick(stage.parts.composer.field, Qt.Key.Key_Return)
    assert not stage.parts.composer.send_button.isEnabled()
    assert stage.chat.calls == []


def test_the_field_grows_to_eight_lines_and_then_scrolls(stage):
    field = stage.parts.composer.field
    heights = []
    for lines in (1, 3, 8, 30):
        field.setPlainText("\n".join("x" * lines))
        heights.append(field.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]


def test_while_an_answer_is_written_the_button_and_esc_stop_it(stage, qtbot):
    send = stage.parts.composer.send_button
    stage.chat.become(ChatState(busy=True, status="Answering…"))
    assert send.accessibleName() == "Stop (Esc)"
    assert stage.parts.status.words == "Answering…"
    send.click()
    stage.window.activateWindow()
    qtbot.waitUntil(stage.window.isActiveWindow)
    QTest.keyClick(stage.parts.composer.field, Qt.Key.Key_Escape)
    assert stage.chat.calls == [("stop",), ("stop",)]
    QTest.keyClicks(stage.parts.composer.field, "next")
    assert send.accessibleName() == "Send (Enter)"
    stage.chat.become(ChatState())
    assert not stage.window.actions_.stop.isEnabled()


def test_the_composer_shows_what_will_be_sent_and_lets_go_of_it(stage, qtbot):
    picture = stage.picture()
    died = Failed(ErrorKind.CHILD_DIED, "The reader stopped.")
    stage.attachments.become(Attachment(1, "shapes.png"), Attachment(2, "lost.png", None, died))
    waiting, lost = stage.parts.composer.findChildren(AttachedPicture)
    assert waiting.thumbnail.busy
    assert not lost.thumbnail.busy
    lost.thumbnail.click()
    assert stage.attachments.retried == [2]
    stage.attachments.become(Attachment(1, "shapes.png", picture), stage.attachments.items[1])
    qtbot.waitUntil(lambda: not waiting.thumbnail.busy)
    lost.remove_button.click()
    assert stage.attachments.removed == [2]
    qtbot.waitUntil(lambda: stage.parts.composer.findChildren(AttachedPicture) == [waiting])
    assert stage.parts.composer.send_button.isEnabled()


def test_the_switch_for_read_text_tells_the_session(stage):
    switch = stage.parts.composer.reference
    assert switch.currentText() == "Auto"
    switch.setFocus()
    QTest.keyClick(switch, Qt.Key.Key_Down)
    [(called, mode)] = stage.chat.calls
    assert called == "set_reference"
    assert mode is ReferenceMode.ON


def test_a_picture_stays_on_the_screen_while_it_moves_into_the_conversation(stage, qtbot):
    picture = stage.picture()
    pane = stage.parts.pictures
    stage.attachments.become(Attachment(1, "shapes.png", picture))
    stage.attachments.shown.emit(picture)
    qtbot.waitUntil(lambda: pane.isVisible() and pane.view.has_picture)
    assert stage.parts.ask_hint.isVisible()
    stage.window.actions_.read.setChecked(True)
    pane.view.zoom_in()
    scale = pane.view.scale
    stage.attachments.become()
    stage.chat.ask(1, "What is it?", picture)
    qtbot.waitUntil(stage.parts.chat.isVisible)
    assert pane.picture == picture
    assert pane.view.scale == scale
    assert pane.reads


def test_pictures_are_picked_from_the_strip_and_a_new_one_comes_to_the_front(stage, qtbot):
    first, second = stage.picture("shapes.png"), stage.picture("receipt.png")
    pane = stage.parts.pictures
    stage.chat.ask(1, "These", first, second)
    qtbot.waitUntil(pane.strip.isVisible)
    assert pane.picture == second
    pane.strip.findChildren(Thumbnail)[0].click()
    assert pane.picture == first
    third = stage.picture("settings.png")
    stage.attachments.become(Attachment(1, "settings.png", third))
    stage.attachments.shown.emit(third)
    assert pane.picture == third
    qtbot.waitUntil(lambda: pane.strip.pictures == (first, second, third))
    stage.chat.conversationOpened.emit(())
    stage.attachments.become()
    qtbot.waitUntil(lambda: not pane.isVisible())
    assert stage.parts.empty.isVisible()
    assert not stage.window.actions_.read.isEnabled()


def test_a_picture_that_is_gone_from_the_disk_says_so(stage, qtbot):
    gone = replace(stage.picture(), sha256="0" * 64)
    stage.chat.ask(1, "Where is it?", gone)
    pane = stage.parts.pictures
    qtbot.waitUntil(lambda: "no longer on the disk" in pane.title)


def test_zoom_by_wheel_keeps_the_place_under_the_pointer_and_zero_fits_again(stage, qtbot):
    stage.chat.ask(1, "Look", stage.picture("receipt.png"))
    view = stage.parts.pictures.view
    qtbot.waitUntil(lambda: view.has_picture)
    fitted = view.scale
    place = QPointF(view.width() / 2, view.height() / 2)
    before = view.to_view().inverted()[0].map(place)
    keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    no_buttons = Qt.MouseButton.NoButton
    wheel = QWheelEvent(
        place, view.mapToGlobal(place), QPoint(), QPoint(0, 1200), no_buttons, keys, phase, False
    )
    QApplication.sendEvent(view, wheel)
    assert view.scale > 2 * fitted
    after = view.to_view().inverted()[0].map(place)
    assert abs(after.x() - before.x()) < 1
    assert abs(after.y() - before.y()) < 1
    before = view.to_view()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    QTest.mouseMove(view, QPoint(180, 170))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(180, 170))
    assert view.to_view() != before
    stage.window.actions_.zoom_fit.trigger()
    assert view.scale == fitted
    stage.window.actions_.zoom_in.trigger()
    assert view.scale > fitted


def test_read_text_marks_lines_on_the_picture_and_in_the_text(stage, qtbot):
    picture = stage.picture("receipt.png")
    reading = reading_of(
        ("Total 😀", (100, 100, 300, 140), 0.98),
        ("32.64", (400, 100, 500, 140), 0.61),
        ("Thank you", (100, 300, 300, 340), 0.99),
    )
    stage.chat.ask(1, "What is the total?", picture)
    pane = stage.parts.pictures
    qtbot.waitUntil(lambda: pane.view.has_picture)
    stage.window.actions_.read.trigger()
    assert pane.panel.title == "Reading the text…"
    assert stage.readings.requested == [picture]
    stage.readings.readingReady.emit(picture.sha256, reading)
    assert pane.panel.title == "2 lines of text"
    assert pane.panel.text.toPlainText() == "Total 😀  32.64\nThank you"

    def marked_text() -> str:
        [selection] = pane.panel.text.extraSelections()
        return selection.cursor.selectedText()

    for index, line in enumerate(reading.lines):
        middle = pane.view.to_view().map(QPointF(line.box.left + 10, line.box.centre_y))
        point_at(pane.view, middle)
        assert marked_text() == line.text
        assert pane.view.overlay.marked == index
        pane.view.mark_line(None)
        cursor = pane.panel.text.document().find(line.text)
        cursor.setPosition(cursor.selectionStart() + 1)
        pane.panel.text.setTextCursor(cursor)
        QTest.keyRelease(pane.panel.text, Qt.Key.Key_Right)
        assert pane.view.overlay.marked == index

    pane.panel.copy_button.click()
    assert QGuiApplication.clipboard().text() == reading.text
    stage.window.grab()
    stage.window.actions_.read.trigger()
    assert not pane.panel.isVisible()


def point_at(view, place: QPointF) -> None:
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    globally = view.mapToGlobal(place)
    kind = QEvent.Type.MouseMove
    QApplication.sendEvent(view, QMouseEvent(kind, place, globally, buttons, buttons, keys))


def test_reading_that_fails_says_so_and_can_be_tried_again(stage, qtbot):
    picture = stage.picture()
    stage.chat.ask(1, "Read it", picture)
    pane = stage.parts.pictures
    qtbot.waitUntil(lambda: pane.picture is not None)
    stage.window.actions_.read.trigger()
    failed = Failed(ErrorKind.CHILD_DIED, "The reader stopped working.", "Read again.")
    stage.readings.readingFailed.emit(picture.sha256, failed)
    assert pane.panel.title == failed.headline
    pane.panel.retry_button.click()
    assert len(stage.readings.requested) == 2
    stage.readings.readingReady.emit(picture.sha256, reading_of())
    assert pane.panel.title == "No text was found in this picture."


def test_conversations_open_are_renamed_in_place_and_come_back_after_delete(stage, qtbot):
    stage.library.have("Receipt", "Shapes", "Settings")
    rows = stage.parts.conversations.list
    stage.parts.conversations.list.itemClicked.emit(rows.item(1))
    assert stage.chat.calls == [("open_conversation", 2)]

    rows.setFocus()
    rows.setCurrentRow(0)
    rows.editItem(rows.item(0))
    editor = rows.findChild(QLineEdit)
    editor.setText("The grocery receipt")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stage.library.calls == [("rename", 1, "The grocery receipt")])

    rows.setCurrentRow(2)
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert [row.title for row in stage.library.rows] == ["Receipt", "Shapes"]
    [notice] = stage.parts.notices.notices
    assert "“Settings” was deleted." in notice.words
    button(notice, "Undo").click()
    assert rows.count() == 3
    assert stage.parts.notices.notices == []


def test_the_open_conversation_is_marked_in_the_list(stage):
    stage.library.have("One", "Two")
    stage.chat.conversation_id = 2
    stage.chat.conversationOpened.emit(())
    assert stage.parts.conversations.list.currentRow() == 1
    stage.chat.conversation_id = None
    stage.chat.conversationOpened.emit(())
    assert stage.parts.conversations.list.currentRow() == -1


def test_a_sample_is_taken_and_its_question_stands_ready(stage):
    card = stage.parts.empty.cards[0]
    card.click()
    assert [path.name for path in stage.attachments.files] == ["receipt.png"]
    assert stage.parts.composer.field.toPlainText() == "What is the total?"


def test_the_builtin_model_says_what_it_is_for_until_another_one_answers(stage):
    assert stage.parts.builtin.isVisible()
    stage.models.current = replace(BUILTIN, title="Another model", for_trying=False)
    stage.models.changed.emit()
    assert not stage.parts.builtin.isVisible()
    stage.models.current = BUILTIN
    stage.models.changed.emit()
    assert stage.parts.builtin.isVisible()
    stage.parts.builtin.findChild(IconButton).click()
    assert not stage.parts.builtin.isVisible()


def test_the_status_line_follows_the_model_as_it_loads(stage):
    status = stage.parts.status
    stage.models.become(LoadState("Loading the model…", 0.4))
    assert status.words == "Loading the model… 40 %"
    bar = status.findChild(QProgressBar)
    assert bar.value() == 40
    QTest.keyClicks(stage.parts.composer.field, "asked before it is ready")
    QTest.keyClick(stage.parts.composer.field, Qt.Key.Key_Return)
    assert stage.chat.calls == [("send", "asked before it is ready")]
    stage.models.become(LoadState(ready=Ready("builtin", "cuda", 5_900_000_000)))
    assert status.words == ""
    assert not bar.isVisible()
    assert status.model == "Ocellus built-in · NVIDIA GPU · 5.9 GB"


def test_notices_are_said_once_and_the_oldest_leaves(stage):
    for number in (1, 1, 2, 3, 4):
        stage.attachments.refused.emit(Failed(ErrorKind.BAD_PICTURE, f"Picture {number} is bad."))
    assert [notice.words for notice in stage.parts.notices.notices] == [
        f"Picture {number} is bad." for number in (2, 3, 4)
    ]
    stage.parts.notices.notices[0].close_button.click()
    assert len(stage.parts.notices.notices) == 2


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

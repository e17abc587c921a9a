"""The pictures in the window: which is on the screen, zoomed, moved, and read."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
)

from app.core.errors import ErrorKind, Failed
from app.session.pictures.attachments import Attachment
from app.ui.picture.thumbnails import Thumbnail
from tests.ui.stand_in import reading_of


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
    qtbot.waitUntil(lambda: pane.picture == third)
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

"""Ways over a picture whose text is known: selecting, copying, asking."""

from contextlib import contextmanager

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QCursor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.core.geometry import Box
from app.core.reading import Block, Line, Page, Reading
from app.session.chat.entry import ChatState
from tests.ui.gestures import LEFT, copied, drag, hover, place
from tests.ui.receipt import receipt_reading


def blue(view, x, y) -> bool:
    """Whether the selection is painted at this place of the picture."""
    image = view.grab().toImage()
    at = view.to_view().map(QPointF(x, y)) * image.devicePixelRatio()
    color = image.pixelColor(at.toPoint())
    return color.blue() > color.red() + 40


@pytest.mark.parametrize("zoom", [1.0, 3.7])
def test_a_drag_across_two_lines_is_copied_as_it_reads_and_painted_where_it_stands(pane, zoom):
    view = pane.view
    view.zoom(zoom, QPointF(view.width() / 2, 10))
    view.reveal(QRectF(100, 140, 60, 20))
    hover(view, 170, 135)
    assert view.cursor().shape() is Qt.CursorShape.IBeamCursor
    # From before "every" to behind "except": a word with its own box, and one without.
    step, share = 500 / 26, 380 / 21
    drag(view, (60 + 5 * step + 1, 135), (60 + 6 * share - 1, 175))
    assert copied(view) == "every day of the year\nexcept"
    assert blue(view, 60 + 6 * step, 122)
    assert blue(view, 60 + 3 * share, 162)
    assert not blue(view, 60 + 2 * step, 122)
    assert not blue(view, 60 + 8 * share, 162)
    assert not blue(view, 60 + 6 * step, 155)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert copied(view) == ""
    assert not blue(view, 60 + 6 * step, 122)


def test_a_selection_goes_down_its_own_column_and_can_be_drawn_backwards(pane):
    drag(pane.view, (430, 175), (62, 45))
    assert copied(pane.view).startswith("HARBOUR GROCERY\n\nOpen every day")
    drag(pane.view, (62, 315), (300, 328))
    assert copied(pane.view) == "Left column ends"


@pytest.fixture
def between_clicks(qapp):
    """Says how many milliseconds two clicks may lie apart to be one double click."""
    usual = qapp.doubleClickInterval()
    yield qapp.setDoubleClickInterval
    qapp.setDoubleClickInterval(usual)


def test_double_click_takes_a_word_triple_a_row_and_dragging_on_takes_more_of_them(
    pane, between_clicks
):
    view = pane.view
    between_clicks(60_000)
    word = place(view, 60 + 7 * 500 / 26, 135)
    QTest.mouseClick(view, LEFT, pos=word)
    QTest.mouseDClick(view, LEFT, pos=word)
    assert copied(view) == "every"
    QTest.mousePress(view, LEFT, pos=word)
    QTest.mouseRelease(view, LEFT, pos=word)
    assert copied(view) == "Open every day of the year"
    # However soon the next one comes, it is too late to go on.
    between_clicks(0)
    QTest.mouseDClick(view, LEFT, pos=word)
    between_clicks(60_000)
    QTest.mousePress(view, LEFT, pos=word)
    QTest.mouseMove(view, place(view, 300, 175))
    QTest.mouseRelease(view, LEFT, pos=place(view, 300, 175))
    assert copied(view) == "Open every day of the year\nexcept in bad weather"


def test_all_of_it_is_what_the_reading_says_and_shift_changes_the_end(pane):
    view = pane.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert copied(view) == receipt_reading().text
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert copied(view) == receipt_reading().text[:-1]
    QTest.mouseClick(view, LEFT, pos=place(view, 62, 135))
    QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.ShiftModifier, place(view, 440, 175))
    # Nothing was selected, so Shift had nothing to go on from.
    assert copied(view) == ""


def test_moving_the_picture_stays_possible_everywhere(pane):
    view = pane.view
    view.zoom(4, QPointF(view.width() / 2, view.height() / 4))
    view.reveal(view.overlay.box(1))

    @contextmanager
    def moved():
        before = view.to_view()
        yield
        assert view.to_view() != before
        assert view.selection.text == ""

    on_text, elsewhere = (200, 135), (200, 215)
    with moved():
        drag(view, elsewhere, (220, 225))
    with moved():
        drag(view, on_text, (190, 150), button=Qt.MouseButton.MiddleButton)
    with moved():
        view.setFocus()
        QTest.keyPress(view, Qt.Key.Key_Space)
        assert view.cursor().shape() is Qt.CursorShape.OpenHandCursor
        drag(view, on_text, (190, 140))
        QTest.keyRelease(view, Qt.Key.Key_Space)
    drag(view, on_text, (300, 135))
    assert view.selection.text


def test_esc_lets_go_of_the_selection_before_it_stops_an_answer(stage, pane):
    stage.chat.become(ChatState(busy=True, status="Answering…"))
    drag(pane.view, (62, 135), (400, 135))
    QTest.keyClick(pane.view, Qt.Key.Key_Escape)
    assert not pane.view.selection.text
    assert stage.chat.calls == []
    QTest.keyClick(pane.view, Qt.Key.Key_Escape)
    assert stage.chat.calls == [("stop",)]


def menu_at(view, x, y):
    at = place(view, x, y)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.mapToGlobal(at))
    QApplication.sendEvent(view, event)
    menu = view.findChildren(QMenu, "pictureMenu")[-1]
    actions = {action.text().split("\t")[0]: action for action in menu.actions() if action.text()}
    menu.close()
    return actions


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_a_right_click_copies_the_table_and_asks_about_what_is_selected(stage, pane):
    view = pane.view
    actions = menu_at(view, 70, 135)
    assert list(actions) == ["Copy", "Copy all", "Ask about this"]
    assert not actions["Copy"].isEnabled()
    actions["Copy all"].trigger()
    assert QGuiApplication.clipboard().text() == receipt_reading().text
    menu_at(view, 200, 660)["Copy table"].trigger()
    assert QGuiApplication.clipboard().text() == "Item\tPrice\nTea\t2.50\nBread\t=3.10"
    stage.parts.composer.field.setPlainText("My words stay.")
    drag(view, (62, 55), (558, 55))
    menu_at(view, 100, 55)["Ask about this"].trigger()
    assert stage.parts.composer.field.toPlainText() == "My words stay.\nAbout “HARBOUR GROCERY”: "


def test_text_that_runs_down_or_up_the_picture_is_selected_along_it(stage, pane):
    sideways = Line("upwards", Box(100, 100, 130, 400), 0.9)
    reading = Reading((Page(640, 1000, (Block((sideways,)),), turned=90),))
    stage.readings.readingReady.emit(pane.picture.sha256, reading)
    drag(pane.view, (115, 398), (115, 400 - 2 * 300 / 7))
    assert copied(pane.view) == "up"
    down = Line("縦書き", Box(100, 100, 130, 190), 0.9)
    reading = Reading((Page(640, 1000, (Block((down,)),)),))
    stage.readings.readingReady.emit(pane.picture.sha256, reading)
    drag(pane.view, (115, 131), (115, 189))
    assert copied(pane.view) == "書き"


def test_the_pointer_is_an_arrow_where_no_text_is_known(stage, pane):
    pane.show_picture(stage.picture("shapes.png"))
    hover(pane.view, 200, 135)
    assert pane.view.cursor().shape() is QCursor().shape()
    drag(pane.view, (100, 100), (300, 300))
    assert pane.view.selection.text == ""

"""Ways over a picture whose text is known: selecting, copying, finding, asking."""

from contextlib import contextmanager

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QCursor, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from app.core.geometry import Box
from app.core.reading import Block, BlockKind, Cell, Line, Page, Reading, Word
from app.session.chat.entry import ChatState
from app.text.confidence import chance_of_right
from app.ui.chat.answer_browser import AnswerBrowser
from app.ui.picture.doubt import doubt

LEFT = Qt.MouseButton.LeftButton


def line_of(text, left, top, right, sure=0.995, *, words=True):
    """A line of 30 px; its words have boxes where equally wide characters would put them."""
    step = (right - left) / len(text)
    found, position = [], 0
    for word in text.split(" ") if words else []:
        begin = text.index(word, position)
        position = begin + len(word)
        box = Box(left + begin * step, top, left + position * step, top + 30)
        found.append(Word(word, box, sure))
    return Line(text, Box(left, top, right, top + 30), sure, tuple(found))


def receipt_reading():
    """Over receipt.png (640×1000): a paragraph in two lines, two columns, a table."""
    cells = [("Item", "Price"), ("Tea", "2.50"), ("Bread", "=3.10")]
    rows = tuple(
        Cell(row, column, (line_of(text, 60 + 250 * column, 600 + 50 * row, 160 + 250 * column),))
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
    )
    lines = tuple(cell.lines[0] for cell in rows)
    return Reading(
        (
            Page(
                640,
                1000,
                (
                    Block((line_of("HARBOUR GROCERY", 60, 40, 560),), BlockKind.HEADING, 1),
                    Block(
                        (
                            line_of("Open every day of the year", 60, 120, 560),
                            line_of("except in bad weather", 60, 160, 440, words=False),
                        )
                    ),
                    Block((line_of("Left column ends", 60, 300, 280),)),
                    Block((line_of("Right column begins", 340, 300, 600, 0.62),)),
                    Block(lines, BlockKind.TABLE, 0, rows),
                ),
            ),
        )
    )


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


def place(view, x, y) -> QPoint:
    return view.to_view().map(QPointF(x, y)).toPoint()


def drag(view, begin, end, keys=Qt.KeyboardModifier.NoModifier, button=LEFT):
    QTest.mousePress(view, button, keys, place(view, *begin))
    end = place(view, *end)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, button, keys, end)


def hover(view, x, y):
    at = QPointF(place(view, x, y))
    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, at, view.mapToGlobal(at), none, none, keys)
    QApplication.sendEvent(view, event)


def copied(view) -> str:
    QGuiApplication.clipboard().clear()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QGuiApplication.clipboard().text()


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


def test_find_lights_every_match_goes_round_and_leaves_no_trace(stage, pane, qtbot):
    view, bar = pane.view, pane.find_bar
    QTest.keyClick(stage.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(bar.isVisible)
    QTest.keyClicks(bar.field, "EA")
    text = view.selection.page.text
    found = view.overlay.matches
    assert [text[begin:end] for begin, end in found] == ["ea", "ea", "ea", "ea"]
    assert bar.words == "1 of 4"
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert (bar.words, view.overlay.current) == ("2 of 4", 1)
    QTest.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    bar.previous_button.click()
    assert bar.words == "4 of 4"
    bar.field.setText("year  except")
    assert bar.words == "1 of 1"
    [(begin, end)] = view.overlay.matches
    assert text[begin:end] == "year\nexcept"
    bar.field.setText("nowhere")
    assert bar.words == "Not found"
    bar.field.setText("tea")
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    stage.window.actions_.find.trigger()
    assert bar.words == "1 of 1"
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert view.overlay.matches == []
    assert view.hasFocus()


def test_find_waits_for_a_text_that_is_still_being_read(stage, pane, qtbot):
    picture = stage.picture("settings.png")
    stage.chat.ask(2, "And this", picture)
    pane.show_picture(picture)
    stage.window.actions_.find.trigger()
    pane.find_bar.field.setText("open")
    assert pane.find_bar.words == "Searching…"
    assert stage.readings.requested == [picture]
    stage.readings.readingReady.emit(picture.sha256, receipt_reading())
    assert pane.find_bar.words == "1 of 1"


def test_a_doubtful_word_says_how_often_such_words_were_right(stage, pane, qtbot):
    hover(pane.view, 400, 315)
    assert not QToolTip.isVisible()
    stage.window.actions_.read.trigger()
    hover(pane.view, 400, 315)
    assert "Right" in QToolTip.text()
    share = round(100 * chance_of_right(0.62))
    assert f"right {share} % of the time" in QToolTip.text()
    # Of the networks of other languages nobody has measured it.
    assert "not a percentage of being right" in doubt("<b>", 0.62, is_measured=False)
    hover(pane.view, 100, 315)
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_a_phrase_of_an_answer_lights_up_where_it_stands(stage, pane, qtbot):
    stage.chat.answer(
        2, "It is **open** every day, of the year except in storms, says Harbour.\n\n```\nTea\n```"
    )
    browser = stage.parts.chat.views[-1].findChild(AnswerBrowser)
    view = pane.view

    def select(words):
        cursor = browser.document().find(words)
        assert not cursor.isNull()
        browser.setTextCursor(cursor)
        text = view.selection.page.text
        return [text[begin:end] for begin, end in view.overlay.lit]

    assert select("open every day") == ["Open every day"]
    assert select("the year except in") == ["the year\nexcept in"]
    assert select("Harbour") == ["HARBOUR"]
    # Not inside of longer words, and no single letters.
    assert select("arbour") == []
    assert select("t") == []
    cursor = browser.textCursor()
    cursor.clearSelection()
    browser.setTextCursor(cursor)
    assert view.overlay.lit == []


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

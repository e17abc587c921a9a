"""Words over a picture whose text is known: found, in doubt, or said in an answer."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from app.text.confidence import chance_of_right
from app.ui.chat.answer_browser import AnswerBrowser
from app.ui.picture.doubt import doubt
from tests.ui.gestures import hover
from tests.ui.receipt import receipt_reading


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

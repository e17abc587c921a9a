"""“Read with LLaVA” in the window: a real reader, an engine child that plays a script."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from sessions import until
from written import ENDING_TEXT, LETTER_TEXT, TABLE_TEXT, Written

from app.text.choices import Version
from app.ui.reading.comparison_controller import ComparisonController
from tests.ui.conftest import RESOURCES

# A window that takes the keyboard for itself is more than this platform has.
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
SECONDS = 90
SAID = LETTER_TEXT.replace("harbour", "harbor & <b>bay</b>")
PAID = ENDING_TEXT.replace("1,204.50", "1,284.50")
LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(loop, qtbot, tmp_path):
    sessions = []

    def make(*replies):
        session = Written(tmp_path, *replies)
        sessions.append(session)
        session.start()
        qtbot.addWidget(session.open_window())
        session.ways = session.window.findChild(ComparisonController)
        return session

    yield make
    for session in sessions:
        session.ways.popup.hide()
        loop.run_until_complete(session.close())


async def show(session):
    """The drawn page with its text beside it."""
    window, pane = session.window, session.window.parts.pictures
    picture = await session.page()
    await until(lambda: pane.picture == picture and pane.view.has_picture, SECONDS)
    pane.splitter.setSizes([300, 480])
    window.actions_.read.trigger()
    start = session.ways.bar.start_button
    # Laid out, and not merely shown.
    await until(lambda: under(window, start) is start, SECONDS)
    return picture


def under(window, widget):
    """What is in the window where the middle of this widget should be."""
    return window.childAt(widget.mapTo(window, widget.rect().center()))


def click(widget, place=None):
    assert widget.isVisible()
    QTest.mouseClick(widget, LEFT, pos=place or widget.rect().center())


def click_mark(view, rect):
    """On a rectangle of the screen, within this view."""
    click(view, view.mapFromGlobal(rect.center()))


def marked(text):
    """The words that are underlined in the read text, and whether they are still open."""
    found = []
    for one in text.extraSelections():
        if one.format.fontUnderline():
            alpha = one.format.background().color().alphaF()
            is_open = one.format.background().style() is not Qt.BrushStyle.NoBrush and alpha > 0
            found.append((one.cursor.selectedText(), is_open))
    return found


def test_words_that_differ_are_marked_and_a_click_chooses(loop, opened):
    session = opened(SAID, TABLE_TEXT, PAID)
    bar, popup = session.ways.bar, session.ways.popup
    pane = session.window.parts.pictures
    text, view = pane.panel.text, pane.view

    async def way():
        await show(session)
        assert bar.words == ""
        assert not bar.next_button.isVisible()
        click(bar.start_button)
        assert bar.stop_button.isVisible()
        assert not bar.start_button.isVisible()
        await until(bar.start_button.isVisible, SECONDS)

    loop.run_until_complete(session.settle(way()))
    assert bar.words == "2 places are read differently, 2 to decide: click one, or press F8."
    assert marked(text) == [("harbour", True), ("1,204.50", True)]

    # In the text.
    click_mark(text.viewport(), text.mark_rect(0))
    assert popup.isVisible()
    assert popup.buttons[Version.READER].text() == "Reader: harbour"
    assert popup.buttons[Version.MODEL].text() == "LLaVA: harbor && <b>bay</b>"
    assert crop(popup).isVisible()
    click(popup.buttons[Version.READER])
    assert not popup.isVisible()
    assert bar.words == "2 places are read differently, 1 to decide: click one, or press F8."

    # On the picture.
    before = view.mark_bounds(1)
    pane.splitter.setSizes([500, 170])
    pane.panel.layout().activate()
    view.parentWidget().layout().activate()
    text.verticalScrollBar().setValue(text.verticalScrollBar().maximum())
    scrolled = text.verticalScrollBar().value()
    assert view.grab().toImage() != _without_marks(session)
    click_mark(view, view.mark_rect(1))
    assert popup.isVisible()
    click(popup.buttons[Version.MODEL])
    assert bar.words == "2 places are read differently; all of them are decided."
    assert "1,284.50" in text.toPlainText()
    assert "1,204.50" not in text.toPlainText()
    assert marked(text)[0] == ("harbour", False)
    assert view.mark_bounds(1) == before
    assert text.verticalScrollBar().value() == scrolled > 0
    pane.panel.copy_button.click()
    assert "Please pay 1,284.50 EUR" in QGuiApplication.clipboard().text()
    pane.find()
    pane.find_bar.field.setText("1,284.50")
    assert pane.find_bar.words == "1 of 1"

    click(bar.undo_button)
    assert "1,204.50" in text.toPlainText()
    click(bar.undo_button)
    assert not bar.undo_button.isVisible()
    assert marked(text)[0] == ("harbour", True)


def crop(popup):
    """The part of the picture that it shows."""
    labels = popup.findChildren(QLabel)
    return next(one for one in labels if one.accessibleName() == "These words in the picture")


def _without_marks(session):
    pane = session.window.parts.pictures
    marks, current = session.comparisons.marks(pane.picture.sha256), pane.view.overlay.current_mark
    pane.view.show_marks((), None)
    image = pane.view.grab().toImage()
    pane.view.show_marks(marks, current)
    return image


def test_the_keyboard_goes_through_the_differences(loop, opened):
    session = opened(SAID, TABLE_TEXT, PAID)
    window, bar, popup = session.window, session.ways.bar, session.ways.popup
    text = window.parts.pictures.panel.text

    async def way():
        await show(session)
        bar.start_button.setFocus()
        QTest.keyClick(bar.start_button, Qt.Key.Key_Space)
        await until(bar.stop_button.isVisible, SECONDS)
        await until(bar.start_button.isVisible, SECONDS)

    loop.run_until_complete(session.settle(way()))
    window.activateWindow()
    text.setFocus()
    QTest.keyClick(text, Qt.Key.Key_F8)
    assert popup.buttons[Version.MODEL].text().startswith("LLaVA: harbor")
    # The version that is not in force yet is the one that Enter takes.
    assert popup.buttons[Version.MODEL].hasFocus()
    QTest.keyClick(popup, Qt.Key.Key_F8)
    assert popup.isVisible()
    assert popup.buttons[Version.MODEL].text() == "LLaVA: 1,284.50"
    QTest.keyClick(popup, Qt.Key.Key_F8, SHIFT)
    QTest.keyClick(popup, Qt.Key.Key_F8, SHIFT)
    assert popup.buttons[Version.MODEL].text() == "LLaVA: 1,284.50"
    QTest.keyClick(popup.buttons[Version.MODEL], Qt.Key.Key_Return)
    assert not popup.isVisible()
    assert "1,284.50" in text.toPlainText()
    text.setFocus()
    QTest.keyClick(text, Qt.Key.Key_Z, CONTROL)
    assert "1,204.50" in text.toPlainText()
    QTest.keyClick(text, Qt.Key.Key_F8)
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert "harbour" in text.toPlainText()


def test_stopping_going_on_dying_and_lines_that_were_not_read_are_said(loop, opened):
    session = opened("/loop", "/loop", "/loop", "/hang", "/die", TABLE_TEXT, PAID)
    bar = session.ways.bar
    said = []

    async def way():
        await show(session)
        click(bar.start_button)
        await until(lambda: len(session.asked()) == 4, SECONDS)
        said.append(bar.words)
        click(bar.stop_button)
        await until(bar.start_button.isVisible, 5)
        said.append(bar.words)
        click(bar.start_button)
        await until(bar.start_button.isVisible, SECONDS)
        said.append(bar.words)
        click(bar.start_button)
        await until(bar.start_button.isVisible, SECONDS)
        said.append(bar.words)

    loop.run_until_complete(session.settle(way()))
    kept = "LLaVA could not read 2 lines; the reader’s text stays there."
    running, stopped, died, done = said
    assert running == f"LLaVA is reading: 2 of 4 parts. {kept}"
    assert stopped == f"Stopped: 2 of 4 parts are read. {kept}"
    assert "engine" in died
    assert died.endswith(f"What it read stays (2 of 4 parts). {kept}")
    assert done == f"1 place is read differently, 1 to decide: click one, or press F8. {kept}"
    assert "The harbour lies north" in bar.findChild(QLabel, "comparisonWords").toolTip()


def test_another_picture_has_its_own_state_and_the_first_keeps_its_choices(loop, opened):
    session = opened(SAID, TABLE_TEXT, PAID)
    bar, pane = session.ways.bar, session.window.parts.pictures

    async def way():
        first = await show(session)
        click(bar.start_button)
        await until(bar.start_button.isVisible, SECONDS)
        session.comparisons.choose(
            first.sha256, session.comparisons.marks(first.sha256)[1].difference, Version.MODEL
        )
        session.attachments.take_data(
            (RESOURCES / "samples" / "receipt.png").read_bytes(), "receipt.png"
        )
        await until(lambda: pane.picture != first, SECONDS)
        await until(lambda: "TOTAL" in pane.panel.text.toPlainText(), SECONDS)
        elsewhere = bar.words, marked(pane.panel.text)
        pane.show_picture(first)
        await until(lambda: pane.view.has_picture, SECONDS)
        return elsewhere

    elsewhere = loop.run_until_complete(session.settle(way()))
    assert elsewhere == ("", [])
    assert "1,284.50" in pane.panel.text.toPlainText()
    assert bar.words == "2 places are read differently, 1 to decide: click one, or press F8."

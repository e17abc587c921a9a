"""What is written and waits in the composer stays with its conversation."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sessions import until

from tests.ui.gestures import attached, drop_onto, files

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"


@pytest.fixture
def whole(whole_session):
    return whole_session({"first": [[0.0, "one"]]}, reader="app.reader.service:make")


async def drop(whole, name):
    before = len(attached(whole.window.parts.composer))
    drop_onto(whole.window, files(SAMPLES / name))
    await until(lambda: len(attached(whole.window.parts.composer)) == before + 1)
    await until(lambda: all(item.picture for item in whole.attachments.items))


def click_row(window, place):
    rows = window.parts.conversations.list
    QTest.mouseClick(
        rows.viewport(),
        Qt.MouseButton.LeftButton,
        pos=rows.visualItemRect(rows.item(place)).center(),
    )


def rows(window):
    found = window.parts.conversations.list
    return [found.item(place).text() for place in range(found.count())]


def names(whole):
    return [item.name for item in whole.attachments.items]


def press_new(window):
    button = window.parts.conversations.new_button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_draft_stays_with_its_conversation_and_comes_back_with_it(loop, whole):
    window = whole.window
    composer, pane = window.parts.composer, window.parts.pictures

    async def way():
        await whole.ask("first")
        await drop(whole, "receipt.png")
        await until(lambda: pane.isVisible() and pane.view.has_picture)
        QTest.keyClicks(composer.field, "half a question")

        press_new(window)
        assert composer.field.toPlainText() == ""
        assert not attached(composer)
        await until(lambda: not pane.isVisible())
        await drop(whole, "shapes.png")
        QTest.keyClicks(composer.field, "another")

        click_row(window, rows(window).index("first"))
        assert composer.field.toPlainText() == "half a question"
        assert names(whole) == ["receipt.png"]
        await until(lambda: pane.picture and pane.picture.name == "receipt.png")
        assert rows(window) == ["Draft", "first"]

        click_row(window, 0)
        assert composer.field.toPlainText() == "another"
        assert names(whole) == ["shapes.png"]
        await until(lambda: pane.picture and pane.picture.name == "shapes.png")
        QTest.keyClick(composer.field, Qt.Key.Key_Return)
        await whole.idle()
        assert rows(window) == ["another", "first"]
        assert not attached(composer)

    loop.run_until_complete(whole.settle(way()))


def test_new_puts_a_waiting_picture_aside_and_an_emptied_draft_leaves_the_list(loop, whole):
    window, composer = whole.window, whole.window.parts.composer

    async def way():
        await drop(whole, "receipt.png")
        press_new(window)
        assert not attached(composer)
        assert rows(window) == ["Draft"]
        click_row(window, 0)
        [waiting] = attached(composer)
        QTest.mouseClick(waiting.remove_button, Qt.MouseButton.LeftButton)
        press_new(window)
        assert rows(window) == []

    loop.run_until_complete(whole.settle(way()))


def test_what_is_still_being_opened_arrives_in_the_conversation_it_was_dropped_on(loop, whole):
    window, pane = whole.window, whole.window.parts.pictures

    async def way():
        drop_onto(window, files(SAMPLES / "receipt.png"))
        assert whole.attachments.items[0].picture is None
        press_new(window)
        await until(lambda: whole.all_heard("shown"))
        await until(lambda: not whole.readings.is_busy)
        assert not attached(window.parts.composer)
        assert not pane.isVisible()
        assert pane.picture is None
        click_row(window, 0)
        assert names(whole) == ["receipt.png"]
        await until(pane.isVisible)

    loop.run_until_complete(whole.settle(way()))

"""Conversations renamed and deleted by hand in the list, over a real session."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from sessions import until

# From the right edge of a row to the middle of its buttons.
RENAME, DELETE = 53, 27


@pytest.fixture
def whole(whole_session):
    return whole_session({"first": [[0.0, "one"]], "second": [[0.0, "two"]]})


async def two_conversations(whole):
    """“second” is the open one, above “first”."""
    await whole.ask("first")
    whole.chat.new_conversation()
    await whole.ask("second")
    rows = whole.window.parts.conversations.list
    assert titles(rows) == ["second", "first"]
    return rows


def titles(rows):
    return [rows.item(place).text() for place in range(rows.count())]


def kept(whole):
    return [row.title for row in whole.archive.conversations()]


def press(rows, title, from_right):
    """The mouse on one of the buttons of this row."""
    place = titles(rows).index(title)
    row = rows.visualItemRect(rows.item(place))
    spot = QPoint(row.right() - from_right, row.center().y())
    QTest.mouseMove(rows.viewport(), spot)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=spot)


async def editor(rows):
    await until(lambda: rows.findChild(QLineEdit), 5)
    return rows.findChild(QLineEdit)


def test_one_that_is_not_open_is_renamed_by_its_pencil_and_stays_closed(loop, whole):
    async def way():
        rows = await two_conversations(whole)
        asked = whole.chat.conversation_id
        press(rows, "first", RENAME)
        field = await editor(rows)
        assert field.hasFocus()
        field.selectAll()
        QTest.keyClicks(field, "A better name")
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: kept(whole) == ["second", "A better name"], 5)
        assert titles(rows) == ["second", "A better name"]
        assert whole.chat.conversation_id == asked
        assert len(whole.chat.entries) == 2

    loop.run_until_complete(way())


def test_a_title_being_typed_outlasts_an_answer_that_ends(loop, whole):
    async def way():
        rows = await two_conversations(whole)
        press(rows, "first", RENAME)
        field = await editor(rows)
        field.selectAll()
        QTest.keyClicks(field, "A better")
        await whole.ask("second")
        QTest.keyClicks(field, " name")
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: kept(whole) == ["second", "A better name"], 5)
        await until(lambda: titles(rows) == ["second", "A better name"], 5)

    loop.run_until_complete(way())


@pytest.mark.parametrize(("gone", "left"), [("first", "second"), ("second", "first")])
def test_any_one_is_deleted_by_its_button(loop, whole, gone, left):
    async def way():
        rows = await two_conversations(whole)
        is_open = gone == "second"
        press(rows, gone, DELETE)
        assert titles(rows) == [left] == kept(whole)
        assert len(whole.chat.entries) == (0 if is_open else 2)

    loop.run_until_complete(way())


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard", extend=True)
def test_a_menu_that_is_open_while_an_answer_ends_still_means_its_conversation(loop, whole):
    async def way():
        rows = await two_conversations(whole)
        rows.customContextMenuRequested.emit(rows.visualItemRect(rows.item(1)).center())
        menu = whole.window.findChild(QMenu, "conversationMenu")
        await whole.ask("second")
        QTest.mouseClick(
            menu,
            Qt.MouseButton.LeftButton,
            pos=menu.actionGeometry(menu.actions()[1]).center(),
        )
        assert titles(rows) == ["second"]

    loop.run_until_complete(way())


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard", extend=True)
def test_a_menu_that_is_left_alone_leaves_the_open_conversation_marked(loop, whole):
    async def way():
        rows = await two_conversations(whole)
        place = rows.visualItemRect(rows.item(titles(rows).index("first"))).center()
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.RightButton, pos=place)
        rows.customContextMenuRequested.emit(place)
        menu = whole.window.findChild(QMenu, "conversationMenu")
        await until(menu.isVisible, 5)
        QTest.keyClick(menu, Qt.Key.Key_Escape)
        await until(lambda: rows.currentItem().text() == "second", 5)

    loop.run_until_complete(way())

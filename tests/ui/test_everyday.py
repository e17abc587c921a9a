"""The wheel on a document, dialogs that remember their folder, Ctrl+Z after a deletion."""

from pathlib import Path

import pytest
from papers import Paper, text
from PySide6.QtCore import QPoint, QPointF, QRectF, QStandardPaths, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from sessions import until

from tests.ui.gestures import drop_onto, files

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"


@pytest.fixture
def whole(whole_session):
    return whole_session({"first": [[0.0, "one"]]}, reader="app.reader.service:make")


def wheel(view, notches, keys=Qt.KeyboardModifier.NoModifier):
    place = QPointF(view.rect().center())
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def top(view):
    return view.to_view().map(QPointF(0, 0)).y()


def test_the_wheel_scrolls_a_document_turns_its_pages_and_zooms_with_ctrl(loop, whole, tmp_path):
    pane = whole.window.parts.pictures
    view = pane.view
    paper = Paper()
    for page in ("First page", "Second page", "Third page"):
        paper.page(text(60, 700, page))
    paper.save(tmp_path / "letter.pdf")

    async def at(page):
        await until(lambda: pane.title == f"letter.pdf, page {page}" and view.has_picture, 30)

    async def way():
        whole.window.resize(1500, 500)
        whole.window.activateWindow()
        await until(whole.window.isActiveWindow)
        drop_onto(whole.window, files(tmp_path / "letter.pdf"))
        await at(1)
        fitted = view.scale
        QTest.keyClick(whole.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        wide = view.scale
        assert wide > fitted
        page = view.to_view().mapRect(QRectF(0, 0, pane.picture.width, pane.picture.height))
        assert page.left() >= 0
        assert page.right() <= view.width()
        begin = top(view)
        wheel(view, -1)
        assert view.scale == wide
        assert top(view) < begin
        for _ in range(60):
            wheel(view, -1)
            if pane.title != "letter.pdf, page 1":
                break
        await at(2)
        # From its top, as wide as before; and back to the end of the one before.
        await until(lambda: view.scale == wide and top(view) == begin, 10)
        wheel(view, 1)
        await at(1)
        await until(lambda: top(view) < begin, 10)
        wheel(view, 1, Qt.KeyboardModifier.ControlModifier)
        assert view.scale > wide
        view.fit()
        wheel(view, -1)
        await at(2)
        assert view.scale == fitted

    loop.run_until_complete(whole.settle(way()))


def test_open_begins_where_pictures_are_and_then_where_it_was_left(
    loop, whole, monkeypatch, tmp_path
):
    window = whole.window
    pictures, elsewhere = tmp_path / "Pictures", tmp_path / "elsewhere"
    for folder in (pictures, elsewhere):
        folder.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _place: str(pictures))

    def opened():
        window.actions_.open.trigger()
        [dialog] = window.findChildren(QFileDialog, "openDialog")
        return dialog

    async def way():
        dialog = opened()
        assert Path(dialog.directory().absolutePath()) == pictures
        dialog.filesSelected.emit([str(elsewhere / "gone.png")])
        dialog.reject()
        await until(lambda: not window.findChildren(QFileDialog))
        dialog = opened()
        assert Path(dialog.directory().absolutePath()) == elsewhere
        dialog.reject()
        await until(lambda: not window.findChildren(QFileDialog))
        elsewhere.rmdir()
        dialog = opened()
        assert Path(dialog.directory().absolutePath()) == pictures
        dialog.reject()
        await until(lambda: not window.findChildren(QFileDialog))

    loop.run_until_complete(way())


def test_ctrl_z_brings_back_what_was_deleted_unless_there_is_typing_to_undo(loop, whole):
    window = whole.window
    rows, field = window.parts.conversations.list, window.parts.composer.field

    async def way():
        window.activateWindow()
        await until(window.isActiveWindow)
        await whole.ask("first")
        whole.library.delete(whole.chat.conversation_id)
        assert rows.count() == 0
        field.setFocus()
        QTest.keyClicks(field, "typed")
        QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert rows.count() == 0
        assert field.toPlainText() == ""
        QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert rows.count() == 1
        assert [row.title for row in whole.archive.conversations()] == ["first"]

    loop.run_until_complete(way())


def test_after_the_send_button_the_next_question_can_be_typed_at_once(loop, whole):
    async def way():
        composer = whole.window.parts.composer
        QTest.keyClicks(composer.field, "first")
        QTest.mouseClick(composer.send_button, Qt.MouseButton.LeftButton)
        await until(lambda: len(whole.chat.entries) == 2 and not whole.chat.state.busy)
        assert composer.field.hasFocus()

    loop.run_until_complete(whole.settle(way()))

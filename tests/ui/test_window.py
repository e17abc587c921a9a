"""Ways through the window: asking, conversations, models, notices."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLineEdit,
    QProgressBar,
)

from app.core.conversation import ReferenceMode
from app.core.errors import ErrorKind, Failed
from app.core.events import Ready
from app.session.chat.entry import ChatState
from app.session.models.models import LoadState
from app.session.pictures.attachments import Attachment
from app.ui.widgets.buttons import IconButton
from tests.ui.gestures import attached, button, texts
from tests.ui.stand_in import BUILTIN


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
    waiting, lost = attached(stage.parts.composer)
    assert waiting.thumbnail.busy
    assert not lost.thumbnail.busy
    lost.thumbnail.click()
    assert stage.attachments.retried == [2]
    stage.attachments.become(Attachment(1, "shapes.png", picture), stage.attachments.items[1])
    qtbot.waitUntil(lambda: not waiting.thumbnail.busy)
    lost.remove_button.click()
    assert stage.attachments.removed == [2]
    assert attached(stage.parts.composer) == [waiting]
    assert stage.parts.composer.send_button.isEnabled()


def test_the_switch_for_read_text_tells_the_session(stage):
    switch = stage.parts.composer.reference
    assert switch.currentText() == "Auto"
    switch.setFocus()
    QTest.keyClick(switch, Qt.Key.Key_Down)
    [(called, mode)] = stage.chat.calls
    assert called == "set_reference"
    assert mode is ReferenceMode.ON


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


def press(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def shown_notices(stage):
    return [notice.words for notice in stage.parts.notices.notices]


def test_problems_are_said_once_one_at_a_time_until_they_are_read(stage):
    for number in (1, 1, 2, 3, 2):
        say = stage.attachments.noticed if number % 2 else stage.attachments.refused
        say.emit(Failed(ErrorKind.BAD_PICTURE, f"Picture {number} is bad."))
    for number, more in ((1, "2 more"), (2, "1 more"), (3, "")):
        [notice] = stage.parts.notices.notices
        assert notice.words == f"Picture {number} is bad."
        assert [words for words in texts(notice) if "more" in words] == ([more] if more else [])
        press(notice.close_button)
    assert shown_notices(stage) == []


def test_nothing_moves_when_a_notice_comes_and_goes_and_undo_is_never_covered(stage, qtbot):
    stage.library.have("Receipt", "Shapes")
    parts = stage.parts

    def places():
        return [
            widget.mapTo(stage.window, widget.rect().topLeft())
            for widget in (parts.composer, parts.conversations.list, parts.empty, parts.status)
        ]

    qtbot.wait(50)
    before = places()
    stage.attachments.refused.emit(Failed(ErrorKind.BAD_PICTURE, "One is bad.", "why " * 60))
    stage.library.delete(1)
    stage.attachments.refused.emit(Failed(ErrorKind.BAD_PICTURE, "Another is bad."))
    qtbot.wait(50)
    assert places() == before
    undo = button(parts.notices, "Undo")
    middle = undo.mapTo(stage.window, undo.rect().center())
    assert stage.window.childAt(middle) is undo
    assert all(
        notice.height() >= notice.layout().heightForWidth(notice.width())
        for notice in parts.notices.notices
    )
    press(undo)
    assert len(stage.library.rows) == 2
    assert shown_notices(stage) == ["One is bad. " + ("why " * 60).strip()]
    assert places() == before


def test_a_toast_leaves_by_itself_unless_the_pointer_is_on_it(stage, qtbot):
    notice = stage.parts.notices.say("Saved.", "Show folder", lambda: None, 0.3)
    QTest.mouseMove(notice, notice.rect().center())
    qtbot.wait(600)
    assert shown_notices(stage) == ["Saved."]
    QTest.mouseMove(stage.window, stage.window.rect().bottomLeft())
    qtbot.waitUntil(lambda: shown_notices(stage) == [], timeout=3000)

"""The window on a real session: a real reader, a real engine child that plays a script."""

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from sessions import until

from app.archive.archive import TurnState
from app.ui.chat.answer_browser import AnswerBrowser
from tests.ui.gestures import attached, button, drop_onto, files

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
SCRIPT = {
    "What is the total?": [
        [0.0, "The **total** is "],
        [0.05, "32.64.\n\n"],
        [0.05, "```text\nTOTAL 32.64\n```\n"],
    ],
}


@pytest.fixture
def whole(whole_session):
    return whole_session(SCRIPT, reader="app.reader.service:make")


def ask(window, text):
    window.parts.composer.field.setPlainText(text)
    window.parts.composer.send_button.click()


def shown(window) -> list[str]:
    texts = []
    for view in window.parts.chat.views:
        browsers = [b for b in view.findChildren(AnswerBrowser) if not b.isHidden()]
        texts.append(" ".join(browser.toPlainText().strip() for browser in browsers))
    return texts


def test_a_dropped_receipt_is_shown_read_asked_about_and_kept(loop, whole):
    window, pane = whole.window, whole.window.parts.pictures
    receipt = SAMPLES / "receipt.png"

    async def way():
        drop_onto(window, files(receipt))
        await until(lambda: pane.isVisible() and pane.view.has_picture)
        assert (pane.picture.width, pane.picture.height) == (640, 1000)
        ask(window, "What is the total?")
        assert not attached(window.parts.composer)
        await until(lambda: len(shown(window)) == 2 and not whole.chat.state.busy, 60)
        question, answer = shown(window)
        assert question == "What is the total?"
        assert answer.startswith("The total is 32.64.")
        assert window.parts.chat.views[1].foot.note.text().startswith("Used ")
        window.actions_.read.trigger()
        await until(lambda: "TOTAL" in pane.panel.text.toPlainText(), 60)
        assert "32.64" in pane.panel.text.toPlainText()
        pane.panel.copy_button.click()
        assert "HARBOUR GROCERY" in QGuiApplication.clipboard().text()

        rows = window.parts.conversations.list
        assert rows.item(0).text() == "What is the total?"
        window.actions_.new.trigger()
        await until(lambda: not pane.isVisible())
        assert window.parts.empty.isVisible()
        rows.itemClicked.emit(rows.item(0))
        await until(pane.isVisible)
        assert shown(window)[1] == answer
        window.parts.conversations.deleteRequested.emit(whole.chat.conversation_id)
        assert window.parts.conversations.list.count() == 0
        [notice] = window.parts.notices.notices
        button(notice, "Undo").click()
        assert window.parts.conversations.list.count() == 1
        await until(lambda: len(shown(window)) == 2)

    loop.run_until_complete(way())


def test_what_is_no_picture_is_refused_in_the_readers_words(loop, whole, tmp_path):
    path = tmp_path / "words.png"
    path.write_text("these are only words", "utf-8")

    async def way():
        drop_onto(whole.window, files(path))
        await until(lambda: whole.window.parts.notices.notices, 30)
        assert not attached(whole.window.parts.composer)

    loop.run_until_complete(way())
    [notice] = whole.window.parts.notices.notices
    assert "words.png" in notice.words


def test_an_engine_killed_in_the_middle_keeps_the_text_and_answers_again(loop, whole):
    window = whole.window

    async def way():
        ask(window, "/slow")
        await until(lambda: len(shown(window)) == 2 and len(shown(window)[1]) > 10, 30)
        os.kill(whole.engine.pid, signal.SIGKILL)
        view = window.parts.chat.views[1]
        await until(lambda: view.foot.problem is not None)
        kept = shown(window)[1]
        assert len(kept) > 10
        ask(window, "What is the total?")
        await until(lambda: len(shown(window)) == 4 and "32.64" in shown(window)[3], 30)
        assert shown(window)[1] == kept
        await whole.idle()

    loop.run_until_complete(way())
    assert [entry.state for entry in whole.chat.entries if entry.role == "model"] == [
        TurnState.INTERRUPTED,
        TurnState.DONE,
    ]


def test_twenty_thousand_pieces_leave_the_window_usable(loop, whole):
    window = whole.window
    renders = []

    async def way():
        ask(window, "/flood")
        await until(lambda: len(window.parts.chat.views) == 2)
        answer = window.parts.chat.views[1].answer
        answer.rendered.connect(lambda: renders.append(len(answer.text)))
        await until(lambda: len(answer.text) > 1000)
        QTest.keyClicks(window.parts.composer.field, "typed meanwhile")
        assert whole.chat.state.busy
        await until(lambda: not whole.chat.state.busy and answer.is_drawn, 60)
        assert shown(window)[1].split() == answer.text.split()

    loop.run_until_complete(way())
    assert window.parts.composer.field.toPlainText() == "typed meanwhile"
    assert len(renders) < 200

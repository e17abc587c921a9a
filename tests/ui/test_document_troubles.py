"""Documents with passwords, bad pages, and pages that end the reader, in the window."""

import os
import signal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sessions import until

from app.ui.picture.password_dialog import PasswordDialog
from tests.ui.gestures import button, drop_onto, files
from tests.ui.letter import script, shown


@pytest.fixture
def whole(whole_session):
    return whole_session({"What is it?": [[0.0, "A letter."]]})


def test_a_password_is_asked_for_until_it_is_right(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures

    def dialog():
        found = [one for one in window.findChildren(PasswordDialog) if one.isVisible()]
        return found[0] if found else None

    async def way():
        path = script(tmp_path, ["kept secret", "more of it"], "Sesame")
        drop_onto(window, files(path))
        await until(dialog)
        first = dialog()
        assert "letter.pdf" in first.findChild(object, "dialogTitle").text()
        assert not first.open_button.isEnabled()
        QTest.keyClicks(first.field, "sesame")
        QTest.keyClick(first.field, Qt.Key.Key_Return)
        await until(lambda: dialog() and dialog() is not first)
        assert "not the password" in dialog().words.text()
        QTest.keyClicks(dialog().field, "Sesame")
        dialog().open_button.click()
        await shown(pane, "letter.pdf, page 1")
        pane.page_bar.next_button.click()
        await shown(pane, "letter.pdf, page 2")
        window.actions_.read.trigger()
        await until(lambda: "more of it" in pane.panel.text.toPlainText())
        # Giving up on another one leaves nothing behind.
        drop_onto(window, files(script(tmp_path, ["x"], "other", "other.pdf")))
        await until(dialog)
        button(dialog(), "Cancel").click()
        await until(lambda: len(whole.attachments.items) == 1)
        assert not window.parts.notices.notices

    loop.run_until_complete(whole.settle(way()))


def test_bad_pages_are_named_and_do_not_stop_the_others(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures
    pages = ["one", "unreadable", "missing", "four"]

    async def way():
        drop_onto(window, files(script(tmp_path, pages)))
        await shown(pane, "letter.pdf, page 1")
        document = pane.pages.place.document.sha256
        window.actions_.read.trigger()
        await until(lambda: not whole.documents.progress(document).running)
        assert pane.page_bar.words == "4 of 4 pages read · page 2 could not be read"
        pane.page_bar.next_button.click()
        await until(lambda: pane.panel.title == "The page could not be read.")
        assert pane.panel.retry_button.isVisible()
        pane.page_bar.next_button.click()
        await until(lambda: window.parts.notices.notices)
        assert window.parts.notices.notices[0].words == "Page 3 cannot be opened."
        assert (pane.page_bar.number.value(), pane.title) == (2, "letter.pdf, page 2")

    loop.run_until_complete(whole.settle(way()))


def test_a_page_that_kills_the_reader_is_left_out_and_the_others_are_read(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures

    async def way():
        drop_onto(window, files(script(tmp_path, ["one", "two", "deadly", "four"])))
        await shown(pane, "letter.pdf, page 1")
        document = pane.pages.place.document.sha256
        window.actions_.read.trigger()
        await until(lambda: whole.documents.progress(document).done == 4, 30)
        assert whole.documents.reading(document).text == "one\n\ntwo\n\nfour"
        assert "page 3 could not be read" in pane.page_bar.words
        assert not window.parts.notices.notices

    loop.run_until_complete(whole.settle(way()))


def test_a_reader_that_keeps_dying_loses_no_page_and_reading_goes_on_when_asked(
    loop, whole, tmp_path
):
    window, pane = whole.window, whole.window.parts.pictures

    async def way():
        drop_onto(window, files(script(tmp_path, ["one", "two", *["slow text"] * 6])))
        await shown(pane, "letter.pdf, page 1")
        document = pane.pages.place.document.sha256
        window.actions_.read.trigger()
        for done in (2, 3, 4):
            await until(lambda done=done: len(whole.documents.reading(document).pages) >= done, 30)
            os.kill(whole.reader.pid, signal.SIGKILL)
        await until(lambda: not whole.documents.progress(document).running)
        assert window.parts.notices.notices
        kept = whole.documents.reading(document).text
        assert kept.startswith("one\n\ntwo\n\nslow text")
        pane.page_bar.read_button.click()
        await until(lambda: whole.documents.progress(document).done == 8, 30)
        assert whole.documents.reading(document).text.startswith(kept)

    loop.run_until_complete(whole.settle(way()))

"""Documents of several pages in the window: a real session, a reader that plays scripts."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sessions import until

from app.core.errors import ErrorKind
from app.ui.picture.page_bar import time_left
from tests.ui.gestures import drop_onto, files
from tests.ui.letter import LETTER, script, shown


@pytest.fixture
def whole(whole_session):
    return whole_session({"What is it?": [[0.0, "A letter."]]})


def test_a_three_page_document_is_turned_read_page_by_page_and_copied(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures
    bar, text = pane.page_bar, pane.panel.text
    seen = []
    whole.documents.progressed.connect(lambda _, progress: seen.append(progress))

    async def way():
        drop_onto(window, files(script(tmp_path, LETTER)))
        await shown(pane, "letter.pdf, page 1")
        assert bar.isVisible()
        assert (bar.number.value(), bar.number.maximum()) == (1, 3)
        assert not bar.previous_button.isEnabled()
        pane.view.setFocus()
        QTest.keyClick(pane.view, Qt.Key.Key_PageDown)
        QTest.keyClick(pane.view, Qt.Key.Key_PageDown)
        await shown(pane, "letter.pdf, page 3")
        assert not bar.next_button.isEnabled()
        QTest.keyClick(pane.view, Qt.Key.Key_PageDown)
        QTest.keyClick(pane.view, Qt.Key.Key_PageUp)
        await shown(pane, "letter.pdf, page 2")
        window.actions_.read.trigger()
        assert bar.cancel_button.isVisible()
        await until(lambda: "second page" in text.toPlainText())
        await until(lambda: whole.documents.progress(pane.pages.place.document.sha256).done == 3)
        assert bar.words == ""
        assert not bar.cancel_button.isVisible()
        pane.panel.copy_all_button.click()
        assert QGuiApplication.clipboard().text() == (
            "first page\nof three\n\nslow text\nsecond page\n\nthird page"
        )
        bar.number.setValue(1)
        assert text.toPlainText() == "first page\nof three"
        # The picture has twice the pixels of what was read: boxes are where the words are.
        line = pane.view.selection.page.lines[1]
        assert (line.box.left, line.box.top, line.box.bottom) == (20, 60, 96)

    loop.run_until_complete(whole.settle(way()))
    # Turning pages and reading one of them never took away what was read.
    done = [progress.done for progress in seen]
    assert done == sorted(done)


def test_a_page_that_no_question_is_about_yet_says_so_on_its_button(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures
    add = pane.page_bar.add_button

    async def way():
        drop_onto(window, files(script(tmp_path, LETTER)))
        await shown(pane, "letter.pdf, page 1")
        await until(lambda: add.text() == "Ask")
        QTest.mouseClick(pane.page_bar.next_button, Qt.MouseButton.LeftButton)
        await shown(pane, "letter.pdf, page 2")
        assert add.text() == "Ask about page 2"
        QTest.mouseClick(add, Qt.MouseButton.LeftButton)
        await until(lambda: add.text() == "Ask")
        assert [item.name for item in whole.attachments.items][-1] == "letter.pdf, page 2"

    loop.run_until_complete(whole.settle(way()))


def test_cancel_keeps_the_pages_that_were_read_and_the_rest_can_follow(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures
    bar = pane.page_bar
    pages = ["one", "two", "three", "slow text 4", "slow text 5", "slow text 6"]

    async def way():
        drop_onto(window, files(script(tmp_path, pages)))
        await shown(pane, "letter.pdf, page 1")
        document = pane.pages.place.document.sha256
        window.actions_.read.trigger()
        await until(lambda: bar.words.startswith("3 of 6 pages read"))
        assert "left" in bar.words
        bar.cancel_button.click()
        await until(lambda: not whole.documents.progress(document).running)
        assert not bar.cancel_button.isVisible()
        assert bar.read_button.toolTip() == "Read 3 more pages"
        await asyncio.sleep(0.6)
        assert whole.documents.progress(document).done == 3
        assert whole.documents.reading(document).text == "one\n\ntwo\n\nthree"
        # A page that is turned to is read by itself.
        bar.number.setValue(5)
        await until(lambda: "slow text 5" in pane.panel.text.toPlainText())
        assert bar.read_button.toolTip() == "Read 2 more pages"
        bar.read_button.click()
        await until(lambda: whole.documents.progress(document).done == 6)
        assert whole.documents.reading(document).text.split() == " ".join(pages).split()

    loop.run_until_complete(whole.settle(way()))


def test_reading_all_pages_lets_a_dropped_picture_and_its_reading_pass(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures
    picture = tmp_path / "shot.png"
    picture.write_text("words of the shot", "utf-8")

    async def way():
        order = []
        drop_onto(window, files(script(tmp_path, [f"slow text {n}" for n in range(8)])))
        await shown(pane, "letter.pdf, page 1")
        document = pane.pages.place.document.sha256
        window.actions_.read.trigger()
        await until(lambda: whole.documents.progress(document).done >= 2)
        whole.readings.readingReady.connect(lambda _, reading: order.append(reading.text))
        whole.documents.progressed.connect(lambda _, progress: order.append(progress.done))
        drop_onto(window, files(picture))
        await until(lambda: "words of the shot" in order)
        before = order.index("words of the shot")
        await until(lambda: whole.documents.progress(document).done == 8, 30)
        return document, before, order

    document, before, order = loop.run_until_complete(whole.settle(way()))
    assert before <= 1
    assert order[-1] == 8
    assert len(whole.documents.reading(document).pages) == 8


def test_the_page_that_will_be_next_is_there_before_it_is_turned_to(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures
    bar, order = pane.page_bar, []
    ahead, loaded = [], []
    whole.documents.pageAhead.connect(ahead.append)
    window.loader.loaded.connect(lambda sha256, _: loaded.append(sha256))
    whole.documents.pageAhead.connect(lambda picture: order.append(picture.name))
    whole.readings.readingReady.connect(lambda _, reading: order.append(reading.text))

    async def way():
        drop_onto(window, files(script(tmp_path, [f"slow text {n}" for n in range(1, 9)])))
        await until(lambda: "letter.pdf, page 2" in order)
        # What is on the screen is read first.
        assert order == ["slow text 1", "letter.pdf, page 2"]
        await until(lambda: ahead[0].sha256 in loaded)
        bar.next_button.click()
        assert pane.view.has_picture
        assert pane.title == "letter.pdf, page 2"
        await until(lambda: "letter.pdf, page 3" in order)
        # While all pages are read it comes between two of them, and costs none of them.
        window.actions_.read.trigger()
        document = pane.pages.place.document.sha256
        bar.number.setValue(7)
        await shown(pane, "letter.pdf, page 7")
        await until(lambda: "letter.pdf, page 8" in order)
        assert whole.documents.progress(document).running
        # People go on in the way in which they went.
        bar.previous_button.click()
        await until(lambda: "letter.pdf, page 5" in order, 30)
        await until(lambda: whole.documents.progress(document).done == 8, 30)
        assert len(whole.documents.reading(document).pages) == 8

    loop.run_until_complete(whole.settle(way()))


def test_another_page_goes_with_the_question_when_it_is_asked_for(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures

    async def way():
        drop_onto(window, files(script(tmp_path, LETTER)))
        await shown(pane, "letter.pdf, page 1")
        pane.page_bar.number.setValue(3)
        await shown(pane, "letter.pdf, page 3")
        pane.page_bar.add_button.click()
        pane.view.askRequested.emit("third")
        assert window.parts.composer.field.toPlainText() == "About “third”: "
        window.parts.composer.clear()
        names = [item.name for item in whole.attachments.items]
        assert names == ["letter.pdf", "letter.pdf, page 3"]
        assert QApplication.focusWidget() is window.parts.composer.field
        QTest.keyClicks(window.parts.composer.field, "What is it?")
        QTest.keyClick(window.parts.composer.field, Qt.Key.Key_Return)
        await whole.idle()
        question, answer = whole.chat.entries
        assert [picture.name for picture in question.pictures] == [
            "letter.pdf, page 1",
            "letter.pdf, page 3",
        ]
        assert answer.text == "A letter."
        reference = whole.archive.turns(whole.chat.conversation_id)[0].turn.reference
        assert reference == ("first page", "of three", "third page")
        assert pane.title == "letter.pdf, page 3"

    loop.run_until_complete(whole.settle(way()))


def test_what_may_be_a_document_is_told_by_its_bytes_and_refused_in_words(loop, whole, tmp_path):
    path = script(tmp_path, ["bad\x00"], name="picture.png")

    async def way():
        drop_onto(whole.window, files(path))
        await until(lambda: whole.attachments.items and whole.attachments.items[0].picture)
        # One page is no strip of pages.
        assert not whole.window.parts.pictures.page_bar.isVisible()
        whole.attachments.take_data(b"bad", "words.pdf")
        await until(lambda: whole.all_heard("refused"))

    loop.run_until_complete(whole.settle(way()))
    assert whole.all_heard("refused")[0].kind is ErrorKind.NOT_A_PICTURE


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "a few seconds left"),
        (31, "about 30 seconds left"),
        (58, "about 1 minute left"),
        (150, "about 2 minutes left"),
        (7000, "about 2 hours left"),
    ],
)
def test_the_time_left_is_no_more_exact_than_it_can_be(seconds, words):
    assert time_left(seconds) == words

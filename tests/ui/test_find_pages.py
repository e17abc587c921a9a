"""Finding words in a whole document: a real PDF, the real reader, the person's keys."""

import pytest
from papers import Paper, drawn, picture, text
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sessions import until

from tests.ui.gestures import drop_onto, files

PAGES = (
    ("The harbour of Port Elm", "Harbour dues"),
    ("Nothing of interest",),
    ("Boats leave the harbour at nine",),
    ("Lighthouse",),
    ("Closing of the harbour",),
)


@pytest.fixture
def whole(tmp_path, whole_session):
    (tmp_path / "inbox").mkdir()
    return whole_session(reader="app.reader.service:make")


def letter(path):
    """Five pages of text, of which the third is a scan."""
    paper = Paper()
    for number, rows in enumerate(PAGES, 1):
        if number == 3:
            paper.page(drawn(0, 50, 500, 500, 150), [picture(*rows, size=(1000, 300))])
        else:
            paper.page("".join(text(60, 700 - 40 * at, row) for at, row in enumerate(rows)))
    return paper.save(path)


def marked(pane):
    """The words of the match that stands out."""
    overlay = pane.view.overlay
    begin, end = overlay.matches[overlay.current]
    return pane.view.selection.page.text[begin:end]


def test_words_are_found_on_every_page_and_jumped_to(loop, whole, tmp_path):
    window, pane = whole.window, whole.window.parts.pictures
    bar, number = pane.find_bar, pane.page_bar.number

    async def way():
        drop_onto(window, files(letter(tmp_path / "letter.pdf")))
        await until(lambda: pane.pages.place and window.actions_.find.isEnabled(), 60)
        QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(bar.field, "HARBOUR")
        # All pages are read for it, without the text being switched on.
        await until(lambda: bar.words == "1 of 4", 120)
        assert not pane.reads
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        assert (bar.words, number.value()) == ("2 of 4", 1)
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        await until(lambda: bar.words == "3 of 4" and number.value() == 3)
        assert (pane.title, marked(pane)) == ("letter.pdf, page 3", "harbour")
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        await until(lambda: bar.words == "4 of 4" and number.value() == 5)
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        await until(lambda: bar.words == "1 of 4" and number.value() == 1)
        bar.previous_button.click()
        await until(lambda: bar.words == "4 of 4" and number.value() == 5)
        # Back to the last match of a page, not to its first.
        bar.previous_button.click()
        await until(lambda: number.value() == 3 and bar.words == "3 of 4")
        bar.previous_button.click()
        await until(lambda: number.value() == 1 and bar.words == "2 of 4")
        assert marked(pane) == "Harbour"

        bar.page_menu.aboutToShow.emit()
        actions = bar.page_menu.actions()
        assert [action.text() for action in actions] == ["Page 1 – 2 times", "Page 3", "Page 5"]
        assert [action.isChecked() for action in actions] == [True, False, False]
        actions[2].trigger()
        await until(lambda: bar.words == "4 of 4" and number.value() == 5)

        # Where the page shown has none, the others are told of.
        bar.field.setText("lighthouse")
        assert bar.words == "1 on other pages"
        bar.next_button.click()
        await until(lambda: bar.words == "1 of 1" and number.value() == 4)
        assert not bar.page_button.isVisible()
        bar.field.setText("airport")
        assert bar.words == "Not found"
        assert not bar.next_button.isEnabled()
        QTest.keyClick(bar.field, Qt.Key.Key_Escape)
        assert pane.view.overlay.matches == []
        assert pane.title == "letter.pdf, page 4"

    loop.run_until_complete(whole.settle(way()))

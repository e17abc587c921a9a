"""Eleven pictures in one question, in a window as small as a netbook's."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from sessions import until

from app.ui.chat.entry_view import QuestionView
from app.ui.picture.thumbnails import Thumbnail
from tests.ui.gestures import attached, drop_onto, files

COUNT = 11


@pytest.fixture
def whole(whole_session):
    return whole_session({"Which?": [[0.0, "All."]]}, reader="app.reader.service:make")


def wide_picture(path, number):
    """Red on the far left, blue on the far right, and a number of its own between them."""
    image = QImage(320, 160, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.fillRect(0, 0, 24, 160, QColor("red"))
    painter.fillRect(296, 0, 24, 160, QColor("blue"))
    painter.fillRect(40, 20, 10 + 12 * number, 20, QColor("black"))
    painter.end()
    image.save(str(path))
    return path


def inside(widget, area):
    """Whether all of a widget lies within the width of an area."""
    left = widget.mapTo(area, QPoint(0, 0)).x()
    return left >= 0 and left + widget.width() <= area.width()


def ringed(thumbnails):
    return [place for place, one in enumerate(thumbnails) if one.isChecked()]


def colours(thumbnail):
    """What can be seen of it, from left to right."""
    shown = thumbnail.grab().toImage()
    middle = shown.height() // 2
    return {shown.pixelColor(x, middle).name() for x in range(shown.width())}


def press(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_eleven_pictures_wrap_show_all_of_themselves_and_the_chosen_one_has_a_ring(
    loop, whole, tmp_path
):
    window = whole.window
    window.resize(900, 600)
    composer, chat, pane = window.parts.composer, window.parts.chat, window.parts.pictures

    async def way():
        drop_onto(window, files(*(wide_picture(tmp_path / f"{n}.png", n) for n in range(COUNT))))
        await until(lambda: len(attached(composer)) == COUNT)
        await until(lambda: not any(one.thumbnail.busy for one in attached(composer)))
        await until(pane.isVisible)
        waiting = [one.thumbnail for one in attached(composer)]
        assert all(inside(one, composer) for one in waiting)
        await until(lambda: ringed(waiting) == [COUNT - 1])
        press(waiting[2])
        await until(lambda: pane.picture.name == "2.png")
        assert ringed(waiting) == [2]
        assert (window.width(), window.height()) == (900, 600)
        assert composer.field.isVisible()
        assert {"#ff0000", "#0000ff"} <= colours(waiting[4])

        QTest.keyClicks(composer.field, "Which?")
        QTest.keyClick(composer.field, Qt.Key.Key_Return)
        await until(lambda: len(chat.views) == 2 and not whole.chat.state.busy)
        question = next(view for view in chat.views if isinstance(view, QuestionView))
        asked = question.findChildren(Thumbnail)
        assert len(asked) == COUNT
        await until(lambda: not any(one.busy for one in asked))
        await until(lambda: all(inside(one, chat.viewport()) for one in asked))
        assert len({one.y() for one in asked}) > 1
        assert {"#ff0000", "#0000ff"} <= colours(asked[4])
        await until(lambda: ringed(asked) == [2])
        press(asked[7])
        await until(lambda: pane.picture.name == "7.png")
        assert ringed(asked) == [7] == ringed(pane.strip.findChildren(Thumbnail))

    loop.run_until_complete(whole.settle(way()))

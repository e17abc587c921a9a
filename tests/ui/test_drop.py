"""What may be dropped and pasted, and what is said about the rest."""

import pytest
from PySide6.QtCore import QByteArray, QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from app.ui.window import drop
from tests.ui.gestures import drop_onto, files

PNG = b"\x89PNG\r\n\x1a\n not decoded here"


def data(mime_type: str, content: bytes, mime: QMimeData | None = None) -> QMimeData:
    mime = mime or QMimeData()
    mime.setData(mime_type, QByteArray(content))
    return mime


def said(stage) -> str:
    """All of it, one problem after the other, as it is read and closed."""
    words = []
    while notices := stage.parts.notices.notices:
        words.append(notices[0].words)
        notices[0].close_button.click()
    return " ".join(words)


def test_several_files_at_once_go_to_the_reader_by_path_as_a_copy(stage, tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b c é.jpg"]
    for path in paths:
        path.write_bytes(PNG)
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    event = drop_onto(stage.window, files(*paths), both)
    assert stage.attachments.files == paths
    assert event.dropAction() is Qt.DropAction.CopyAction
    assert event.isAccepted()
    assert not stage.parts.notices.notices


def test_nothing_inside_the_window_takes_a_drop_away_from_it(stage):
    takers = [
        widget.objectName()
        for widget in stage.window.findChildren(object)
        if widget.isWidgetType() and widget.acceptDrops()
    ]
    assert takers == []


def test_a_browsers_picture_arrives_as_the_bytes_that_it_sent(stage):
    mime = QMimeData()
    mime.setUrls([QUrl("https://pictures.example/cat.png")])
    mime.setText("https://pictures.example/cat.png")
    data("image/bmp", b"a bitmap", mime)
    data("image/png", PNG, mime)
    drop_onto(stage.window, mime)
    assert stage.attachments.data == [(PNG, "cat.png")]
    assert not stage.parts.notices.notices


def test_pixels_without_a_raw_format_are_encoded_here(stage):
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    mime = QMimeData()
    mime.setImageData(image)
    drop_onto(stage.window, mime)
    [(content, _)] = stage.attachments.data
    assert QImage.fromData(content, "PNG").pixelColor(0, 0) == Qt.GlobalColor.red


@pytest.mark.parametrize("as_text", [True, False])
def test_an_address_alone_is_refused_and_says_why(stage, as_text):
    mime = QMimeData()
    if as_text:
        mime.setText(" https://pictures.example/cat.png\n")
    else:
        mime.setUrls([QUrl("https://pictures.example/cat.png")])
    drop_onto(stage.window, mime)
    assert stage.attachments.files == []
    assert stage.attachments.data == []
    told = said(stage)
    assert "web address" in told
    assert "nothing leaves this machine" in told
    assert stage.parts.composer.field.toPlainText() == ""


def test_a_file_of_another_computer_is_not_even_looked_at(stage, tmp_path):
    good = tmp_path / "good.png"
    mime = files(good)
    mime.setUrls([*mime.urls(), QUrl("file://elsewhere.example/share/a.png")])
    drop_onto(stage.window, mime)
    assert stage.attachments.files == [good]
    assert said(stage).startswith("That file is on another computer.")


def test_dropped_words_go_into_the_question(stage):
    mime = QMimeData()
    mime.setText("words from elsewhere")
    drop_onto(stage.window, mime)
    assert stage.parts.composer.field.toPlainText() == "words from elsewhere"


def test_ctrl_v_takes_pictures_and_words_from_wherever_the_focus_is(stage, qtbot):
    clipboard = QGuiApplication.clipboard()
    stage.window.activateWindow()
    qtbot.waitUntil(stage.window.isActiveWindow)

    clipboard.setMimeData(data("image/png", PNG))
    stage.parts.composer.field.setFocus()
    QTest.keyClick(stage.parts.composer.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(stage.attachments.data) == 1

    stage.parts.conversations.list.setFocus()
    QTest.keyClick(
        stage.parts.conversations.list, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier
    )
    assert len(stage.attachments.data) == 2

    clipboard.setText("typed <b>elsewhere</b>")
    QTest.keyClick(
        stage.parts.conversations.list, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier
    )
    assert stage.parts.composer.field.toPlainText() == "typed <b>elsewhere</b>"


def test_a_spreadsheets_cells_are_pasted_as_words_not_as_their_picture():
    mime = data("image/png", PNG)
    mime.setText("Total\t32.64")
    assert drop.sort_out(mime) == drop.Offer(text="Total\t32.64")

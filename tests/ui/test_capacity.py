"""More than the model can hold: said before it is sent, with buttons that help."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from sessions import until

from tests.ui.gestures import attached, button, drop_onto, files

# As LLaVA-1.6 has them, in a context that holds one large picture and not two.
CONFIG = {
    "model_type": "llava_next",
    "text_config": {"model_type": "mistral", "max_position_embeddings": 4096},
    "vision_config": {"model_type": "clip_vision_model", "image_size": 336, "patch_size": 14},
}


@pytest.fixture
def whole(whole_session, tmp_path):
    session = whole_session({"Which?": [[0.0, "Both."]]}, reader="app.reader.service:make")
    (tmp_path / "builtin" / "config.json").write_text(json.dumps(CONFIG), "utf-8")
    session.models.changed.emit()
    return session


async def drop_large(whole, folder, count=2):
    composer = whole.window.parts.composer
    for number in range(count):
        image = QImage(1344, 1344, QImage.Format.Format_RGB32)
        image.fill(QColor(number, 0, 0))
        image.save(str(folder / f"{number}.png"))
    drop_onto(whole.window, files(*(folder / f"{number}.png" for number in range(count))))
    await until(lambda: len(attached(composer)) == count)
    await until(lambda: all(item.picture for item in whole.attachments.items))
    QTest.keyClicks(composer.field, "Which?")
    await until(composer.capacity.isVisible, 10)
    return composer


def press(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_two_large_pictures_are_not_sent_and_a_quick_look_lets_them(loop, whole, tmp_path):
    async def way():
        composer = await drop_large(whole, tmp_path)
        bar = composer.capacity
        assert "These 2 pictures are more than the model can hold at once" in bar.words.text()
        await until(lambda: "5,857 tokens, and it holds 3,840" in bar.words.text(), 10)
        QTest.keyClick(composer.field, Qt.Key.Key_Return)
        assert whole.chat.entries == ()
        assert composer.field.toPlainText() == "Which?"
        assert not composer.send_button.isEnabled()
        press(bar.quick_button)
        await until(lambda: not bar.isVisible(), 10)
        assert composer.quick.button.isChecked()
        assert composer.field.hasFocus()
        QTest.keyClick(composer.field, Qt.Key.Key_Return)
        await until(lambda: len(whole.chat.entries) == 2 and not whole.chat.state.busy)
        assert whole.chat.entries[1].text == "Both."

    loop.run_until_complete(whole.settle(way()))


@pytest.mark.parametrize(("count", "words"), [(2, "Remove the last"), (5, "Remove the last 4")])
def test_removing_what_is_too_much_takes_one_press(loop, whole, tmp_path, count, words):
    async def way():
        composer = await drop_large(whole, tmp_path, count)
        await until(lambda: composer.capacity.remove_button.text() == words, 10)
        press(composer.capacity.remove_button)
        await until(lambda: not composer.capacity.isVisible(), 10)
        assert [item.name for item in whole.attachments.items] == ["0.png"]
        assert composer.send_button.isEnabled()
        assert composer.field.hasFocus()

    loop.run_until_complete(whole.settle(way()))


def test_that_the_oldest_questions_will_go_is_said_too(loop, whole):
    async def way():
        composer = whole.window.parts.composer
        await whole.ask("word " * 3800)
        QTest.keyClicks(composer.field, "another " * 60)
        await until(composer.capacity.isVisible, 10)
        assert "will not remember the oldest questions" in composer.capacity.words.text()
        assert composer.send_button.isEnabled()

    loop.run_until_complete(whole.settle(way()))


def test_what_did_not_fit_comes_back_to_be_changed_and_stays_out_of_the_next(
    loop, whole_session, tmp_path
):
    whole = whole_session(engine="echo_engine:make", reader="app.reader.service:make")
    window, composer = whole.window, whole.window.parts.composer

    async def way():
        await whole.attach((await a_picture(tmp_path)).read_bytes())
        await whole.ask("/long")
        QTest.keyClicks(composer.field, "begun")
        press(button(window.parts.chat, "Change the question"))
        assert composer.field.toPlainText() == "begun\n/long"
        assert len(attached(composer)) == 1
        whole.attachments.remove(whole.attachments.items[0].key)
        answer = await whole.ask("second")
        assert json.loads(answer.text) == [["person", "second", [], []]]

    loop.run_until_complete(whole.settle(way()))


async def a_picture(folder):
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    image.save(str(folder / "small.png"))
    return folder / "small.png"

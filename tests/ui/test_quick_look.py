"""A quick look in the window: offered with its cost, remembered, and sent with the question."""

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sessions import until

from app.core.settings import load_settings

# As llava-v1.6-mistral-7b's.
CONFIG = {
    "model_type": "llava_next",
    "image_grid_pinpoints": [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]],
    "vision_config": {"image_size": 336, "patch_size": 14},
    "vision_feature_select_strategy": "default",
}
SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
COST = "576 instead of 2,242 picture tokens: faster, less detail"
HINT = "No graphics card is in use, so pictures take a while. "


@pytest.fixture
def opened(tmp_path, whole_session):
    """A window over a model like the released ones, whose engine answers with what it was asked."""
    session = whole_session(engine="looking_engine:make", reader="app.reader.service:make")
    for model, config in (("other", CONFIG), ("builtin", {"model_type": "llava"})):
        (tmp_path / model / "config.json").write_text(json.dumps(config), "utf-8")
    session.look = session.window.parts.composer.quick
    return session


def tick(look):
    QTest.mouseClick(look.button, Qt.MouseButton.LeftButton)


def test_a_person_takes_a_quick_look_and_a_close_one(loop, opened, tmp_path, qtbot):
    look, chat = opened.look, opened.chat

    async def ask(text):
        answer = await opened.ask(text)
        return json.loads(answer.text), answer.note

    async def way():
        opened.models.choose("other")
        assert not look.isVisible()
        shutil.copy(SAMPLES / "shapes.png", tmp_path / "shot.png")
        opened.attachments.take_file(tmp_path / "shot.png")
        # Nothing was chosen: the picture is looked at closely, and the hint only says so.
        await until(lambda: look.isVisible() and opened.models.load_state.ready is not None)
        await until(lambda: look.words.text() == HINT + COST)
        assert not look.button.isChecked()
        assert await ask("What is it?") == (False, "")
        # Now it is; the question after it, too.
        tick(look)
        assert look.button.isChecked()
        assert look.words.text() == COST
        assert await ask("And now?") == (True, "Took a quick look at the picture.")
        assert await ask("And then?") == (True, "Took a quick look at the picture.")
        assert load_settings(tmp_path / "settings.json").quick
        # The same question asked again is asked as it stands now.
        tick(look)
        chat.retry(chat.entries[-1].id)
        await opened.idle()
        assert (json.loads(chat.entries[-1].text), chat.entries[-1].note) == (False, "")
        # Two pictures cost twice as much.
        shutil.copy(SAMPLES / "receipt.png", tmp_path / "other.png")
        opened.attachments.take_file(tmp_path / "other.png")
        await until(lambda: "1,152 instead of" in look.words.text())
        # Without pictures there is nothing to choose, nor with a model that has one tile only.
        chat.new_conversation()
        await until(lambda: not look.isVisible())
        chat.open_conversation(1)
        await until(look.isVisible)
        opened.models.choose("builtin")
        await until(lambda: not look.isVisible())

    loop.run_until_complete(opened.settle(way()))


def test_the_words_fit_into_a_narrow_window(loop, opened, tmp_path, qtbot):
    look = opened.look

    async def way():
        opened.models.choose("other")
        shutil.copy(SAMPLES / "shapes.png", tmp_path / "shot.png")
        opened.attachments.take_file(tmp_path / "shot.png")
        await until(lambda: look.words.text() == HINT + COST)

    loop.run_until_complete(opened.settle(way()))
    opened.window.resize(760, 600)
    words, composer = look.words, opened.window.parts.composer

    def fits():
        assert words.heightForWidth(words.width()) <= words.height()
        assert composer.rect().contains(look.geometry())
        assert composer.send_button.geometry().bottom() <= composer.rect().bottom()

    qtbot.waitUntil(fits)


@pytest.mark.parametrize("stored", ["true", "1", '"yes"', "null"])
def test_only_a_yes_is_remembered_as_one(tmp_path, stored):
    file = tmp_path / "settings.json"
    file.write_text(f'{{"quick": {stored}, "mirror": "a", "language": 3}}', "utf-8")
    settings = load_settings(file)
    assert settings.quick is (stored == "true")
    assert (settings.mirror, settings.language) == ("a", "")

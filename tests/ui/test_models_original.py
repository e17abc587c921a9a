"""The original of a model that is in 4 bits on the disk is deleted from the models window."""

import hashlib

import pytest
from PySide6.QtWidgets import QLabel
from sessions import until

from app.catalog.quantised import FOUR_BIT, Note, marks, quantised_folder
from app.ui.models.model_questions import ConfirmationDialog
from tests.ui.gestures import button
from tests.ui.models_stage import SECONDS, opened

pytestmark = pytest.mark.timeout(400)
SMALL = b"a third of it" * 1000


@pytest.fixture
def whole(loop, tmp_path, monkeypatch):
    with opened(loop, tmp_path, monkeypatch) as whole:
        yield whole


@pytest.fixture
def folder(whole):
    """Of the model "one", with a 4-bit form as the engine leaves it."""
    folder = whole.folder / "one"
    inner = folder / FOUR_BIT
    inner.mkdir(parents=True)
    for name, data in whole.hub.files.items():
        (folder / name).write_bytes(data)
    (inner / "model.safetensors").write_bytes(SMALL)
    files = {"model.safetensors": (len(SMALL), hashlib.sha256(SMALL).hexdigest())}
    origin = marks(path for path in folder.iterdir() if path.is_file())
    Note(origin, files).write(inner)
    assert quantised_folder(folder) == inner
    return folder


def test_it_is_asked_for_deleted_and_the_model_stays_in_use(whole, folder):
    card = whole.card("one")
    assert not card.original_button.isVisible()
    # Where the engine saves them.
    assert whole.child.config["models"] == str(whole.folder)

    async def way():
        whole.program.session.models.choose("one")
        await whole.ready("one")
        whole.model_library.refresh()
        await until(card.original_button.isVisible, SECONDS)
        assert card.original_button.text() == "Delete the original (21 MB)"
        size = card.row.size
        whole.click(card.original_button)
        (question,) = whole.dialog.findChildren(ConfirmationDialog)
        words = " ".join(label.text() for label in question.findChildren(QLabel))
        assert "21 MB of the disk are freed" in words
        assert "answers as before" in words
        button(question, "Cancel").click()
        assert (folder / "model.safetensors").exists()

        whole.click(card.original_button)
        whole.click(whole.dialog.findChildren(ConfirmationDialog)[-1].yes_button)
        await until(lambda: whole.program.session.models.load_state.ready is None, SECONDS)
        await until(lambda: not (folder / "model.safetensors").exists(), SECONDS)
        await whole.ready("one")
        await until(lambda: card.row.size < size and card.row.download is None, SECONDS)
        assert card.row.on_disk
        assert whole.program.session.models.current.id == "one"
        assert not card.original_button.isVisible()

    whole.run(way())
    assert (folder / FOUR_BIT / "model.safetensors").read_bytes() == SMALL


def test_where_the_form_is_damaged_it_is_said_and_nothing_goes(whole, folder):
    card = whole.card("one")
    (folder / FOUR_BIT / "model.safetensors").write_bytes(SMALL[::-1])

    async def way():
        whole.model_library.refresh()
        await until(card.original_button.isVisible, SECONDS)
        whole.click(card.original_button)
        whole.click(whole.dialog.findChildren(ConfirmationDialog)[-1].yes_button)
        await until(lambda: whole.dialog.notices.notices, SECONDS)
        assert "The original is still needed" in whole.dialog.notices.notices[0].words

    whole.run(way())
    assert (folder / "model.safetensors").exists()

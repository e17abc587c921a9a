"""The models window: what it says before a download, imports, and a model that nobody asks."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
)
from sessions import until

from app.catalog.machine import Machine
from app.catalog.original import NO_TOWER
from app.core.errors import ErrorKind, Failed
from app.core.events import Ready
from app.core.requests import UnloadModel
from app.core.settings import load_settings
from app.paths import find_paths
from app.session.models.idle import Idle
from app.ui.models.model_questions import ConfirmationDialog
from tests.ui.gestures import texts
from tests.ui.models_stage import GB, SECONDS, opened

ROOT = Path(__file__).resolve().parents[2]
MED = "llava-med-v1.5-mistral-7b"
MISTRAL = "llava-v1.6-mistral-7b"
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def whole(loop, tmp_path, monkeypatch):
    with opened(loop, tmp_path, monkeypatch) as whole:
        yield whole


def test_figures_come_before_the_start(whole, monkeypatch):
    small = Machine("cuda", "Small card", 2 * GB, 8 * GB, 2, 3 * GB)
    monkeypatch.setattr("app.session.models.inventory.measure", lambda *_: small)

    async def way():
        whole.model_library.refresh()
        await until(lambda: whole.model_library.machine is small, SECONDS)

    whole.run(way())
    card = whole.card(MISTRAL)
    assert not card.act_button.isEnabled()
    (disk,) = (words for words in texts(card) if "16.6 GB are needed" in words)
    assert "3.0 GB are free" in disk
    verdict = "Too large for the memory: needs 6.8 GB, 2.0 GB"
    assert any(words.startswith(verdict) for words in texts(card))
    assert any("Small card: 2.0 GB of 8.0 GB" in words for words in texts(whole.dialog))

    roomy = Machine("cuda", "Small card", 2 * GB, 8 * GB, 2, 900 * GB)
    monkeypatch.setattr("app.session.models.inventory.measure", lambda *_: roomy)

    async def other():
        whole.model_library.refresh()
        await until(lambda: whole.model_library.machine is roomy, SECONDS)

    whole.run(other())
    # Asked first; nothing is fetched until that is answered.
    whole.click(card.act_button)
    (question,) = whole.dialog.findChildren(ConfirmationDialog)
    assert question.yes_button.text() == "Download it anyway"
    question.reject()
    assert whole.downloads.get(MISTRAL) is None


def test_a_model_behind_its_terms_and_one_of_ones_own_are_imported(whole, tmp_path):
    folder = tmp_path / "My LLaVA"
    shutil.copytree(ROOT / "models" / "builtin", folder)

    def choose(path):
        dialog = next(d for d in whole.dialog.findChildren(QFileDialog) if d.isVisible())
        dialog.fileSelected.emit(str(path))
        dialog.reject()

    def rows():
        return whole.model_library.rows

    async def way():
        card = whole.card(MED)
        assert card.act_button.text() == "Import…"
        assert any("For research alone" in words for words in texts(card))
        whole.click(card.act_button)
        (question,) = whole.dialog.findChildren(ConfirmationDialog)
        assert "research" in " ".join(label.text() for label in question.findChildren(QLabel))
        assert not question.yes_button.isEnabled()
        question.findChild(QCheckBox).click()
        whole.click(question.yes_button)
        choose(folder)
        # It is another model, which is said; nothing is left of it.
        await until(lambda: whole.dialog.notices.notices, SECONDS)
        assert "does not hold LLaVA-Med" in whole.dialog.notices.notices[0].words
        assert not (whole.folder / MED).exists()
        assert whole.hub.requests == []

        menu = whole.dialog.foot.add_button.menu()
        menu.actions()[0].trigger()
        choose(folder)
        await whole.ready("my-llava")
        assert "In use" in texts(whole.card("my-llava"))
        menu.actions()[1].trigger()
        choose(folder)
        await whole.ready(str(folder))
        await until(lambda: whole.model_library.row(str(folder)).current, SECONDS)
        # The person's own files are not ours to delete.
        assert not whole.card(str(folder)).remove_button.isVisible()
        assert whole.card("my-llava").remove_button.isVisible()

        # Another model is chosen: the folder stays on offer, and is chosen again with one click.
        whole.click(whole.card("my-llava").act_button)
        await whole.ready("my-llava")
        await until(lambda: [r.current for r in rows() if r.entry.id == str(folder)] == [False])
        shutil.move(folder, tmp_path / "away")
        whole.model_library.refresh()
        await until(lambda: whole.model_library.row(str(folder)) is None, SECONDS)
        shutil.move(tmp_path / "away", folder)
        whole.model_library.refresh()
        await until(lambda: whole.model_library.row(str(folder)), SECONDS)
        whole.click(whole.card(str(folder)).act_button)
        await whole.ready(str(folder))

    whole.run(way())
    kept = load_settings(find_paths().settings_file)
    assert (kept.model_folder, kept.folders) == (str(folder), (str(folder),))


def test_a_missing_vision_model_is_asked_for_and_the_import_goes_on(whole, tmp_path):
    brought = []
    whole.downloads.bring = lambda *arguments: brought.append(arguments)
    whole.model_library.bring(tmp_path, MED)
    words = ("This model's vision tower is not in its folder.", "Get the vision model.")
    whole.downloads.failed.emit(MED, Failed(ErrorKind.NO_CHECKPOINT, *words, NO_TOWER))
    (question,) = whole.dialog.findChildren(ConfirmationDialog)
    whole.click(question.yes_button)
    dialog = next(d for d in whole.dialog.findChildren(QFileDialog) if d.isVisible())
    dialog.fileSelected.emit(str(tmp_path / "clip"))
    dialog.reject()
    assert brought == [(MED, tmp_path), (MED, tmp_path, tmp_path / "clip")]


def test_a_model_that_nobody_asks_leaves_the_memory_and_comes_back(whole):
    program = whole.program
    folder = whole.folder / "one"
    folder.mkdir()
    for name, data in whole.hub.files.items():
        (folder / name).write_bytes(data)
    sent = []
    stream = program.session.engine.stream

    def watched(request, about=""):
        sent.append(request)
        return stream(request, about)

    program.session.engine.stream = watched
    idle = Idle(program.session.models, program.session.preferences, minute_ms=20)
    program.session.chat.stateChanged.connect(idle.note)

    async def way():
        box = whole.dialog.foot.idle_box
        box.setCurrentIndex(box.findData(5))
        box.activated.emit(box.currentIndex())
        assert program.session.preferences.settings.idle_minutes == 5
        program.session.models.choose("one")
        await until(lambda: UnloadModel() in sent, SECONDS)
        await until(
            lambda: "unloaded to free memory" in program.session.models.load_state.status, SECONDS
        )
        assert program.session.models.load_state.ready is None
        assert program.session.chat.send("hello again")
        await until(lambda: not program.session.chat.state.busy, SECONDS)
        assert program.session.chat.entries[-1].text == "hello again"
        assert isinstance(
            sent[-1], UnloadModel
        ) or program.session.models.load_state.ready == Ready("one", "cpu", 0)

    whole.run(way())
    idle.stop()

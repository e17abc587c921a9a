"""The models window on the real session, real downloads in real processes, and a loopback hub."""

import os
import shutil
from pathlib import Path

import pytest
from hub import LoopbackHub
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
)
from sessions import until

from app.catalog.machine import Machine
from app.catalog.original import NO_TOWER
from app.core.errors import ErrorKind, Failed
from app.core.events import Ready
from app.core.requests import UnloadModel
from app.core.settings import load_settings
from app.paths import find_paths
from app.session.models.download import ModelDownload, Step
from app.session.models.downloads import RETRY_SECONDS
from app.session.models.idle import Idle
from app.ui.models.model_questions import ConfirmationDialog
from tests.ui.gestures import button, texts
from tests.ui.models_stage import BLOCK, GB, SECONDS, SIZES, TOTAL, opened

ROOT = Path(__file__).resolve().parents[2]
MED = "llava-med-v1.5-mistral-7b"
MISTRAL = "llava-v1.6-mistral-7b"

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def hub():
    with LoopbackHub(SIZES) as hub:
        yield hub


@pytest.fixture
def retry_seconds():
    """After how long a lost connection is tried again; a test's own parameter comes before it."""
    return RETRY_SECONDS


@pytest.fixture
def whole(loop, tmp_path, monkeypatch, hub, retry_seconds):
    with opened(loop, tmp_path, monkeypatch, hub, retry_seconds=retry_seconds) as whole:
        yield whole


def test_a_download_is_paused_goes_on_and_answers_by_itself(whole):
    hub, card = whole.hub, whole.card("one")
    hub.pace = 0.01

    def done():
        item = whole.downloads.get("one")
        return item.done if item else 0

    async def way():
        await whole.ready("builtin")
        whole.click(card.act_button)
        await until(lambda: done() >= BLOCK, SECONDS)
        assert "Downloading" in texts(card)
        assert any("/s" in words for words in texts(card))
        assert card.findChild(QProgressBar).value() > 0
        # The main window says it, too.
        assert whole.program.window.parts.status.words.startswith("Model one: ")
        whole.click(card.act_button)
        assert card.act_button.text() == "Resume"
        await until(lambda: not whole.pulling(), SECONDS)
        kept, served = done(), hub.served
        assert kept < TOTAL
        assert whole.stored["one"].step is Step.PAUSED
        assert not (whole.folder / "one").exists()

        hub.pace = 0
        whole.click(card.act_button)
        await whole.ready("one")
        # At most the blocks that were under way come a second time.
        assert hub.served - served <= TOTAL - kept + 4 * BLOCK
        await until(lambda: card.row.on_disk, SECONDS)
        assert whole.program.session.models.current.id == "one"
        assert whole.stored == {}

    whole.run(way())
    for name, data in hub.files.items():
        assert (whole.folder / "one" / name).read_bytes() == data


def test_the_second_waits_and_does_not_take_the_place_of_a_real_model(whole):
    hub = whole.hub
    hub.pace = 0.002

    async def way():
        whole.click(whole.card("one").act_button)
        whole.click(whole.card("two").act_button)
        assert "Waiting" in texts(whole.card("two"))
        assert whole.downloads.running.id == "one"
        await until(lambda: whole.card("two").row.on_disk, SECONDS)
        assert whole.program.session.models.current.id == "one"
        bar = whole.program.window.parts.notices
        # The file is there before it is told of.
        await until(lambda: bar.notices, SECONDS)
        notices = bar.notices
        assert [notice.words for notice in notices] == ["Model two is on this disk now."]
        button(notices[0], "Use it").click()
        await whole.ready("two")
        assert "In use" in texts(whole.card("two"))
        assert whole.card("one").act_button.text() == "Use"

    whole.run(way())


def test_the_card_says_that_the_hub_is_waited_for(whole):
    card = whole.card("one")
    whole.hub.faults["500"] = 2
    said = []
    whole.downloads.changed.connect(lambda _: said.extend(texts(card)))

    async def way():
        whole.click(card.act_button)
        await until(lambda: whole.downloads.get("one") is None, SECONDS)

    whole.run(way())
    waited = [words for words in said if words.startswith("Waiting for the hub")]
    assert list(dict.fromkeys(waited)) == [
        "Waiting for the hub, try 2 of 8.",
        "Waiting for the hub, try 3 of 8.",
    ]
    assert not [words for words in texts(card) if words.startswith("Waiting")]


def test_given_up_it_leaves_nothing(whole):
    card = whole.card("one")
    whole.hub.pace = 0.01

    async def way():
        whole.click(card.act_button)
        await until(lambda: (whole.downloads.get("one") or ModelDownload("", "")).done, SECONDS)
        whole.click(card.remove_button)
        (question,) = whole.dialog.findChildren(ConfirmationDialog)
        assert "are deleted" in " ".join(label.text() for label in question.findChildren(QLabel))
        whole.click(question.yes_button)
        await until(lambda: whole.downloads.get("one") is None, SECONDS)
        assert card.act_button.text() == "Download"

    whole.run(way())
    left = [p for p in whole.folder.rglob("*") if p.is_file() and p.name != "catalog.toml"]
    assert left == []


def test_what_the_hub_refuses_asks_for_a_token_that_no_file_gets(whole, tmp_path):
    card = whole.card("one")
    whole.hub.token = "secret-token"

    async def way():
        whole.click(card.act_button)
        await until(card.token_button.isVisible, SECONDS)
        assert any(words.startswith("The hub does not give") for words in texts(card))
        assert card.act_button.text() == "Try again"
        whole.click(card.token_button)
        (question,) = whole.dialog.findChildren(ConfirmationDialog)
        field = question.focusWidget()
        assert isinstance(field, QLineEdit)
        assert field.echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(field, "secret-token")
        whole.click(question.yes_button)
        await whole.ready("one")

    whole.run(way())
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files
    assert not any(b"secret-token" in path.read_bytes() for path in files)


@pytest.mark.parametrize("retry_seconds", [0.5])
def test_a_lost_connection_is_tried_again_by_itself(whole):
    hub, card = whole.hub, whole.card("one")
    # Every answer is damaged: the transfer gives up at once, as it does after minutes offline.
    hub.faults["flipped"] = 10**6
    hub.files = {name: data[:5000] for name, data in hub.files.items()}

    async def way():
        whole.click(card.act_button)
        await until(lambda: any("tries again by itself" in w for w in texts(card)), SECONDS)
        assert whole.stored["one"].step is Step.WAITING
        hub.faults["flipped"] = 0
        await whole.ready("one")

    whole.run(way())


def test_a_process_that_is_killed_is_said_with_a_way_on(whole):
    card = whole.card("one")
    whole.hub.pace = 0.01

    async def way():
        whole.click(card.act_button)
        await until(lambda: (whole.downloads.get("one") or ModelDownload("", "")).done, SECONDS)
        (pid,) = whole.pulling()
        os.kill(pid, 9)
        await until(lambda: card.act_button.text() == "Try again", SECONDS)
        assert any("goes on where it was" in words for words in texts(card))
        whole.hub.pace = 0
        whole.click(card.act_button)
        await whole.ready("one")

    whole.run(way())


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

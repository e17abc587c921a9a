"""The models window on the real session, real downloads in real processes, and a loopback hub."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from hub import LoopbackHub
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
)
from sessions import until

from app.bootstrap import Program
from app.catalog.machine import Machine
from app.core.events import Ready
from app.core.requests import UnloadModel
from app.core.settings import load_settings
from app.paths import find_paths
from app.session.download import Download, Step, load_downloads
from app.session.idle import Idle
from app.ui.model_dialog import ModelDialog
from app.ui.model_questions import Question
from tests.ui.gestures import button

ROOT = Path(__file__).resolve().parents[2]
MED = "llava-med-v1.5-mistral-7b"
MISTRAL = "llava-v1.6-mistral-7b"
BLOCK = 4 << 20
SIZES = {"config.json": 700, "model.safetensors": 5 * BLOCK + 77}
TOTAL = sum(SIZES.values())
ENTRY = """
[[model]]
id = "{0}"
title = "Model {0}"
hub = "tests/{0}"
licence = "MIT"
terms = "Free for every use."
good_for = "Tests."
architecture = "llava-next"
prompt_format = "mistral"
memory_gb = 0.5
"""
GB = 10**9
SECONDS = 100

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def hub():
    with LoopbackHub(SIZES) as hub:
        yield hub


class Whole:
    """The program with a scripted engine, without its reader, over a profile of its own."""

    def __init__(self, program, loop, hub):
        self.program, self.loop, self.hub = program, loop, hub
        self.shelf, self.downloads = program.shelf, program.downloads
        self.folder = program.shelf.folder

    @property
    def dialog(self):
        return self.program.window.findChild(ModelDialog)

    def card(self, name):
        return self.dialog.cards[name]

    def open(self):
        self.program.window.actions_.model.trigger()

    def click(self, widget):
        assert widget.isVisible()
        assert widget.isEnabled()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    async def ready(self, name):
        ready = self.program.models
        await until(lambda: getattr(ready.load_state.ready, "model", "") == name, SECONDS)

    def run(self, way):
        self.loop.run_until_complete(way)


@pytest.fixture
def scale(qapp):
    """How large letters are; a test's own parameter of this name comes before it."""
    return 1.0


@pytest.fixture
def whole(loop, tmp_path, monkeypatch, hub, scale):
    font = QApplication.font()
    larger = QApplication.font()
    larger.setPointSizeF(10 * scale)
    QApplication.setFont(larger)
    monkeypatch.setenv("OCELLUS_HOME", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    paths = find_paths()
    paths.user_models.mkdir(parents=True)
    catalog = "".join(ENTRY.format(name) for name in ("one", "two"))
    (paths.user_models / "catalog.toml").write_text(catalog, "utf-8")
    program = Program(paths, {"kind": "scripted"})
    program.window.show()
    whole = Whole(program, loop, hub)

    async def start():
        program.engine.start()
        program.models.load()
        whole.open()
        await until(lambda: program.shelf.machine is not None, SECONDS)

    whole.run(start())
    yield whole
    if whole.dialog is not None:
        whole.dialog.close()
    program.window.close()
    whole.run(program.close())
    QApplication.setFont(font)


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
        assert card._badge.text() == "Downloading"
        assert "/s" in card._words.text()
        assert card._progress.value() > 0
        # The main window says it, too.
        assert whole.program.window.parts.status.words.startswith("Model one: ")
        whole.click(card.act_button)
        assert card.act_button.text() == "Go on"
        await until(lambda: not whole.downloads._commands, SECONDS)
        kept, served = done(), hub.served
        assert kept < TOTAL
        assert load_downloads(whole.downloads._file)["one"].step is Step.PAUSED
        assert not (whole.folder / "one").exists()

        hub.pace = 0
        whole.click(card.act_button)
        await whole.ready("one")
        # At most the blocks that were under way come a second time.
        assert hub.served - served <= TOTAL - kept + 4 * BLOCK
        await until(lambda: card.row.on_disk, SECONDS)
        assert whole.program.models.current.id == "one"
        assert load_downloads(whole.downloads._file) == {}

    whole.run(way())
    for name, data in hub.files.items():
        assert (whole.folder / "one" / name).read_bytes() == data


def test_the_second_waits_and_does_not_take_the_place_of_a_real_model(whole):
    hub = whole.hub
    hub.pace = 0.002

    async def way():
        whole.click(whole.card("one").act_button)
        whole.click(whole.card("two").act_button)
        assert whole.card("two")._badge.text() == "Waiting"
        assert whole.downloads.running.id == "one"
        await until(lambda: whole.card("two").row.on_disk, SECONDS)
        assert whole.program.models.current.id == "one"
        notices = whole.program.window.parts.notices.notices
        assert [notice.words for notice in notices] == ["Model two is on this disk now."]
        button(notices[0], "Use it").click()
        await whole.ready("two")
        assert whole.card("two")._badge.text() == "In use"
        assert whole.card("one").act_button.text() == "Use"

    whole.run(way())


def test_given_up_it_leaves_nothing(whole):
    card = whole.card("one")
    whole.hub.pace = 0.01

    async def way():
        whole.click(card.act_button)
        await until(lambda: (whole.downloads.get("one") or Download("", "")).done, SECONDS)
        whole.click(card.remove_button)
        (question,) = whole.dialog.findChildren(Question)
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
        assert card._words.text().startswith("The hub does not give this model to everyone.")
        assert card.act_button.text() == "Try again"
        whole.click(card.token_button)
        (question,) = whole.dialog.findChildren(Question)
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


def test_a_lost_connection_is_tried_again_by_itself(whole, monkeypatch):
    hub, card = whole.hub, whole.card("one")
    whole.downloads._retry.setInterval(500)
    # Every answer is damaged: the transfer gives up at once, as it does after minutes offline.
    hub.faults["flipped"] = 10**6
    hub.files = {name: data[:5000] for name, data in hub.files.items()}

    async def way():
        whole.click(card.act_button)
        await until(lambda: "tries again by itself" in card._words.text(), SECONDS)
        assert load_downloads(whole.downloads._file)["one"].step is Step.WAITING
        hub.faults["flipped"] = 0
        await whole.ready("one")

    whole.run(way())


def test_a_process_that_is_killed_is_said_with_a_way_on(whole):
    card = whole.card("one")
    whole.hub.pace = 0.01

    async def way():
        whole.click(card.act_button)
        await until(lambda: (whole.downloads.get("one") or Download("", "")).done, SECONDS)
        os.kill(whole.downloads._commands["one"].pid, 9)
        await until(lambda: card.act_button.text() == "Try again", SECONDS)
        assert "goes on where it was" in card._words.text()
        whole.hub.pace = 0
        whole.click(card.act_button)
        await whole.ready("one")

    whole.run(way())


def test_figures_come_before_the_start(whole, monkeypatch):
    small = Machine("cuda", "Small card", 2 * GB, 8 * GB, 2, 3 * GB)
    monkeypatch.setattr("app.session.shelf.measure", lambda *_: small)

    async def way():
        whole.shelf.refresh()
        await until(lambda: whole.shelf.machine is small, SECONDS)

    whole.run(way())
    card = whole.card(MISTRAL)
    assert not card.act_button.isEnabled()
    assert "16.6 GB are needed" in card._disk.text()
    assert "3.0 GB are free" in card._disk.text()
    assert card._verdict.text().startswith("Too large for the memory: needs 6.8 GB, 2.0 GB")
    assert "Small card: 2.0 GB of 8.0 GB" in whole.dialog._machine.text()

    roomy = Machine("cuda", "Small card", 2 * GB, 8 * GB, 2, 900 * GB)
    monkeypatch.setattr("app.session.shelf.measure", lambda *_: roomy)

    async def other():
        whole.shelf.refresh()
        await until(lambda: whole.shelf.machine is roomy, SECONDS)

    whole.run(other())
    # Asked first; nothing is fetched until that is answered.
    whole.click(card.act_button)
    (question,) = whole.dialog.findChildren(Question)
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

    async def way():
        whole.click(whole.card(MED).act_button)
        (question,) = whole.dialog.findChildren(Question)
        assert "research" in " ".join(label.text() for label in question.findChildren(QLabel))
        assert not question.yes_button.isEnabled()
        question.findChild(QCheckBox).click()
        whole.click(question.yes_button)
        choose(folder)
        # It is another model, which is said; nothing is left of it.
        await until(lambda: whole.dialog.notices.notices, SECONDS)
        assert "does not hold LLaVA-Med" in whole.dialog.notices.notices[0].words
        assert not (whole.folder / MED).exists()

        menu = whole.dialog.foot.add_button.menu()
        menu.actions()[0].trigger()
        choose(folder)
        await whole.ready("my-llava")
        assert whole.card("my-llava")._badge.text() == "In use"
        menu.actions()[1].trigger()
        choose(folder)
        await whole.ready(str(folder))
        # The person's own files are not ours to delete.
        assert not whole.card(str(folder)).remove_button.isVisible()
        assert whole.card("my-llava").remove_button.isVisible()

    whole.run(way())


def test_a_model_that_nobody_asks_leaves_the_memory_and_comes_back(whole):
    program = whole.program
    folder = whole.folder / "one"
    folder.mkdir()
    for name, data in whole.hub.files.items():
        (folder / name).write_bytes(data)
    sent = []
    stream = program.engine.stream

    def watched(request):
        sent.append(request)
        return stream(request)

    program.engine.stream = watched
    idle = Idle(program.models, program._preferences, minute_ms=20)
    program.chat.stateChanged.connect(idle.note)

    async def way():
        box = whole.dialog.foot.idle_box
        box.setCurrentIndex(box.findData(5))
        box.activated.emit(box.currentIndex())
        assert program._preferences.settings.idle_minutes == 5
        program.models.choose("one")
        await until(lambda: UnloadModel() in sent, SECONDS)
        await until(lambda: "left the memory" in program.models.load_state.status, SECONDS)
        assert program.models.load_state.ready is None
        assert program.chat.send("hello again")
        await until(lambda: not program.chat.state.busy, SECONDS)
        assert program.chat.entries[-1].text == "hello again"
        assert isinstance(sent[-1], UnloadModel) or program.models.load_state.ready == Ready(
            "one", "cpu", 0
        )

    whole.run(way())


def test_every_button_has_a_name_and_the_keyboard_reaches_it(whole):
    dialog = whole.dialog
    for one in dialog.findChildren(QAbstractButton):
        if one.isVisible():
            assert one.accessibleName() or one.text(), one.objectName()
    reached = set()
    first = dialog.focusWidget()
    while True:
        reached.add(dialog.focusWidget())
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        if dialog.focusWidget() is first:
            break
        assert len(reached) < 200
    for card in dialog.cards.values():
        assert card.more_button in reached
        assert (
            not card.act_button.isVisible()
            or not card.act_button.isEnabled()
            or (card.act_button in reached)
        )
    card = whole.card(MISTRAL)
    card.more_button.setFocus()
    QTest.keyClick(card.more_button, Qt.Key.Key_Space)
    assert card._details.isVisible()
    assert "llava-hf" in card._details.findChildren(QLabel)[1].text()


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.6])
def test_no_words_are_cut_off(whole, scale):
    whole.dialog.resize(640, 600)
    for card in whole.dialog.cards.values():
        card.more_button.click()
    whole.run(asyncio.sleep(0.3))
    labels = [x for x in whole.dialog._area.findChildren(QLabel) if x.isVisible()]
    assert labels[0].font().pointSizeF() == pytest.approx(10 * scale)
    for label in labels:
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
        else:
            assert label.width() >= label.sizeHint().width(), label.text()
    assert whole.dialog._area.horizontalScrollBar().maximum() == 0
    inside = whole.dialog._area.widget()
    assert inside.width() <= whole.dialog._area.viewport().width()


def test_the_source_is_a_choice_that_is_kept(whole):
    dialog = whole.dialog
    button(dialog.foot, "Change…").click()
    (question,) = dialog.findChildren(Question)
    QTest.keyClicks(question.focusWidget(), " hub.example.org ")
    QTest.keyClick(question.focusWidget(), Qt.Key.Key_Return)
    assert load_settings(whole.program._paths.settings_file).mirror == "https://hub.example.org"
    assert "hub.example.org" in dialog.foot._source.text()


def test_a_state_that_is_damaged_loses_no_more_than_its_figures(tmp_path):
    file = tmp_path / "downloads.json"
    for bad in ("", "[]", "{", '{"a": 3, "b": {"done": 9, "total": 1}, "c": {"done": "x"}}'):
        file.write_text(bad, "utf-8")
        assert load_downloads(file) == {}
    file.write_text('{"a": {"done": 1, "total": 2, "wanted": true}}', "utf-8")
    assert load_downloads(file)["a"] == Download("a", Step.WAITING, 1, 2)

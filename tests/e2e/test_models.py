"""From a fresh profile to a real model's answer in two clicks, over a loopback hub."""

import asyncio
import time
from pathlib import Path

import pytest
from hub import LoopbackHub, catalog_entry
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.archive.archive import TurnState
from app.bootstrap import Program
from app.paths import find_paths
from app.session.models.download import Step
from app.transfer.transfer import damaged
from app.ui.models.model_dialog import ModelDialog
from app.ui.models.model_questions import ConfirmationDialog

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "samples"
ID = "small-llava"


@pytest.fixture
def hub():
    """A hub with a real LLaVA-NeXT checkpoint, slow enough to be watched."""
    with LoopbackHub({}, pace=0.002) as hub:
        folder = ROOT / "models" / "builtin"
        hub.files = {
            path.name: path.read_bytes() for path in folder.iterdir() if path.name != "README.md"
        }
        yield hub


@pytest.fixture
def profile(tmp_path, monkeypatch, hub):
    monkeypatch.setenv("OCELLUS_HOME", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    paths = find_paths()
    paths.user_models.mkdir(parents=True)
    (paths.user_models / "catalog.toml").write_text(catalog_entry(ID, "Small LLaVA"), "utf-8")
    return paths


def click(button):
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def until(condition, seconds=200):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def answer(program, question):
    assert program.session.chat.send(question)
    await until(lambda: not program.session.chat.state.busy)
    return program.session.chat.entries[-1]


@pytest.mark.timeout(600)
def test_two_clicks_to_a_downloaded_model_that_answers(loop, hub, profile):
    program = Program(profile)
    program.window.show()
    folder = profile.user_models / ID

    def dialog():
        return program.window.findChild(ModelDialog)

    async def way():
        program.start([])
        bar = program.window.parts.builtin
        (choose,) = (b for b in bar.findChildren(QPushButton) if "real model" in b.text())
        click(choose)
        await until(lambda: dialog().cards[ID].row.entry.id and program.model_library.machine)
        click(dialog().cards[ID].act_button)

        seen = []
        program.model_library.progressed.connect(lambda _: seen.append(program.downloads.get(ID)))
        await until(lambda: getattr(program.session.models.load_state.ready, "model", "") == ID)
        done = [item.done for item in seen if item is not None and item.step is Step.RUNNING]
        assert done
        assert done == sorted(done)
        assert damaged(folder) == []
        assert not list(profile.user_models.glob(".parts/*"))
        assert program.session.models.current.id == ID
        assert not bar.isVisible()
        assert dialog().cards[ID].row.current
        dialog().foot.close_button.click()

        # Left alone it gives its memory back; the next question loads it again.
        program.session.models.unload()
        await until(lambda: program.session.models.load_state.ready is None)
        assert "unloaded to free memory" in program.window.parts.status.words
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(SAMPLES / "receipt.png"))])
        program.window.take_mime(mime)
        entry = await answer(program, "What is the total?")
        assert entry.state is TurnState.DONE
        assert "32.64" in entry.text

        # Deleted while it answers, after one question; the built-in one takes over.
        program.window.actions_.model.trigger()
        click(dialog().cards[ID].remove_button)
        (question,) = dialog().findChildren(ConfirmationDialog)
        click(question.yes_button)
        await until(lambda: not folder.exists() and program.downloads.get(ID) is None)
        await until(lambda: not dialog().cards[ID].row.on_disk)
        assert program.session.models.current.for_trying
        assert dialog().cards[ID].act_button.text() == "Download"
        dialog().close()

    try:
        loop.run_until_complete(way())
    finally:
        program.window.close()
        loop.run_until_complete(program.close())
    assert sorted(path.name for path in profile.user_models.iterdir()) == [".parts", "catalog.toml"]


@pytest.mark.timeout(600)
def test_a_download_goes_on_in_the_next_window(loop, hub, profile):
    """Closed half way and opened again: it goes on, is loaded, and nobody was asked."""
    total = sum(len(data) for data in hub.files.values())
    first = Program(profile)

    async def begin():
        first.start([])
        first.model_library.download(ID)
        await until(lambda: hub.served > total // 4)
        assert first.downloads.get(ID).step is Step.RUNNING

    async def go_on(program):
        program.start([])
        await until(lambda: getattr(program.session.models.load_state.ready, "model", "") == ID)

    try:
        loop.run_until_complete(begin())
    finally:
        loop.run_until_complete(first.close())
    assert not (profile.user_models / ID).exists()
    quiet = hub.served
    QApplication.processEvents()
    second = Program(profile)
    try:
        loop.run_until_complete(go_on(second))
    finally:
        loop.run_until_complete(second.close())
    assert damaged(profile.user_models / ID) == []
    assert hub.served > quiet

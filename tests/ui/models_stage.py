"""The program with a scripted engine over a profile and a loopback hub of its own."""

import os
from contextlib import contextmanager, suppress
from functools import partial

import psutil
from hub import LoopbackHub, catalog_entry
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from scripted_engine import scripted_child
from sessions import until

from app.bootstrap import Program
from app.paths import find_paths
from app.session.models.download import load_downloads
from app.session.models.downloads import RETRY_SECONDS, Downloads
from app.ui.models.model_dialog import ModelDialog

BLOCK = 4 << 20
SIZES = {"config.json": 700, "model.safetensors": 5 * BLOCK + 77}
TOTAL = sum(SIZES.values())
GB = 10**9
SECONDS = 100


class Whole:
    """The program with a scripted engine, without its reader, over a profile of its own."""

    def __init__(self, program, child, loop, hub):
        self.program, self.child, self.loop, self.hub = program, child, loop, hub
        self.model_library, self.downloads = program.model_library, program.downloads
        self.folder = program.model_library.folder

    @property
    def dialog(self):
        return self.program.window.findChild(ModelDialog)

    def card(self, name):
        return self.dialog.cards[name]

    @property
    def stored(self):
        """The downloads as the next start will find them."""
        return load_downloads(find_paths().data / "downloads.json")

    def pulling(self):
        """The processes that fetch a model."""
        found = []
        for child in psutil.Process(os.getpid()).children(recursive=True):
            with suppress(psutil.Error):
                found += [child.pid] * ("pull" in child.cmdline())
        return found

    def open(self):
        self.program.window.actions_.model.trigger()

    def click(self, widget):
        assert widget.isVisible()
        assert widget.isEnabled()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    async def ready(self, name):
        ready = self.program.session.models
        await until(lambda: getattr(ready.load_state.ready, "model", "") == name, SECONDS)

    def run(self, way):
        self.loop.run_until_complete(way)


@contextmanager
def opened(loop, home, monkeypatch, scale=1.0, retry_seconds=RETRY_SECONDS):
    """A `Whole` with its hub and its models window open; letters are `scale` times as large.

    A lost connection is tried again after `retry_seconds`.
    """
    font = QApplication.font()
    larger = QApplication.font()
    larger.setPointSizeF(10 * scale)
    QApplication.setFont(larger)
    monkeypatch.setenv("OCELLUS_HOME", str(home))
    paths = find_paths()
    paths.user_models.mkdir(parents=True)
    catalog = "".join(catalog_entry(name, f"Model {name}", "mistral") for name in ("one", "two"))
    (paths.user_models / "catalog.toml").write_text(catalog, "utf-8")
    soon = partial(Downloads, retry_seconds=retry_seconds)
    monkeypatch.setattr("app.bootstrap.Downloads", soon)
    with LoopbackHub(SIZES) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        child = scripted_child(paths)
        program = Program(paths, child)
        program.window.show()
        whole = Whole(program, child, loop, hub)

        async def start():
            program.session.engine.start()
            program.session.models.load()
            whole.open()
            await until(lambda: program.model_library.machine is not None, SECONDS)

        whole.run(start())
        try:
            yield whole
        finally:
            if whole.dialog is not None:
                whole.dialog.close()
            program.window.close()
            whole.run(program.close())
            QApplication.setFont(font)

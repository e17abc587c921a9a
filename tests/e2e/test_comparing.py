"""“Read with LLaVA” in the whole program, with the built-in model in the real engine."""

import asyncio

import pytest
from drawing import Sheet
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.reading.comparison_controller import ComparisonController

LINES = ("Corner Bakery", "Bread rolls 3.40", "Apple cake 4.90", "Total 8.30")


@pytest.fixture
def receipt(tmp_path):
    sheet = Sheet(360, 260)
    for row, text in enumerate(LINES):
        sheet.write(30, 30 + 50 * row, 24, text)
    sheet.picture.save(tmp_path / "receipt.png")
    return tmp_path / "receipt.png"


@pytest.mark.timeout(300)
def test_the_built_in_model_reads_a_small_picture_to_its_end(program, loop, receipt, tmp_path):
    window, pane = program.window, program.window.parts.pictures
    bar = window.findChild(ComparisonController).bar

    async def until(condition):
        while not condition():
            await asyncio.sleep(0.02)

    async def way():
        program.start([receipt])
        await until(lambda: pane.picture is not None and window.actions_.read.isEnabled())
        window.actions_.read.trigger()
        await until(
            lambda: (
                window.childAt(bar.mapTo(window, bar.start_button.geometry().center()))
                is bar.start_button
            )
        )
        QTest.mouseClick(bar.start_button, Qt.MouseButton.LeftButton)
        await until(lambda: not program.session.transcribing.progress(pane.picture.sha256).running)

    loop.run_until_complete(way())
    sha256 = pane.picture.sha256
    progress = program.session.transcribing.progress(sha256)
    assert progress.failed is None
    assert progress.is_complete
    # What it reads is its own affair: the words, others, or nothing that could be this text.
    lines = pane.panel.text.toPlainText().splitlines()
    marks = program.session.comparisons.marks(sha256)
    for mark in marks:
        assert mark.difference.reader in program.session.readings.known(sha256).text
        assert mark.difference.reader != mark.difference.model
    assert marks or progress.kept_lines or bar.words == "LLaVA reads the same words."
    assert [line for line in lines if line] == list(LINES)
    # The crops were for the model alone; nothing of them is left.
    store = tmp_path / "data" / "pictures"
    assert len([*store.glob("*/*.png")]) > 1
    loop.run_until_complete(program.close())
    assert [*store.glob("*/*.png")] == []

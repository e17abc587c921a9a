"""The whole program in one process and its children, offscreen, with the built-in model."""

import asyncio
from pathlib import Path

import pytest
from papers import Paper, text
from PySide6.QtCore import QMimeData, QUrl

from app.archive.archive import TurnState
from app.core.conversation import ReferenceMode
from app.core.pictures import document_path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "samples"


def drop(program, name: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(SAMPLES / name))])
    program.window.take_mime(mime)


async def ask(program, question: str):
    assert program.session.chat.send(question)
    while program.session.chat.state.busy:
        await asyncio.sleep(0.02)
    return program.session.chat.entries[-1]


def stored(tmp_path: Path) -> int:
    return len(list((tmp_path / "data" / "pictures").glob("*/*.png")))


@pytest.mark.timeout(240)
def test_a_first_visit(program, loop, tmp_path):
    streamed = []
    program.session.chat.textArrived.connect(lambda _, text: streamed.append(text))

    async def visit() -> None:
        program.start([])
        # Asked at once: the question waits for the picture, its text and the model.
        drop(program, "receipt.png")
        answer = await ask(program, "What is the total?")
        assert answer.state is TurnState.DONE
        assert "32.64" in answer.text
        assert "".join(streamed).strip() == answer.text
        assert "text read from the picture" in answer.note

        # A follow-up question about the same picture, then another picture.
        assert "2.14" in (await ask(program, "What is the tax?")).text
        program.session.chat.new_conversation()
        drop(program, "settings.png")
        assert "Lighthouse 5G" in (await ask(program, "What is the network name?")).text
        program.session.chat.new_conversation()
        program.session.chat.set_reference(ReferenceMode.OFF)
        drop(program, "shapes.png")
        answer = await ask(program, "What colour is the star?")
        assert "yellow" in answer.text.lower()
        assert answer.note == ""

        titles = [row.title for row in program.session.library.rows]
        assert titles == [
            "What colour is the star?",
            "What is the network name?",
            "What is the total?",
        ]

    loop.run_until_complete(visit())
    assert stored(tmp_path) == 3


@pytest.mark.timeout(120)
def test_a_picture_that_was_never_asked_about_is_not_kept(program, loop, tmp_path):
    async def visit() -> None:
        program.start([SAMPLES / "shapes.png"])
        while (
            not program.session.attachments.items
            or program.session.attachments.items[0].picture is None
        ):
            await asyncio.sleep(0.02)

    loop.run_until_complete(visit())
    assert stored(tmp_path) == 1
    loop.run_until_complete(program.close())
    assert stored(tmp_path) == 0


@pytest.mark.timeout(120)
def test_a_document_that_was_never_asked_about_is_not_kept(program, loop, tmp_path):
    pictures = tmp_path / "data" / "pictures"
    crashed = document_path(pictures, 64 * "a")
    crashed.parent.mkdir(parents=True)
    crashed.write_bytes(b"%PDF-1.7 left by a crash")
    paper = Paper().page(text(60, 700, "First page")).page(text(60, 700, "Second page"))
    paper.save(tmp_path / "letter.pdf")

    async def visit() -> None:
        program.start([tmp_path / "letter.pdf"])
        assert not crashed.exists()
        while (
            not program.session.attachments.items
            or program.session.attachments.items[0].picture is None
        ):
            await asyncio.sleep(0.02)
        (sha256,) = program.session.documents.hashes
        assert document_path(pictures, sha256).is_file()

    loop.run_until_complete(visit())
    loop.run_until_complete(program.close())
    assert [path for path in pictures.rglob("*") if path.is_file()] == []


@pytest.mark.timeout(240)
def test_a_full_conversation_goes_on_and_shows_from_where_the_model_remembers(program, loop):
    long = "What colour is the star? " + "It may be red or green or blue. " * 45

    async def visit() -> None:
        program.start([])
        for number in range(6):
            answer = await ask(program, f"{number} {long}")
            assert answer.state is TurnState.DONE
        conversation = program.session.chat.conversation_id
        assert len(program.session.archive.turns(conversation)) == 12

    loop.run_until_complete(visit())
    views = program.window.parts.chat.views
    lines = [place for place, view in enumerate(views[::2]) if view.memory_line.isVisible()]
    assert len(lines) == 1
    assert lines[0] > 0

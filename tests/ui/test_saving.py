"""“Save as…”: a real session and a real reader, from the panel's menu to the file."""

from pathlib import Path

import pypdfium2
import pytest
from papers import Paper, table, text
from PySide6.QtWidgets import QFileDialog, QLineEdit
from sessions import until

from app.core.export import ExportFormat
from app.core.reading import Reading
from app.session.reading.saving import SavedFile
from app.ui.reading.saving_controller import SavingController
from tests.ui.gestures import button, drop_onto, files

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
ROWS = (("Item", "Amount"), ("Nails", "200"), ("Rope", "12"))


@pytest.fixture
def whole(tmp_path, whole_session):
    session = whole_session(reader="app.reader.service:make")
    session.ways = session.window.findChild(SavingController)
    (tmp_path / "saved").mkdir()
    return session


def letter(folder):
    paper = Paper().page(text(60, 760, "What was ordered") + table(ROWS))
    paper.page(text(60, 700, "The second page")).page(text(60, 700, "The end of it"))
    return paper.save(folder / "letter.pdf")


def choose(pane, form):
    """Take a form from the menu; the dialog that asks for the file's name."""
    action = next(one for one in pane.panel.save_button.menu().actions() if one.text() == form)
    action.trigger()
    (dialog,) = [one for one in pane.window().findChildren(QFileDialog) if one.isVisible()]
    return dialog


def name_it(dialog, path):
    dialog.findChild(QLineEdit).setText(str(path))
    dialog.accept()


def notices(window):
    return [one.words for one in window.parts.notices.notices]


def listen(saving):
    """What the session says of files, in order."""
    heard = []
    saving.saved.connect(lambda file, told: heard.append((file, told)))
    saving.failed.connect(lambda file, failed: heard.append((file, failed)))
    return heard


async def read(session, path):
    """Drop the document, have all of it read, and return it."""
    pane = session.window.parts.pictures
    drop_onto(session.window, files(path))
    await until(lambda: pane.picture is not None, 60)
    pane.show_reading(on=True)
    document = pane.pages.place.document
    await until(lambda: session.documents.progress(document.sha256).done == document.pages, 60)
    await until(pane.panel.save_button.isVisible)
    return document


@pytest.mark.timeout(300)
def test_read_text_is_saved_and_replaces_nothing_unasked(loop, whole, tmp_path):
    window, pane, saved = whole.window, whole.window.parts.pictures, tmp_path / "saved"
    heard = listen(whole.saving)

    async def way():
        await read(whole, letter(tmp_path))
        dialog = choose(pane, "Markdown")
        assert dialog.selectedFiles()[0].endswith("/letter.md")
        name_it(dialog, saved / "letter.md")
        await until(lambda: len(heard) == 1, 60)
        words = (saved / "letter.md").read_text("utf-8")
        for piece in ("What was ordered", "| Nails | 200 |", "The second page", "The end of it"):
            assert piece in words
        assert heard[0][1] == "Saved letter.md."
        assert "Saved letter.md." in notices(window)

        # A name without an ending gets one, and what has that name already is not lost unasked.
        (saved / "letter.txt").write_text("mine")
        name_it(choose(pane, "Plain text"), saved / "letter")
        await until(lambda: len(heard) == 2, 60)
        assert (saved / "letter.txt").read_text() == "mine"
        button(window.parts.notices, "Replace").click()
        await until(lambda: len(heard) == 3, 60)
        assert "The end of it" in (saved / "letter.txt").read_text("utf-8")
        assert not [words for words in notices(window) if "already" in words]

    loop.run_until_complete(whole.settle(way()))
    assert sorted(path.name for path in saved.iterdir()) == ["letter.md", "letter.txt"]
    assert list(whole.inbox.iterdir()) == []


@pytest.mark.timeout(300)
def test_parts_forms_that_hold_nothing_and_second_thoughts(loop, whole, tmp_path):
    window, saved = whole.window, tmp_path / "saved"
    heard = listen(whole.saving)

    async def way():
        document = await read(whole, letter(tmp_path))
        # Only what has been read goes into a file, and that is said; a PDF shows the pages.
        reading = whole.documents.reading(document.sha256)
        part = SavedFile(document, Reading(reading.pages[1:2]), ExportFormat.PDF, saved / "a.pdf")
        whole.saving.save(part)
        await until(lambda: len(heard) == 1, 60)
        assert heard[0] == (part, "Saved a.pdf. It holds the 1 page of 3 that have been read.")
        with pypdfium2.PdfDocument(saved / "a.pdf") as written:
            assert len(written) == 1
            textpage = written[0].get_textpage()
            assert "The second page" in textpage.get_text_range()
            textpage.close()

        # Without a table there is nothing for a spreadsheet, and no file.
        none = SavedFile(document, part.reading, ExportFormat.CSV, saved / "a.csv")
        whole.saving.save(none)
        await until(lambda: len(heard) == 2, 60)
        assert [words for words in notices(window) if "No table was found" in words]

        # Given up on the way, nothing of it stays.
        pages = tuple(reading.pages[0] for _ in range(8000))
        whole.saving.save(SavedFile(document, Reading(pages), ExportFormat.PDF, saved / "b.pdf"))
        await until(lambda: len(list(whole.inbox.iterdir())) == 2, 60)
        await until(lambda: [words for words in notices(window) if "Saving b.pdf" in words], 60)
        button(window.parts.notices, "Cancel").click()
        await until(lambda: not list(whole.inbox.iterdir()), 60)
        assert not [words for words in notices(window) if "Saving b.pdf" in words]

    loop.run_until_complete(whole.settle(way()))
    assert [path.name for path in saved.iterdir()] == ["a.pdf"]
    assert list(whole.inbox.iterdir()) == []
    assert len(heard) == 2


@pytest.mark.timeout(300)
def test_a_picture_becomes_a_pdf_that_can_be_searched(loop, whole, tmp_path):
    pane, saved = whole.window.parts.pictures, tmp_path / "saved"
    heard = listen(whole.saving)

    async def way():
        drop_onto(whole.window, files(SAMPLES / "receipt.png"))
        await until(lambda: pane.picture is not None, 60)
        pane.show_reading(on=True)
        await until(pane.panel.save_button.isVisible, 60)
        dialog = choose(pane, "Searchable PDF")
        assert dialog.selectedFiles()[0].endswith("/receipt.pdf")
        name_it(dialog, saved / "receipt.pdf")
        await until(lambda: heard, 60)
        assert heard[0][1] == "Saved receipt.pdf."
        with pypdfium2.PdfDocument(saved / "receipt.pdf") as written:
            textpage = written[0].get_textpage()
            assert "HARBOUR GROCERY" in textpage.get_text_range()
            textpage.close()

    loop.run_until_complete(whole.settle(way()))

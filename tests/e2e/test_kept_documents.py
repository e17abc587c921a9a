"""A document stays with the conversation in which it was asked about, over starts."""

import gc

import pytest
from papers import Paper, picture, text
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sessions import until
from whole_program import open_program

from app.core.pictures import document_path
from app.ui.picture.password_dialog import PasswordDialog

WORDS = ["Alpha", "Bravo", "Charlie", "Delta"]


@pytest.fixture
def program(loop, tmp_path):
    opened = []

    def open_it():
        program = open_program(tmp_path)
        opened.append(program)
        program.start([])
        return program

    # As in the program: a window is closed before its children are.
    QApplication.setQuitOnLastWindowClosed(False)
    yield open_it
    QApplication.setQuitOnLastWindowClosed(True)
    for program in opened:
        program.window.close()
        loop.run_until_complete(program.close())
    gc.collect()


def pdf(folder, password=""):
    paper = Paper()
    for word in WORDS:
        paper.page(text(60, 700, f"{word} is on this page."))
    path = folder / "report.pdf"
    paper.save(path)
    if password:
        paper.lock(path, password)
    return path


def tiff(folder):
    pages = [picture(f"{word} is here") for word in WORDS[:2]]
    path = folder / "scan.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


def drop(program, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    program.window.take_mime(mime)


async def ask(program, path):
    """Drop the file, wait for its first page, ask about it, and have all its text read."""
    pane = program.window.parts.pictures
    drop(program, path)
    await until(lambda: pane.title.endswith("page 1") and pane.view.has_picture)
    assert program.session.chat.send("what is on it")
    await until(lambda: not program.session.chat.state.busy)


async def read(program):
    pane = program.window.parts.pictures
    program.window.actions_.read.trigger()
    await until(lambda: pane.pages.progress().done == pane.pages.progress().total)
    return pane.pages.reading()


async def end(program):
    program.window.close()
    await program.close()


async def reopen(program):
    """Open the newest conversation."""
    row = program.session.library.rows[0]
    program.window.parts.conversations.openRequested.emit(row.id)
    pane = program.window.parts.pictures
    await until(lambda: pane.view.has_picture)
    return pane


@pytest.mark.timeout(240)
def test_a_document_comes_back_with_its_pages_and_its_text(loop, program, tmp_path):
    path = pdf(tmp_path)

    async def visit():
        first = program()
        drop(first, path)
        composer = first.window.parts.composer
        await until(composer.pages.isVisible)
        assert composer.pages.text() == "Page 1 of 4 goes with the question."
        assert first.session.chat.send("what is on it")
        await until(lambda: not first.session.chat.state.busy)
        assert first.session.chat.entries[-1].note.startswith("Page 1 of 4 went with the question.")
        told = await read(first)
        first.window.parts.pictures.page_bar.next_button.click()
        await until(lambda: first.window.parts.pictures.title.endswith("page 2"))
        await end(first)
        path.unlink()

        again = program()
        pane = await reopen(again)
        bar = pane.page_bar
        assert bar.isVisible()
        assert (bar.number.value(), bar.number.maximum()) == (1, 4)
        bar.number.setValue(3)
        await until(lambda: pane.title == "report.pdf, page 3" and pane.view.has_picture)
        # Nothing is read: all of it is there.
        asked = []
        again.session.documents.progressed.connect(lambda _, progress: asked.append(progress))
        assert pane.pages.reading() == told
        again.window.actions_.read.trigger()
        assert "Charlie is on this page." in pane.panel.text.toPlainText()
        assert not pane.pages.progress().running
        again.window.actions_.read.trigger()
        again.window.actions_.find.trigger()
        QTest.keyClicks(pane.find_bar.field, "delta")
        assert pane.pages.find("delta") == {4: 1}
        QTest.keyClick(pane.find_bar.field, Qt.Key.Key_Return)
        await until(lambda: pane.title == "report.pdf, page 4")
        assert not asked
        # What the model will be asked about is not what is on the screen.
        assert again.window.parts.composer.pages.text() == "Page 1 of 4 goes with the question."
        pane.page_bar.add_button.click()
        pages = again.window.parts.composer.pages
        await until(lambda: pages.text() == "Pages 1 and 4 of 4 go with the question.")

    loop.run_until_complete(visit())


@pytest.mark.timeout(240)
def test_a_tiff_comes_back_too_and_goes_with_its_last_conversation(loop, program, tmp_path):
    async def visit():
        first = program()
        await ask(first, tiff(tmp_path))
        told = await read(first)
        await end(first)
        again = program()
        pane = await reopen(again)
        assert pane.pages.reading() == told
        pane.page_bar.next_button.click()
        await until(lambda: pane.title == "scan.tif, page 2")
        (sha256,) = again.session.documents.hashes
        kept = document_path(tmp_path / "data" / "pictures", sha256)
        assert kept.is_file()
        # In a second conversation its page goes with a question as well.
        pane.page_bar.add_button.click()
        page = again.session.attachments.items[0].picture
        again.session.chat.new_conversation()
        again.session.attachments.add_picture(page)
        assert again.session.chat.send("and here")
        await until(lambda: not again.session.chat.state.busy)
        first_row = again.session.library.rows[-1]
        again.session.library.delete(first_row.id)
        await end(again)
        assert kept.is_file()

        third = program()
        pane = await reopen(third)
        assert pane.page_bar.number.value() == 2
        third.session.library.delete(third.session.library.rows[0].id)
        third.session.library.undo_delete()
        third.session.library.delete(third.session.library.rows[0].id)
        third.session.library.empty_bin()
        await end(third)
        assert not kept.exists()
        assert [p for p in (tmp_path / "data" / "pictures").rglob("*") if p.is_file()] == []
        left = [p for p in tmp_path.rglob("*.sqlite*") if sha256.encode() in p.read_bytes()]
        assert left == []

    loop.run_until_complete(visit())


@pytest.mark.timeout(240)
def test_a_locked_document_asks_for_its_password_again(loop, program, tmp_path):
    path = pdf(tmp_path, "Sesame")

    def dialog(program):
        found = program.window.findChildren(PasswordDialog)
        return next((one for one in found if one.isVisible()), None)

    async def give(program, password):
        await until(lambda: dialog(program))
        one = dialog(program)
        QTest.keyClicks(one.field, password)
        one.open_button.click()
        await until(lambda: not one.isVisible())

    async def visit():
        first = program()
        drop(first, path)
        await give(first, "Sesame")
        pane = first.window.parts.pictures
        await until(lambda: pane.view.has_picture)
        assert first.session.chat.send("what is on it")
        await until(lambda: not first.session.chat.state.busy)
        await read(first)
        await end(first)

        again = program()
        pane = await reopen(again)
        assert pane.page_bar.number.maximum() == 4
        pane.page_bar.next_button.click()
        await give(again, "wrong")
        await until(lambda: dialog(again))
        assert "not the password" in dialog(again).words.text()
        dialog(again).reject()
        await until(lambda: pane.page_bar.number.value() == 1)
        pane.page_bar.next_button.click()
        await give(again, "Sesame")
        await until(lambda: pane.title == "report.pdf, page 2")
        assert "Delta" in (await read(again)).text
        await end(again)
        data = [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
        assert not any(b"Sesame" in one for one in data)
        # What was read behind the password is not left lying open.
        assert not any(b"delta is on" in one for one in data)

    loop.run_until_complete(visit())


@pytest.mark.timeout(240)
def test_a_copy_that_is_gone_or_damaged_is_told_and_mended_by_adding_it_again(
    loop, program, tmp_path
):
    path = pdf(tmp_path)

    async def visit():
        first = program()
        await ask(first, path)
        await read(first)
        (sha256,) = first.session.documents.hashes
        await end(first)
        kept = document_path(tmp_path / "data" / "pictures", sha256)
        whole = kept.read_bytes()
        changed = bytearray(whole)
        changed[len(changed) // 2] ^= 1

        for damage, told in (
            (lambda: kept.write_bytes(changed), "damaged"),
            (kept.unlink, "missing"),
        ):
            damage()
            again = program()
            said = []
            again.session.documents.pageFailed.connect(
                lambda *failed, said=said: said.append(failed[-1])
            )
            pane = await reopen(again)
            assert pane.page_bar.number.maximum() == 4
            assert "Delta" in pane.pages.reading().text
            pane.page_bar.next_button.click()
            await until(lambda said=said: said)
            assert told in said[0].headline
            assert pane.title == "report.pdf, page 1"
            drop(again, path)
            await until(lambda again=again: again.session.attachments.items[-1].picture)
            pane.page_bar.next_button.click()
            await until(lambda pane=pane: pane.title == "report.pdf, page 2")
            assert kept.read_bytes() == whole
            await end(again)

    loop.run_until_complete(visit())

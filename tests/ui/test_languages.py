"""“Text in: …”: a language is chosen, fetched, read with and removed, by a person's way."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from packs import SPELT, catalog
from papers import Paper, drawn, picture
from sessions import until

from app.catalog.languages import load_languages
from app.core.settings import load_settings
from app.session.reading.languages import BUNDLED, Languages
from app.ui.languages.language_bar import LanguageBar
from app.ui.languages.language_dialog import LanguageDialog
from app.workers.command import Command, CommandLine
from tests.ui.gestures import drop_onto, files

ROOT = Path(__file__).resolve().parents[2]
LINES = ("TOTAL 42", "next tax box")


@pytest.fixture
def whole(tmp_path, whole_session, pack_server):
    model_library = catalog(tmp_path / "languages.toml", pack_server.data, pack_server.address)
    packs = load_languages(model_library, tmp_path / "languages")
    words = ("-m", "tests.support.pack_command", str(model_library), str(tmp_path / "languages"))
    line = CommandLine((sys.executable, *words), ROOT)
    session = whole_session(reader="app.reader.service:make", packs=packs, line=line)
    session.packs, session.line = packs, line
    session.bar = session.window.findChild(LanguageBar)
    return session


def languages_of(session):
    return Languages(session.packs, session.line, session.readings, session.preferences)


def entries(bar):
    """The menu as it opens: words, and whether each is ticked."""
    bar.menu.aboutToShow.emit()
    return [(one.text(), one.isChecked()) for one in bar.menu.actions() if one.text()]


def take(bar, words, menu=None):
    """Take the entry that begins so from the menu, or from one below it."""
    entries(bar)
    below = {one.text(): one.menu() for one in bar.menu.actions() if one.menu()}
    inside = below[menu] if menu else bar.menu
    (action,) = [one for one in inside.actions() if one.text().startswith(words)]
    action.trigger()


def ask(session):
    """Choose the language that is not here; the dialog that asks."""
    take(session.bar, "Russian")
    (dialog,) = [one for one in session.window.findChildren(LanguageDialog) if one.isVisible()]
    return dialog


def downloading(session):
    return bool(session.languages.findChildren(Command))


def connections(process, pack_server):
    """Those that the process has opened to the server."""
    port = urlsplit(pack_server.address).port
    return [one for one in process.net_connections("inet") if one.raddr and one.raddr.port == port]


async def show(session, path):
    pane = session.window.parts.pictures
    drop_onto(session.window, files(path))
    await until(lambda: pane.picture is not None, 60)
    pane.show_reading(on=True)
    await until(lambda: pane.panel.text.toPlainText().count("\n") >= 1, 60)
    return pane


def test_a_language_is_fetched_read_with_and_removed(loop, whole, tmp_path, pack_server):
    picture(*LINES, size=(460, 260)).save(tmp_path / "shot.png")

    async def way():
        pane = await show(whole, tmp_path / "shot.png")
        bar = whole.bar
        assert pane.panel.text.toPlainText().split("\n") == list(LINES)
        assert bar.button.accessibleName() == "Text in: Latin, Chinese, Japanese"
        assert [text for text, on in entries(bar) if on] == ["Latin, Chinese, Japanese"]
        dialog = ask(whole)
        for words in ("21 MB", "127.0.0.1", "Nothing of yours is sent"):
            assert words in dialog.words.text()
        dialog.reject()
        assert pack_server.asked == []

        ask(whole).download_button.click()
        assert bar.progress.text().startswith("Downloading a language")
        await until(lambda: whole.languages.current == "eslav", 60)
        await until(lambda: LINES[1].translate(SPELT) in pane.panel.text.toPlainText(), 60)
        assert LINES[0] in pane.panel.text.toPlainText()
        assert bar.button.isVisible()
        assert bar.button.accessibleName() == "Text in: Russian, Ukrainian"
        assert load_settings(tmp_path / "settings.json").language == "eslav"
        # Another window remembers it, as long as it is there.
        whole.readings.use(None)
        assert languages_of(whole).current == "eslav"

        take(bar, "Russian", "Remove")
        assert whole.languages.current == BUNDLED
        assert list((tmp_path / "languages").iterdir()) == []
        await until(lambda: pane.panel.text.toPlainText().split("\n") == list(LINES), 60)
        assert json.loads((tmp_path / "settings.json").read_text("utf-8"))["language"] == ""
        whole.preferences.set_language("eslav")
        assert languages_of(whole).current == BUNDLED

    loop.run_until_complete(whole.settle(way()))


def test_a_download_is_cancelled_goes_on_and_fails_in_a_sentence(
    loop, whole, tmp_path, pack_server
):
    async def way():
        bar = whole.bar
        pack_server.pace = 0.02
        take(bar, "Russian")
        whole.languages.fetch("eslav")
        whole.languages.fetch("eslav")  # One at a time.
        await until(lambda: not bar.progress.text().endswith(" 0 %"), 30)
        (command,) = whole.languages.findChildren(Command)
        assert connections(psutil.Process(command.pid), pack_server)
        assert not connections(psutil.Process(), pack_server)
        bar.cancel_button.click()
        await until(lambda: whole.languages.fetching is None, 10)
        await until(lambda: not downloading(whole), 30)
        assert whole.languages.current == BUNDLED
        (marks,) = [one for one in (tmp_path / "languages").iterdir() if one.suffix == ".blocks"]
        assert marks.read_bytes().count(1) > 0
        pack_server.pace = 0.0
        pack_server.faults = ["404"]
        whole.languages.fetch("eslav")
        await until(lambda: whole.languages.fetching is None, 30)
        notices = [one.words for one in whole.window.parts.notices.notices]
        assert any("does not have this file any more" in words for words in notices), notices
        missing, asked = marks.read_bytes().count(0), len(pack_server.asked)
        whole.languages.fetch("eslav")
        await until(lambda: whole.languages.current == "eslav", 60)
        assert len(pack_server.asked) - asked == missing

    loop.run_until_complete(whole.settle(way()))


def test_a_damaged_pack_is_told_in_the_panel_and_another_choice_reads(
    loop, whole, tmp_path, pack_server
):
    picture(*LINES, size=(460, 260)).save(tmp_path / "shot.png")
    pack = whole.packs.entry("ru")
    pack.file.parent.mkdir(exist_ok=True)
    pack.file.write_bytes(pack_server.data[:-1] + bytes([pack_server.data[-1] ^ 1]))

    async def way():
        pane = await show(whole, tmp_path / "shot.png")
        take(whole.bar, "Russian")
        await until(lambda: "is not as it was published" in pane.panel.title, 60)
        take(whole.bar, "Latin")
        await until(lambda: pane.panel.text.toPlainText().split("\n") == list(LINES), 60)

    loop.run_until_complete(whole.settle(way()))


def test_a_document_is_read_anew_with_another_language(loop, whole, tmp_path, pack_server):
    paper = Paper()
    for number in range(2):
        paper.page(
            drawn(0, 50, 300, 490, 343), [picture(f"PAGE {number}", *LINES, size=(460, 330))]
        )
    paper.save(tmp_path / "scan.pdf")
    pack = whole.packs.entry("ru")
    pack.file.parent.mkdir(exist_ok=True)
    pack.file.write_bytes(pack_server.data)

    async def way():
        pane = await show(whole, tmp_path / "scan.pdf")
        document = pane.pages.place.document.sha256
        take(whole.bar, "Russian")  # In the middle of it.
        assert whole.documents.progress(document).done == 0
        await until(lambda: whole.documents.progress(document).done == 2, 90)
        reading = whole.documents.reading(document)
        assert [page.pack for page in reading.pages] == ["eslav"] * 2
        assert reading.text.count(LINES[1].translate(SPELT)) == 2
        take(whole.bar, "Latin")
        assert whole.documents.progress(document).done == 0
        await until(lambda: whole.documents.progress(document).done == 2, 90)
        assert whole.documents.reading(document).text.count(LINES[1]) == 2
        await until(lambda: LINES[1] in pane.panel.text.toPlainText())

    loop.run_until_complete(whole.settle(way()))

"""Nobody else on the machine can look into the program's folders and files, at any moment."""

import os
import stat
import sys
from pathlib import Path

import pytest
from read_pages import block_of, page_of
from sessions import until
from whole_program import RECEIPT, go, open_program, paths_in

from app.core.document import Document, DocumentKind
from app.core.events import Finished, FinishReason
from app.core.export import ExportFormat
from app.core.files import private
from app.core.files.placing import place
from app.core.reading import BlockKind, Reading
from app.core.settings import Settings, save_settings
from app.housekeeping import prepare_folders
from app.reader.exports import write
from app.session.reading.saving import SavedFile

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")


@pytest.fixture(autouse=True)
def _umask():
    """As most people have it: others may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(path):
    return stat.S_IMODE(path.lstat().st_mode)


def open_to_others(*folders):
    """What in these folders others can look into, with its rights."""
    found = {}
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            most = 0o700 if path.is_dir() else 0o600
            if rights(path) & ~most:
                found[str(path.relative_to(folder.parent))] = oct(rights(path))
    return found


@pytest.mark.timeout(240)
def test_all_that_a_visit_leaves(loop, tmp_path):
    program = open_program(tmp_path)
    data, logs, config = (tmp_path / name for name in ("data", "logs", "config"))

    async def visit():
        program.start([])
        program.session.attachments.take_data(RECEIPT.read_bytes(), "pasted.png")
        # While the reader is still starting, what was pasted lies on its way.
        await until(lambda: list(paths_in(tmp_path).inbox.iterdir()))
        assert open_to_others(data) == {}
        await until(lambda: program.session.attachments.items[0].picture)
        await go(program, "ask:what is the total")
        program.session.archive.copies.make()
        program.session.models.choose("builtin")
        program.session.chat.set_quick(quick=True)
        assert open_to_others(data, logs, config) == {}

    loop.run_until_complete(visit())
    program.window.close()
    loop.run_until_complete(program.close())
    assert open_to_others(data, logs, config) == {}
    made = {path.name for folder in (data, logs, config) for path in folder.rglob("*")}
    assert {"ocellus.sqlite", "copies", "settings.json", "reader.log", "pictures"} <= made


def test_what_an_earlier_version_left_open_is_closed(tmp_path):
    paths = paths_in(tmp_path)
    old = [
        paths.archive_file,
        paths.settings_file,
        paths.logs / "reader.log",
        paths.pictures / "ab" / "x.png",
        paths.user_models / "m" / "config.json",
        paths.languages / "pack.onnx",
    ]
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("somebody else's")
    (paths.user_models / "m" / "link").symlink_to(elsewhere)
    prepare_folders(paths)
    assert open_to_others(paths.settings_file.parent, paths.logs) == {}
    (paths.user_models / "m" / "link").unlink()
    assert open_to_others(paths.data) == {}
    assert rights(elsewhere) == 0o644


def test_folders_above_and_those_of_the_persons_stay_as_they_are(tmp_path):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "settings.json").write_text("{}")
    save_settings(tmp_path / "stick" / "settings.json", Settings(idle_minutes=5))
    assert rights(tmp_path / "stick") == 0o755
    assert rights(tmp_path / "stick" / "settings.json") == 0o600
    private.make_folder(tmp_path / "stick" / "new" / "inner")
    assert rights(tmp_path / "stick") == 0o755
    assert open_to_others(tmp_path / "stick" / "new") == {}


@pytest.mark.parametrize("mask", [0o022, 0o002, 0o077])
def test_a_saved_file_is_closed_while_it_is_written_and_then_as_the_persons_others(
    tmp_path, monkeypatch, mask
):
    monkeypatch.setattr(private, "_UMASK", mask)
    seen = []

    def pages():
        seen.extend(rights(path) for path in tmp_path.glob(".ocellus-*"))
        yield page_of(block_of(BlockKind.TEXT, "words"))

    place(
        lambda file: write(pages(), ExportFormat.TEXT, file, None),
        tmp_path / "a.txt",
        replace=False,
    )
    assert seen == [0o600]
    assert rights(tmp_path / "a.txt") == 0o666 & ~mask
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_pages_on_their_way_to_be_saved_are_closed(loop, tmp_path, monkeypatch):
    program = open_program(tmp_path)
    document = Document("a" * 64, DocumentKind.PDF, 1, "paper.pdf")
    reading = Reading((page_of(block_of(BlockKind.TEXT, "words")),))
    file = SavedFile(document, reading, ExportFormat.TEXT, tmp_path / "a.txt")
    found = []

    def look(pages):
        found.append((Path(pages).is_file(), open_to_others(tmp_path / "data")))

    async def stream(request, about=""):
        look(request.pages)
        yield Finished(FinishReason.STOPPED)

    monkeypatch.setattr(program.session.reader, "stream", stream)
    ended = []
    program.session.saving.cancelled.connect(ended.append)

    async def save():
        program.session.saving.save(file)
        await until(lambda: ended)

    loop.run_until_complete(save())
    assert found == [(True, {})]
    program.window.close()
    loop.run_until_complete(program.close())

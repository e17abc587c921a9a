"""Saving: whole or not at all, and what a person is told."""

import errno
import io
import os
from pathlib import Path

import pytest
from disks import files_of_at_most
from PIL import Image
from read_pages import block_of, page_of, table_of

from app.core.errors import ErrorKind, OcellusError
from app.core.export import ExportFormat
from app.core.files.placing import place
from app.core.reading import BlockKind
from app.reader.exports import write

PAGE = page_of(block_of(BlockKind.TEXT, "Kept to the letter."), table_of(("a", "b"), ("1", "2")))


def save(pages, form, path, pictures=None, *, replace=False):
    place(lambda file: write(pages, form, file, pictures), path, replace=replace)


def noise(_page):
    return Image.effect_noise((600, 400), 90)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("form", ExportFormat)
def test_every_form_is_saved_under_its_ending_and_is_what_write_gives(tmp_path, form):
    path = tmp_path / f"Überschrift 1{form.ending}"
    save(iter([PAGE]), form, path, lambda page: Image.new("1", (page.width, page.height), 1))
    output = io.BytesIO()
    write([PAGE], form, output, lambda page: Image.new("1", (page.width, page.height), 1))
    assert path.read_bytes() == output.getvalue()
    assert names(tmp_path) == [path.name]
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask()


def umask():
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    raise AssertionError


def test_an_existing_file_stays_unless_it_is_to_be_replaced(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("theirs", "utf-8")
    with pytest.raises(OcellusError, match=r"There is a file called letter\.txt already") as raised:
        save([PAGE], ExportFormat.TEXT, path)
    assert raised.value.failed.kind is ErrorKind.EXISTS
    assert path.read_text("utf-8") == "theirs"
    save([PAGE], ExportFormat.TEXT, path, replace=True)
    assert path.read_text("utf-8").startswith("Kept to the letter.")
    assert names(tmp_path) == ["letter.txt"]


def test_a_file_that_comes_while_ours_is_written_stays(tmp_path):
    path = tmp_path / "letter.txt"

    def pages():
        yield PAGE
        path.write_text("theirs", "utf-8")

    with pytest.raises(OcellusError) as raised:
        save(pages(), ExportFormat.TEXT, path)
    assert raised.value.failed.kind is ErrorKind.EXISTS
    assert path.read_text("utf-8") == "theirs"
    assert names(tmp_path) == ["letter.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_a_pipe_or_a_device_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    with pytest.raises(OcellusError, match="not a file but a device or a pipe"):
        save([page_of(block_of("Hello"))], ExportFormat.TEXT, pipe, replace=True)
    assert pipe.is_fifo()
    assert names(tmp_path) == ["pipe.txt"]


def test_a_link_stays_a_link_and_a_folder_a_folder(tmp_path):
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old", "utf-8")
    link.symlink_to(real)
    save([PAGE], ExportFormat.TEXT, link, replace=True)
    assert link.is_symlink()
    assert real.read_text("utf-8").startswith("Kept")
    with pytest.raises(OcellusError, match="folder called"):
        save([PAGE], ExportFormat.TEXT, tmp_path, replace=True)


@pytest.mark.parametrize("form", [ExportFormat.PDF, ExportFormat.TEXT])
def test_a_disk_without_room_is_one_sentence_and_leaves_what_was_there(tmp_path, form):
    """The kernel refuses what goes beyond a limit, in the middle of a write."""
    path = tmp_path / f"long{form.ending}"
    path.write_text("theirs", "utf-8")
    pages = [page_of(block_of(BlockKind.TEXT, "word " * 4000))] * 20
    refused = pytest.raises(OcellusError, match="cannot hold a file as large")
    with files_of_at_most(100_000), refused as raised:
        save(pages, form, path, noise, replace=True)
    assert raised.value.failed.kind is ErrorKind.DISK_FULL
    assert path.read_text("utf-8") == "theirs"
    assert names(tmp_path) == [path.name]


def test_a_full_device_is_told_in_the_same_words(tmp_path, monkeypatch):
    """/dev/full answers every write as a full disk does."""
    opened, really = [], os.open

    def onto_the_device(path, flags, rights):
        opened.append((path, rights))
        return really("/dev/full", os.O_WRONLY)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", onto_the_device)
        with pytest.raises(OcellusError, match=r"The disk is full: a\.txt was not saved") as raised:
            save([PAGE], ExportFormat.TEXT, tmp_path / "a.txt")
    assert [rights for _, rights in opened] == [0o600]
    assert str(errno.ENOSPC) in raised.value.failed.detail
    assert names(tmp_path) == []


def test_a_page_that_cannot_be_had_leaves_nothing(tmp_path):
    def pages():
        yield PAGE
        raise OSError(errno.ENOSPC, "another disk's trouble")

    with pytest.raises(OSError, match="another disk"):
        save(pages(), ExportFormat.JSON, tmp_path / "a.json")
    assert names(tmp_path) == []


def test_no_table_is_a_sentence_and_no_file(tmp_path):
    with pytest.raises(OcellusError, match="No table was found") as raised:
        save([page_of(block_of(BlockKind.TEXT, "prose"))], ExportFormat.CSV, tmp_path / "a.csv")
    assert raised.value.failed.kind is ErrorKind.NO_TABLE
    assert names(tmp_path) == []


def test_a_folder_that_is_not_there_and_a_name_that_cannot_be(tmp_path):
    with pytest.raises(OcellusError, match=r"The folder is not there: a\.txt"):
        save([PAGE], ExportFormat.TEXT, tmp_path / "gone" / "a.txt")
    with pytest.raises(OcellusError, match="The name or the path is too long"):
        save([PAGE], ExportFormat.TEXT, tmp_path / ("a" * 300))
    assert names(tmp_path) == []

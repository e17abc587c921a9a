"""Files on their way to the reader: copied as they are, with words for whatever is wrong."""

import os
import sys
from pathlib import Path

import pytest
from disks import files_of_at_most

from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, OcellusError
from app.core.files.file_kinds import MAX_DOCUMENT, MAX_PICTURE
from app.core.files.handing import hand_over
from app.core.files.opening import holds_pages
from app.core.walls import Files, Walls
from app.sandbox.macos import profile


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "data" / "inbox"


def refused(path, inbox):
    with pytest.raises(OcellusError) as raised:
        hand_over(path, inbox, "shot.png")
    assert not inbox.exists() or list(inbox.iterdir()) == []
    return raised.value.failed


def test_a_copy_is_the_same_private_and_no_link(tmp_path, inbox):
    path = tmp_path / "shot.png"
    path.write_bytes(os.urandom(3_000_001))
    path.chmod(0o644)
    copy = hand_over(path, inbox, "shot.png")
    assert copy.parent == inbox
    assert copy.read_bytes() == path.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.stat().st_ino != path.stat().st_ino
    assert hand_over(path, inbox, "shot.png") != copy


def test_what_cannot_be_read_is_told_in_words(tmp_path, inbox):
    empty, pipe = tmp_path / "empty", tmp_path / "pipe"
    empty.touch()
    os.mkfifo(pipe)
    failed = refused(tmp_path / "gone", inbox)
    assert failed.headline == "shot.png is not there."
    assert refused(tmp_path, inbox).headline == "shot.png is a folder."
    assert refused(empty, inbox).headline == "shot.png is empty (0 bytes)."
    # Nobody writes into it: opened, it would be waited for.
    assert refused(pipe, inbox).headline == "shot.png is neither a picture nor a PDF."


def test_what_is_too_large_or_becomes_so_is_not_copied(tmp_path, inbox, monkeypatch):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_PICTURE + 1)
    failed = refused(path, inbox)
    assert failed.kind is ErrorKind.TOO_LARGE
    assert failed.headline == "shot.png has 65 MB; the limit is 64."
    # A document may be larger, whatever kind of TIFF it is.
    for head in (b"%PDF-1.7", b"II*\0", b"II+\0"):
        with path.open("rb+") as file:
            file.write(head)
            file.truncate(MAX_DOCUMENT + 1)
        assert refused(path, inbox).headline == "shot.png has 2,049 MB; the limit is 2,048."
    # It grows after it was looked at.
    path.write_bytes(bytes(100))
    monkeypatch.setattr("app.core.files.handing._shared", lambda *_: False)
    growing = iter([False])

    def grow():
        if next(growing, True) is False:
            with path.open("ab") as file:
                file.truncate(MAX_PICTURE + 2**21)
        return False

    with pytest.raises(OcellusError) as raised:
        hand_over(path, inbox, "shot.png", cancelled=grow)
    assert raised.value.failed.kind is ErrorKind.TOO_LARGE
    assert list(inbox.iterdir()) == []


def test_given_up_nothing_stays(tmp_path, inbox):
    path = tmp_path / "shot.png"
    path.write_bytes(bytes(2**22))
    with pytest.raises(WorkCancelledError):
        hand_over(path, inbox, "shot.png", cancelled=lambda: True)
    assert list(inbox.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_disk_without_room_is_told_and_nothing_stays(tmp_path, inbox):
    path = tmp_path / "shot.png"
    path.write_bytes(bytes(2**22))
    with files_of_at_most(2**20 + 7):
        failed = refused(path, inbox)
    assert failed.kind is ErrorKind.DISK_FULL
    assert failed.headline.startswith("This disk cannot hold a file as large as that: “shot.png”")


def test_documents_are_told_by_their_first_bytes(tmp_path):
    for head, expected in (
        (b"%PDF-1.7", True),
        (b"II*\0", True),
        (b"II+\0\x08\0\0\0", True),  # BigTIFF
        (b"\x89PNG", False),
    ):
        path = tmp_path / "file"
        path.write_bytes(head)
        assert holds_pages(path, path.name) is expected


def test_the_profile_for_macos_denies_first_and_quotes_names():
    files = Files(reads=(Path("/packs"),), writes=(Path('/a "quoted" \\ place'),))
    lines = profile(Walls(files=files)).splitlines()
    assert lines[:3] == ["(version 1)", "(allow default)", "(deny network*)"]
    assert "(deny file-write*)" in lines
    allowed = next(line for line in lines if line.startswith("(allow file-write* (subpath"))
    assert allowed == '(allow file-write* (subpath "/a \\"quoted\\" \\\\ place"))'
    assert lines.index(allowed) > lines.index("(deny file-write*)")
    local = profile(Walls(local=True))
    assert "(allow network* (remote unix))" in local
    assert "file" not in local

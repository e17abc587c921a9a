"""The walls around the children, each run against by a real child."""

import contextlib
import os
import platform
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from papers import Paper, text
from phoning_child import ring_socket

from app.children import engine_child, reader_child
from app.core.errors import ErrorKind
from app.core.events import Failed, Finished, PictureRead, PictureTaken, Text, WallsTried
from app.core.requests import ReadPicture, TakeDocument, TakePicture, TryWalls
from app.core.walls import Walls
from app.sandbox import landlock
from app.workers.host import Host

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = ROOT / "tests" / "support"
RECEIPT = ROOT / "resources" / "samples" / "receipt.png"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="the walls of Linux",
)
hides_files = pytest.mark.skipif(
    sys.platform != "linux" or landlock.version() < 2, reason="this kernel has no Landlock"
)


@pytest.fixture
def collector():
    """Somebody's server on this machine: its port, and who has called."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            with contextlib.suppress(OSError):
                while True:
                    line, _ = server.accept()
                    calls.append(line)
                    line.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], calls
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def phoning(spec, port):
    """This child with a service that phones home in place of its own."""
    config = {**spec.config, "port": str(port)}
    files = spec.walls.files
    if files is not None:
        # Its module lies with the tests.
        files = replace(files, reads=(*files.reads, SUPPORT))
    return replace(
        spec, factory="phoning_child:make", config=config, walls=replace(spec.walls, files=files)
    )


def said(host, *words):
    event, end = host.ask(ReadPicture(" ".join(map(str, words))))
    assert isinstance(event, Text), event
    assert isinstance(end, Finished)
    return event.piece


def has_uring():
    try:
        ring_socket()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("name", ["reader", "engine", "engine with a card"])
def test_a_library_that_phones_home_is_stopped_and_the_work_goes_on(tmp_path, collector, name):
    port, calls = collector
    store = tmp_path / "pictures"
    spec = reader_child(store, tmp_path / "inbox") if name == "reader" else engine_child(store)
    if name == "engine with a card":
        spec = replace(spec, walls=Walls(local=True))
    with Host(phoning(spec, port)) as host:
        assert said(host, "work", 10) == "45"
        ways = dict(part.split("=") for part in said(host, "phone").split())
        assert said(host, "work", 100) == "4950"
    # CUDA may talk to other programs here, the reader and an engine without a card not even that.
    assert ways == {
        "thread": "EACCES",
        "stream": "EACCES",
        "started": "EACCES",
        "unix": "done" if spec.walls.local else "EACCES",
        "pair": "done",
        "uring": "EPERM",
    }
    assert calls == []


def test_without_the_wall_the_same_library_gets_through(collector):
    """So that the test above says something: every way works where nothing stands in it."""
    port, calls = collector
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]; import phoning_child as p\n"
        "from app.core.requests import ReadPicture\n"
        "made = p.make({'port': sys.argv[1]})\n"
        "print(next(made.handle(ReadPicture('phone'), lambda: False)).piece)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(port), str(ROOT), str(SUPPORT)],
        capture_output=True,
        text=True,
        check=True,
    )
    ways = dict(part.split("=") for part in done.stdout.split())
    if not has_uring():
        ways["uring"] = "done"  # This kernel has it switched off for everybody.
    assert set(ways.values()) == {"done"}
    assert len(calls) == 3


@hides_files
@pytest.mark.parametrize("request_of", [TakePicture, TakeDocument])
def test_the_reader_reads_what_it_is_handed_and_nothing_else(tmp_path, request_of):
    store, inbox = tmp_path / "pictures", tmp_path / "inbox"
    inbox.mkdir()
    foreign = tmp_path / "foreign"
    foreign.write_bytes(RECEIPT.read_bytes())
    # Ways around it: out of the inbox by a link, and by dots.
    (inbox / "link").symlink_to(foreign)
    handed = inbox / "handed"
    handed.write_bytes(RECEIPT.read_bytes())
    with Host(reader_child(store, inbox)) as host:
        for path in (foreign, inbox / "link", inbox / ".." / "foreign", Path("/etc/passwd")):
            (failed,) = host.ask(request_of(str(path), "shot.png"))
            assert isinstance(failed, Failed)
            assert failed.kind is ErrorKind.UNREADABLE
            assert failed.headline == "You have no permission to read shot.png."
        taken, _ = host.ask(TakePicture(str(handed), "shot.png", consume=True))
        assert isinstance(taken, PictureTaken)
        read, _ = host.ask(ReadPicture(taken.picture.sha256))
        assert isinstance(read, PictureRead)
        assert any("TOTAL" in row for row in read.reading.rows())
        paper = Paper().page(text(60, 700, "Handed over")).save(inbox / "letter.pdf")
        document, _ = host.ask(TakeDocument(str(paper), "letter.pdf"))
        assert document.document.pages == 1


@hides_files
def test_a_reader_that_was_taken_over_reaches_no_file_of_the_persons(tmp_path, collector):
    """With a hostile service in its place: what it opens and makes itself."""
    port, _ = collector
    diary = tmp_path / "diary.txt"
    diary.write_text("mine", "utf-8")
    inbox = tmp_path / "inbox"
    with Host(phoning(reader_child(tmp_path / "pictures", inbox), port)) as host:
        for path in (diary, Path("/etc/passwd"), Path.home(), Path(f"/proc/{os.getpid()}/environ")):
            assert said(host, "open", path) in ("EACCES", "EISDIR"), path
        for path in (
            diary,
            tmp_path / "new",
            Path(tempfile.gettempdir(), "new"),
            ROOT / "app" / "new.py",
        ):
            assert said(host, "make", path) == "EACCES"
            assert path == diary or not path.exists()
        assert said(host, "make", inbox / "mine") == "done"
        assert said(host, "open", inbox / "mine") == "done"
        # The window, which sees more, is not led anywhere by what the reader leaves.
        assert said(host, "link", inbox / "letter", diary) == "EACCES"
    assert diary.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["reader", "engine"])
def test_a_child_tells_what_happened_when_it_ran_against_its_walls(tmp_path, name):
    store, outside, output = tmp_path / "pictures", tmp_path / "outside", tmp_path / "output"
    outside.write_text("mine", "utf-8")
    reader = reader_child(store, tmp_path / "inbox", output)
    spec = engine_child(store, output) if name == "engine" else reader
    with Host(spec) as host:
        tried, _ = host.ask(TryWalls(str(outside)))
    assert isinstance(tried, WallsTried)
    expected = {"network": True}
    if not spec.walls.local:
        expected["programs"] = True
    if name == "reader":
        expected["files"] = landlock.version() >= 2
    assert {wall.name: wall.stands for wall in tried.walls} == expected
    assert outside.read_text("utf-8") == "mine"
    assert list(tmp_path.glob("outside?*")) == []
    assert "The kernel gives this process no" in output.read_text("utf-8")


def test_a_log_that_cannot_be_written_leaves_the_walls_standing(tmp_path):
    """Its folder is handed to the reader, and here a file has its place."""
    outside = tmp_path / "outside"
    for path in (outside, tmp_path / "logs"):
        path.write_text("mine", "utf-8")
    log = tmp_path / "logs" / "reader" / "reader.log"
    with Host(reader_child(tmp_path / "pictures", tmp_path / "inbox", log=log)) as host:
        tried, _ = host.ask(TryWalls(str(outside)))
    stands = {wall.name: wall.stands for wall in tried.walls}
    assert stands["files"] is (landlock.version() >= 2)
    assert (tmp_path / "logs").read_text("utf-8") == "mine"


def test_where_the_kernel_refuses_the_work_goes_on_and_it_is_told(tmp_path):
    """A kernel without seccomp and Landlock is played by a filter that refuses both."""
    done = subprocess.run(
        [sys.executable, str(SUPPORT / "old_kernel.py"), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[0].startswith("network False sockets can be opened: AF_INET")
    assert "The kernel sets no filter on sockets: [Errno 38]" in lines[0]
    assert lines[2].startswith("files False other files can be used: reading, writing, making.")
    assert "The kernel does not hide files: [Errno 38]" in lines[2]
    assert lines[3] == "640"

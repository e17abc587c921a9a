"""A single file, as a language pack is one, over a bad network and from a disk."""

import hashlib
import threading

import pytest
from packs import FileServer

from app.core.errors import ErrorKind, OcellusError
from app.transfer.patience import Pace, PausedError
from app.transfer.single import Published, SingleFile

DATA = bytes(range(256)) * 4000
BLOCK = 1 << 17
BLOCKS = -(-len(DATA) // BLOCK)
PACE = Pace(BLOCK, workers=2, attempts=3, backoff=0.01)


def published(server):
    return Published(server.address, len(DATA), digest())


def digest():
    return hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("faults", "more"),
    [
        ([], {0}),
        (["moved"], {1}),
        (["500", "500"], {2}),
        # What had arrived is not asked for again.
        (["cut"], {1}),
        # It may come before the bytes that are too many, or with them.
        (["endless"], {0, 1}),
        (["longer"], {0}),
        # Nothing says which of them it was.
        (["flipped"], {BLOCKS}),
    ],
)
def test_a_file_comes_over_a_bad_network(tmp_path, faults, more):
    target = tmp_path / "new" / "pack.onnx"
    with FileServer(DATA) as server:
        server.faults = list(faults)
        heard = []
        SingleFile(published(server), target, pace=PACE, report=heard.append).fetch()
        asked = len(server.asked)
        assert asked - BLOCKS in more
        SingleFile(published(server), target).fetch()  # It is there.
        assert len(server.asked) == asked
    assert target.read_bytes() == DATA
    assert (heard[-1].done, heard[-1].total) == (len(DATA), len(DATA))
    assert [path.name for path in target.parent.iterdir()] == ["pack.onnx"]


def test_a_server_that_knows_no_ranges_sends_all_of_it(tmp_path):
    target = tmp_path / "pack.onnx"
    with FileServer(DATA) as server:
        server.faults = ["cut", *["whole"] * BLOCKS]
        SingleFile(published(server), target, pace=PACE).fetch()
    assert target.read_bytes() == DATA


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        (["flipped"] * 99, ErrorKind.NETWORK),
        (["404"], ErrorKind.ACCESS),
        (["500"] * 99, ErrorKind.NETWORK),
        (["moved"] * 99, ErrorKind.NETWORK),
    ],
)
def test_a_wrong_file_never_takes_the_name(tmp_path, faults, kind):
    target = tmp_path / "pack.onnx"
    with FileServer(DATA) as server:
        server.faults = list(faults)
        with pytest.raises(OcellusError) as error:
            SingleFile(published(server), target, pace=PACE).fetch()
        assert error.value.failed.kind is kind
        assert error.value.failed.advice
        assert not target.exists()
        server.faults = []
        SingleFile(published(server), target, pace=PACE).fetch()
    assert target.read_bytes() == DATA


def test_a_pause_keeps_what_has_come(tmp_path):
    target = tmp_path / "pack.onnx"
    with FileServer(DATA) as server:
        server.pace = 0.1
        two = threading.Event()

        def report(progress):
            if progress.done >= 2 * BLOCK:
                two.set()

        download = SingleFile(published(server), target, pace=PACE, report=report)
        ended = []

        def run():
            try:
                download.fetch()
            except PausedError:
                ended.append("paused")

        thread = threading.Thread(target=run)
        thread.start()
        assert two.wait(30)
        with pytest.raises(OcellusError, match="already being downloaded"):
            SingleFile(published(server), target).fetch()
        download.pause()
        thread.join()
        assert ended == ["paused"]
        kept = (tmp_path / "pack.onnx.blocks").read_bytes().count(1)
        assert 2 <= kept < BLOCKS
        server.pace = 0.0
        asked = len(server.asked)
        SingleFile(published(server), target, pace=PACE).fetch()
        assert len(server.asked) - asked == BLOCKS - kept
    assert target.read_bytes() == DATA


def test_what_is_left_of_another_file_is_thrown_away(tmp_path):
    target = tmp_path / "pack.onnx"
    part = tmp_path / "pack.onnx.part"
    with FileServer(DATA) as server:
        for left in (b"x" * 100, b"x" * len(DATA), b"x" * (len(DATA) + 7)):
            part.write_bytes(left)
            SingleFile(published(server), target, pace=PACE).fetch()
            assert target.read_bytes() == DATA
            target.unlink()
    source = tmp_path / "brought.onnx"
    source.write_bytes(DATA[:-1])
    with pytest.raises(OcellusError, match="is not the file that is published"):
        SingleFile(published(server), target).copy(source)
    assert not target.exists()
    assert not part.exists()
    source.write_bytes(DATA)
    SingleFile(published(server), target).copy(source)
    assert target.read_bytes() == DATA
    assert source.read_bytes() == DATA


def test_a_disk_that_cannot_hold_it_is_told(tmp_path):
    with FileServer(DATA) as server:
        huge = Published(server.address, 10**13, digest())
        with pytest.raises(OcellusError, match="are needed on the disk"):
            SingleFile(huge, tmp_path / "pack.onnx").fetch()
        (tmp_path / "file").touch()
        with pytest.raises(OcellusError) as error:
            SingleFile(published(server), tmp_path / "file" / "pack.onnx").fetch()
        assert error.value.failed.kind is ErrorKind.DISK_FULL

"""Pausing with SIGTERM, going on, and two downloads of one model at once."""

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from hub import LoopbackHub
from pulls import BLOCK, PACE, SIZES, TOTAL, check, on_disk, pull, start

from app.core.errors import ErrorKind, OcellusError
from app.transfer.access import Access
from app.transfer.transfer import PausedError, Transfer, cancel

# On Windows, terminating is killing; that loses no more (test_transfer_kills).
posix = pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")


@contextmanager
def running(hub, folder):
    """A download in a process of its own that has said that a third is there.

    From then on it gets hardly anything, until the test gives the hub its speed back.
    """
    with start(hub, folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            for line in child.stdout:
                if json.loads(line)["done"] * 3 > TOTAL:
                    break
            hub.pace = 1.0
            yield child
        finally:
            child.kill()


@posix
def test_sigterm_pauses_and_the_next_start_goes_on(tmp_path):
    with LoopbackHub(SIZES, pace=0.05) as hub:
        with running(hub, tmp_path / "m") as child:
            child.terminate()
            lines = [json.loads(line) for line in child.stdout]
            complained = child.stderr.read()
        assert child.returncode == 1
        assert complained.startswith("The download is paused. Start it again")
        assert "Traceback" not in complained
        assert all(set(line) == {"done", "total", "speed", "left"} for line in lines)
        hub.wait_until_idle()
        before, kept = hub.served, on_disk(tmp_path / "m", hub)
        assert TOTAL // 3 < kept < TOTAL
        assert before - kept <= PACE.workers * BLOCK
        hub.pace = 0.02
        with start(hub, tmp_path / "m", stdout=subprocess.PIPE) as child:
            first, *_, last = [json.loads(line) for line in child.stdout]
        assert first["done"] >= kept
        assert (last["done"], last["total"]) == (TOTAL, TOTAL)
        check(hub, tmp_path / "m")
        assert hub.served - before == TOTAL - kept


@posix
def test_pause_does_not_wait_for_a_silent_connection(tmp_path):
    with LoopbackHub(SIZES, pace=0.02) as hub:
        hub.faults["stall"] = 100  # every connection; the child's limit is 30 s
        with start(hub, tmp_path / "m", stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
            hub.wait_until_served(3 * 16384, child)
            child.terminate()
            began = time.monotonic()
            assert child.stderr.read().startswith("The download is paused.")
        assert time.monotonic() - began < 15
        assert child.returncode == 1


def test_pause_from_another_thread(tmp_path):
    with LoopbackHub(SIZES, pace=0.1) as hub:
        transfer = Transfer("a/b", tmp_path / "m", Access(hub.endpoint), PACE)
        threading.Timer(0.3, transfer.pause).start()
        with pytest.raises(PausedError):
            transfer.run()
        assert not (tmp_path / "m").exists()
        hub.pace = 0
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")


def test_second_download_of_one_model_says_so(tmp_path):
    with LoopbackHub(SIZES, pace=0.05) as hub, running(hub, tmp_path / "m") as child:
        for action in (lambda: pull(hub, tmp_path / "m"), lambda: cancel(tmp_path / "m")):
            with pytest.raises(OcellusError, match="already being downloaded") as caught:
                action()
            assert caught.value.failed.kind is ErrorKind.EXISTS
        hub.pace = 0.02
        child.stdout.read()
        assert child.wait(60) == 0
        check(hub, tmp_path / "m")
        assert hub.served == TOTAL


def test_killed_download_locks_nobody_out(tmp_path):
    with LoopbackHub(SIZES, pace=0.02) as hub:
        with running(hub, tmp_path / "m") as child:
            child.kill()
        hub.pace = 0
        cancel(tmp_path / "m")
        assert list((tmp_path / ".parts").iterdir()) == []
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")


def test_download_outlives_whoever_listens(tmp_path):
    with LoopbackHub(SIZES, pace=0.02) as hub, running(hub, tmp_path / "m") as child:
        child.stdout.close()  # the window was closed
        hub.pace = 0.02
        assert child.stderr.read() == ""
        child.wait(60)
        check(hub, tmp_path / "m")


@pytest.mark.parametrize("left", ["lock", "blocks"])
def test_kill_at_the_end_leaves_nothing(left, tmp_path):
    """A kill between two of the last steps: the name is given, what it took is still there."""
    with LoopbackHub(SIZES) as hub:
        pull(hub, tmp_path / "m")
        if left == "lock":
            (tmp_path / ".parts" / "m.lock").touch()
        else:
            (tmp_path / "m").rename(tmp_path / ".parts" / "m")
            (tmp_path / ".parts" / "m" / "model.safetensors.blocks").write_bytes(b"\1" * 41)
        served = hub.served
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")
        assert hub.served == served

"""A second start with a file, while a window is open: the file comes to that window."""

import os
import socket
import stat
import time
from pathlib import Path

import pytest

from tests.e2e.desktop import ROOT, desktop, wait_for

SAMPLES = ROOT / "resources" / "samples"


@pytest.fixture
def screen(tmp_path):
    with desktop(tmp_path) as screen:
        yield screen


def stored(home: Path) -> int:
    return len(list((home / "data" / "pictures").glob("*/*.png")))


@pytest.mark.timeout(240)
def test_a_second_start_hands_its_files_to_the_open_window_and_ends_well(screen, tmp_path):
    first = screen.start("-m", "app")
    # At once, while the first one is still coming up.
    time.sleep(0.5)
    second = screen.start("-m", "app", "window", str(SAMPLES / "receipt.png"))
    assert second.wait(timeout=60) == 0
    wait_for(lambda: stored(tmp_path / "home") == 1, seconds=60, saying="the first picture")
    window = screen.window("Ocellus")
    # By this name the desktop puts it under the program's icon.
    known = screen.run("xprop", "-id", window, "WM_CLASS")
    assert '"ocellus", "Ocellus"' in known or '"ocellus", "ocellus"' in known
    place = tmp_path / "home" / "data" / "window.socket"
    assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0

    screen.hand("windowminimize", "--sync", window)
    # By a path that only its own folder makes sense of, and with nothing at all.
    third = screen.start("-m", "app", "resources/samples/shapes.png")
    assert third.wait(timeout=60) == 0
    wait_for(lambda: stored(tmp_path / "home") == 2, seconds=60, saying="the second picture")
    assert screen.window("Ocellus") == window
    assert screen.start("-m", "app").wait(timeout=60) == 0

    # What no window of ours sends changes nothing.
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(os.fspath(place))
        stranger.sendall(b'{"files": 7}\n')
        assert stranger.recv(64) == b""
    assert first.poll() is None
    first.terminate()
    assert first.wait(timeout=60) == 143
    assert not place.exists()

"""Unit tests stay inside their process: what reaches outside is stopped and fails the test."""

import multiprocessing
import os
import socket
import subprocess
import sys

import pytest


def connect():
    with socket.socket() as outside:
        outside.connect(("127.0.0.1", 9))


@pytest.mark.parametrize(
    ("door", "reach"),
    [
        ("subprocess.Popen", lambda: subprocess.run([sys.executable, "-c", ""], check=True)),
        ("os.system", lambda: os.system("true")),  # noqa: S605 - it does not come so far
        ("multiprocessing", lambda: multiprocessing.get_context("spawn").Process().start()),
        ("socket.connect", connect),
    ],
)
def test_what_reaches_outside_is_stopped_and_noted(reached, door, reach):
    with pytest.raises(RuntimeError, match="tests/integration"):
        reach()
    assert reached == [door]
    reached.clear()

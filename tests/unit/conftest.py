"""What a unit test may not do: start a process, use the network, or need a window.

What is reached for is also noted: the code under test may handle the error.
"""

import multiprocessing.process
import sys

import pytest

# What Python's audit hooks call the doors to other processes and to the network.
_DOORS = {
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "pty.spawn",
    "socket.connect",
    "socket.getaddrinfo",
    "subprocess.Popen",
}
_WINDOWS = {"qapp", "qtbot", "loop"}


class LeftTheUnitError(RuntimeError):
    """A unit test reached outside its process."""


class _Guard:
    """Knows what was reached for while a unit test runs; None between such tests."""

    def __init__(self):
        self.reached = None
        self._hooked = False

    def refuse(self, door, what):
        self.reached.append(door)
        raise LeftTheUnitError(f"{door}: {what} (such a test belongs in tests/integration)")

    def hook(self):
        """Watch from now on: an audit hook stays until Python ends, so there is one."""
        if not self._hooked:
            sys.addaudithook(self._audited)
            self._hooked = True

    def _audited(self, event, arguments):
        if self.reached is not None and event in _DOORS:
            self.refuse(event, arguments)


_guard = _Guard()


@pytest.fixture(autouse=True)
def reached(request, monkeypatch):
    """The doors that the test reached for; the test fails where one is left in the list."""
    if wanted := _WINDOWS.intersection(request.fixturenames):
        pytest.fail(f"a unit test asks for {', '.join(sorted(wanted))}: it belongs in tests/ui")
    # "spawn" starts its processes past the audit hooks.
    monkeypatch.setattr(
        multiprocessing.process.BaseProcess,
        "start",
        lambda process: _guard.refuse("multiprocessing", process),
    )
    _guard.hook()
    _guard.reached = doors = []
    yield doors
    _guard.reached = None
    assert not doors, "a unit test reached outside its process"

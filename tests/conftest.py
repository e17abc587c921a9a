"""What tests of several parts need."""

import asyncio
import io
import os
import sys

import pytest

from app.core import quiet
from app.paths import find_paths

quiet.settle()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown():
    """Windows end with their test: each that is left makes all later ones slower to dress."""
    yield
    if (widgets := sys.modules.get("PySide6.QtWidgets")) and widgets.QApplication.instance():
        for widget in widgets.QApplication.topLevelWidgets():
            widget.deleteLater()
        core = sys.modules["PySide6.QtCore"]
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)


# Before the plugin's own timeout.
_SOONER = 0.9


def _place(task):
    """Where a task stands."""
    lines = io.StringIO()
    task.print_stack(file=lines)
    return lines.getvalue()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The paths of a program whose home is `tmp_path`."""
    monkeypatch.setenv("OCELLUS_HOME", str(tmp_path))
    return find_paths()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The folder over the store and the inbox of the reader's `service`."""
    root = tmp_path_factory.mktemp("reader")
    (root / "inbox").mkdir()
    return root


@pytest.fixture(scope="module")
def service(root):
    """The reader's service in this process, shared by the tests of a file."""
    from app.reader.service import make  # noqa: PLC0415 - tests without a reader do not need it

    service = make({"pictures": str(root / "pictures"), "inbox": str(root / "inbox")})
    yield service
    service.close()


@pytest.fixture
def pack_server():
    """A server on the loopback that has one language pack."""
    from packs import FileServer, cyrillic  # noqa: PLC0415 - it takes onnx to make one

    with FileServer(cyrillic()) as server:
        yield server


@pytest.fixture
def begin_session(loop, tmp_path):
    """Begins a `Session` with real children and without a window; it ends with the test."""
    from sessions import Session  # noqa: PLC0415 - tests without Qt do not need it

    begun = []

    def begin(script=None, **children):
        session = Session(tmp_path, script, **children)
        begun.append(session)
        session.start()
        return session

    yield begin
    for session in begun:
        loop.run_until_complete(session.close())


@pytest.fixture
def loop(qapp, monkeypatch, request):
    """asyncio on Qt's loop; an exception that nobody awaited fails the test."""
    import qasync  # noqa: PLC0415 - tests without Qt do not need it

    from app.workers.collector import Collector  # noqa: PLC0415

    unseen = []
    collector = Collector()
    marker = request.node.get_closest_marker("timeout")
    limit = marker.args[0] if marker else float(request.config.getini("timeout"))

    class Loop(qasync.QEventLoop):
        """Ends when it is told to.

        qasync turns Qt's loop once more after `run_until_complete`, with no asyncio
        loop running, and pytest-qt does between a test's phases: a task that is due
        just then fails in a way that never happens in the program.
        """

        def run_until_complete(self, future):
            task = asyncio.ensure_future(future, loop=self)
            task.add_done_callback(self._ended)
            # What the plugin raises in the midst of Qt's loop would be printed, and waited on.
            late = self.call_later(limit * _SOONER, self.stop)
            self.run_forever()
            late.cancel()
            task.remove_done_callback(self._ended)
            if not task.done():
                waiting = "\n".join(map(_place, asyncio.all_tasks(self)))
                pytest.fail(f"still waiting after {limit * _SOONER:.0f} s:\n{waiting}")
            return task.result()

        def _ended(self, _task):
            self.stop()

    monkeypatch.setattr("pytestqt.plugin._process_events", lambda: None)
    loop = Loop(qapp)
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda _, context: unseen.append(context))
    yield loop
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))
    loop.close()
    asyncio.set_event_loop(None)
    collector.stop()
    assert not unseen

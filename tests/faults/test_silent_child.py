"""Children that stop answering without ending: each is ended in time, and said."""

import os
import signal
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from processes import alive, gone_within
from workers_child import script

from app.core.errors import ErrorKind, Failed
from app.core.events import Finished, Text
from app.core.requests import Reply
from app.workers.host import ChildGoneError, ChildSpec, Host
from app.workers.limits import Limits
from app.workers.vitals import Vitals
from app.workers.watchdog import Signs, Watch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stops children by signals")
SOON = Limits(beat=0.05, silence=1.0, start=20.0, work=2.0, obey=1.0, flood=0.5)
SPEC = ChildSpec("engine", "workers_child:make", limits=SOON)


@pytest.fixture
def host():
    with Host(SPEC) as host:
        yield host


def failure(events):
    """What comes after the first text."""
    *_, last = events
    assert isinstance(last, Failed)
    assert last.kind is ErrorKind.CHILD_DIED
    return last


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stop_itself",), "The engine did not answer for 1 second."),
        (("stubborn",), "The engine did not answer for 1 second."),
        (("half",), "The engine did not answer for 1 second."),
    ],
)
def test_a_child_that_falls_silent_is_ended_and_said(host, words, said):
    began = time.monotonic()
    pid = host.pid
    failed = failure(host.ask(script(*words)))
    assert failed.headline == said
    assert "memory" not in failed.advice
    assert gone_within(pid, 10)
    assert time.monotonic() - began < 55


def test_work_without_progress_is_ended_and_said():
    # Patient in all else: on a machine with much to do, beats come late.
    limits = replace(SOON, silence=30.0)
    with Host(replace(SPEC, limits=limits)) as host:
        failed = failure(host.ask(script("sleep", 60)))
        assert failed.headline == "The engine made no progress for 2 seconds."


def test_a_request_that_does_not_arrive_is_missed(host):
    deaf = host.send(script("forget_requests"))
    assert host.receive() == Reply(deaf, Text("deaf"))
    assert host.receive() == Reply(deaf, Text("waiting"))
    host.send(script("say", 1))
    with pytest.raises(ChildGoneError) as gone:
        host.receive()
    assert gone.value.failed.headline == "The engine did not answer for 1 second."


def test_work_that_does_not_end_when_it_is_cancelled_is_ended(host):
    with closing(host.ask(script("disobey"))) as events:
        assert next(events) == Text("working")
    failed = failure(host.ask(script("say", 1)))
    assert failed.headline == "The engine did not stop within 1 second."


def test_a_dead_child_whose_pipe_is_held_open_is_buried(host):
    failed = failure(host.ask(script("heir")))
    assert "exit code 1" in failed.detail


def test_a_child_stopped_while_its_libraries_are_imported_is_ended_too():
    limits = replace(SOON, start=1.5)
    with Host(ChildSpec("reader", "workers_child:make_slowly", limits=limits)) as host:
        os.kill(host.pid, signal.SIGSTOP)
        assert failure(host.ask(script("say", 1))).headline == (
            "The reader did not answer for 1.5 seconds."
        )


def test_long_work_that_shows_life_is_left_alone(host):
    """Twice as long as each limit: many looks at the watermark, then none but the beats."""
    began = time.monotonic()
    with closing(host.ask(script("busy", 4.5))) as events:
        assert list(events)[-1] == Finished()
    assert list(host.ask(script("sleep", 1.6)))[-1] == Finished()
    assert time.monotonic() - began > 6


def test_a_child_that_is_stopped_for_a_moment_lives(host):
    pid = host.pid
    list(host.ask(script("say", 1)))
    os.kill(pid, signal.SIGSTOP)
    time.sleep(0.4)
    os.kill(pid, signal.SIGCONT)
    assert list(host.ask(script("say", 1))) == [Text("0 ", (0.5,)), Finished()]
    assert host.pid == pid


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks into /proc")
def test_a_child_under_a_debugger_is_left_alone(host, monkeypatch):
    pid = host.pid
    list(host.ask(script("say", 1)))
    monkeypatch.setattr("app.workers.watchdog._is_traced", lambda traced: traced == pid)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(2.5)
    assert alive(pid)
    os.kill(pid, signal.SIGCONT)
    assert list(host.ask(script("say", 1)))[-1] == Finished()


def test_time_that_the_machine_slept_does_not_count():
    """The watchdog's own ticks are counted, however long one of them took."""
    import multiprocessing  # noqa: PLC0415

    vitals = Vitals(multiprocessing.get_context("spawn"))
    vitals.settle()
    watch = Watch(SOON, vitals)
    quiet = Signs(newest=0, flooding=False, message=0, partial=False)
    assert [watch.tick(0.3, quiet) for _ in range(4)] == [None] * 4
    assert watch.tick(0.3, quiet) == "did not answer for 1 second"
    vitals.beat()
    assert watch.tick(5, quiet) is None

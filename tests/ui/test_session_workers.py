"""A real child behind its thread and mailbox, on Qt's loop."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest
from processes import alive
from workers_child import script

from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import Finished, FinishReason, PictureTaken, Text
from app.workers.host import ChildSpec
from app.workers.remote import Remote, RemoteState
from app.workers.request_result import follow, outcome
from app.workers.thread import ReceivingThread

TESTS = Path(__file__).resolve().parent.parent
SPEC = ChildSpec("engine", "workers_child:make")


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def remote(loop, clock):
    remote = Remote(SPEC, clock=clock)
    remote.start()
    yield remote
    loop.run_until_complete(remote.close())


async def everything(remote, *words):
    async with aclosing(remote.stream(script(*words))) as events:
        return [event async for event in events]


def text_of(events):
    return "".join(event.piece for event in events if isinstance(event, Text))


async def first(events):
    return await anext(events)


def test_streams_of_several_callers_each_end_with_their_own_last_event(loop, remote):
    async def ask():
        return await asyncio.gather(
            everything(remote, "say", 3),
            everything(remote, "fail"),
            everything(remote, "say", 2),
        )

    three, failed, two = loop.run_until_complete(ask())
    assert text_of(three) == "0 1 2 "
    assert three[-1] == Finished()
    assert failed[-1].kind is ErrorKind.INTERNAL
    assert text_of(two) == "0 1 "


def test_twenty_thousand_small_texts_are_quick_in_order_and_few_signals(loop, remote):
    loop.run_until_complete(everything(remote, "say", 1))
    began = time.monotonic()
    events = loop.run_until_complete(everything(remote, "say", 20_000))
    seconds = time.monotonic() - began
    assert text_of(events).split() == [str(number) for number in range(20_000)]
    assert sum(len(event.probabilities) for event in events[:-1]) == 20_000
    assert len(events) <= 30 * seconds + 3


def test_a_stream_that_is_closed_early_is_cancelled_and_the_next_one_runs(loop, remote):
    async def ask():
        async with aclosing(remote.stream(script("wait"))) as events:
            assert await anext(events) == Text("waiting")
        return await everything(remote, "say", 1)

    assert text_of(loop.run_until_complete(asyncio.wait_for(ask(), 10))) == "0 "


def test_closing_a_waiting_stream_leaves_the_running_one_alone(loop, remote):
    async def ask():
        async with aclosing(remote.stream(script("sleep", 0.3))) as running:
            assert await anext(running) == Text("sleeping")
            async with aclosing(remote.stream(script("say", 1))) as waiting:
                pending = asyncio.ensure_future(anext(waiting))
                # Its first step sends the request.
                await asyncio.sleep(0)
                pending.cancel()
                await asyncio.wait([pending])
            rest = [event async for event in running]
        return rest, await everything(remote, "handled")

    rest, handled = loop.run_until_complete(ask())
    assert rest == [Finished()]
    # The one in between was cancelled before the child came to it, or soon after.
    assert text_of(handled) in ("2", "3")


def test_stop_cancels_all_that_was_sent(loop, remote):
    async def ask():
        async with aclosing(remote.stream(script("wait"))) as events:
            assert await anext(events) == Text("waiting")
            queued = asyncio.ensure_future(everything(remote, "say", 5))
            # Its first step sends the request.
            await asyncio.sleep(0)
            remote.stop()
            waiting = [event async for event in events]
        return waiting, await queued, await everything(remote, "say", 1)

    waiting, queued, after = loop.run_until_complete(asyncio.wait_for(ask(), 10))
    assert waiting[-1] == queued[-1] == Finished(FinishReason.STOPPED)
    assert text_of(queued) == ""
    assert text_of(after) == "0 "


def test_a_killed_child_ends_its_streams_at_once_and_is_started_again(loop, remote, qtbot):
    async def ask():
        async with aclosing(remote.stream(script("wait"))) as events:
            await anext(events)
            pid = remote.pid
            began = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            failed = await anext(events)
            return pid, failed, time.monotonic() - began

    told = []
    remote.stateChanged.connect(told.append)
    with qtbot.waitSignal(remote.died) as died:
        pid, failed, seconds = loop.run_until_complete(ask())
    # Not by the watchdog, which waits longer.
    assert seconds < 10
    assert failed.kind is ErrorKind.CHILD_DIED
    assert died.args == [failed]
    assert told == [
        RemoteState(running=True, sentence="The engine stopped unexpectedly. It was started again.")
    ]
    assert text_of(loop.run_until_complete(everything(remote, "say", 1))) == "0 "
    assert remote.pid != pid


def test_it_is_restarted_twice_in_five_minutes_and_then_by_hand(loop, remote, clock):
    for _ in range(2):
        assert loop.run_until_complete(everything(remote, "die"))[-1].kind is ErrorKind.CHILD_DIED
        assert remote.state.running
        clock.now += 60
    loop.run_until_complete(everything(remote, "die"))
    assert not remote.state.running
    assert remote.state.can_restart
    assert remote.state.sentence == "The engine keeps stopping and is switched off."
    (refused,) = loop.run_until_complete(everything(remote, "say", 1))
    assert refused.headline == "The engine is not running."
    remote.restart()
    assert text_of(loop.run_until_complete(everything(remote, "say", 1))) == "0 "


def test_restarts_longer_ago_do_not_count(loop, remote, clock):
    for _ in range(4):
        loop.run_until_complete(everything(remote, "die"))
        assert remote.state.running
        clock.now += 200


@pytest.mark.parametrize("words", [("wait",), ("sleep", 60), ("stubborn",)])
def test_closing_ends_the_child_whatever_it_does(loop, words):
    async def way():
        remote = Remote(SPEC)
        remote.start()
        async with aclosing(remote.stream(script(*words))) as events:
            await anext(events)
            pid = remote.pid
            began = time.monotonic()
            await remote.close()
            seconds = time.monotonic() - began
            return pid, seconds, await anext(events)

    pid, seconds, last = loop.run_until_complete(way())
    assert not alive(pid)
    assert seconds < 30
    assert last == Finished(FinishReason.STOPPED)


def test_a_remote_that_was_forgotten_while_its_thread_runs_aborts_nothing(loop, qtbot):
    remote = Remote(SPEC)
    remote.start()
    loop.run_until_complete(everything(remote, "say", 1))
    pid = remote.pid
    del remote
    gc.collect()
    os.kill(pid, signal.SIGKILL)

    def threads():
        return [one for one in gc.get_objects() if issubclass(type(one), ReceivingThread)]

    qtbot.waitUntil(lambda: not threads())


def test_a_child_that_cannot_be_started_is_said(loop):
    async def way():
        remote = Remote(ChildSpec("reader", "workers_child:make", {"cannot": lambda: "be pickled"}))
        remote.start()
        events = await everything(remote, "say", 1)
        await remote.close()
        return events

    (failed,) = loop.run_until_complete(asyncio.wait_for(way(), 10))
    assert isinstance(failed, Failed)
    assert failed.headline == "The reader could not be started."


def test_a_request_is_followed_to_its_result_its_failure_or_its_end(remote, loop):
    async def way():
        assert await outcome(remote, script("say", 2), Finished) == Finished()
        assert await outcome(remote, script("say", 2), PictureTaken) is None
        with pytest.raises(OcellusError):
            await outcome(remote, script("fail_in_words"), Text)
        async with aclosing(follow(remote, script("wait"))) as events:
            assert await anext(events) == Text("waiting")
            remote.stop()
            with pytest.raises(WorkCancelledError):
                await anext(events)

    loop.run_until_complete(way())


FORGETFUL = """
import asyncio, sys
sys.path[:0] = {paths!r}
import qasync
from PySide6.QtWidgets import QApplication
from app.workers.host import ChildSpec
from app.workers.remote import Remote
from workers_child import script

async def way():
    remote = Remote(ChildSpec("engine", "workers_child:make"))
    remote.start()
    async for event in remote.stream(script("stubborn")):
        print(remote.pid, flush=True)
        raise ValueError("not caught by anybody")

if __name__ == "__main__":
    with qasync.QEventLoop(QApplication([])) as loop:
        loop.run_until_complete(way())
"""


def test_a_program_that_ends_without_closing_leaves_no_child_and_does_not_abort(tmp_path):
    program = tmp_path / "forgetful.py"
    paths = [str(TESTS.parent), str(TESTS / "support")]
    program.write_text(FORGETFUL.format(paths=paths), "utf-8")
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("ValueError: not caught by anybody")
    assert "QThread" not in done.stderr
    assert not alive(int(done.stdout))

"""One child and its pipe, with real processes."""

import os
import pickle
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from processes import alive, gone_within, started
from workers_child import script

from app.core.cancelled import WorkCancelledError
from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import Finished, FinishReason, PictureTaken, Text
from app.core.requests import Reply
from app.core.wire import encode
from app.workers.host import ChildSpec, Host
from app.workers.request_result import follow_blocking, outcome_blocking

TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture
def spec(tmp_path):
    return ChildSpec(
        "engine",
        "workers_child:make",
        {"closed": str(tmp_path / "closed")},
        tmp_path / "output" / "engine.txt",
    )


@pytest.fixture
def host(spec):
    with Host(spec) as host:
        yield host


def text_of(events):
    return "".join(event.piece for event in events if isinstance(event, Text))


def test_answers_come_whole_and_in_order_and_prints_go_to_a_file(host, spec, tmp_path):
    assert list(host.ask(script("say", 3))) == [
        Text("0 ", (0.5,)),
        Text("1 ", (0.5,)),
        Text("2 ", (0.5,)),
        Finished(),
    ]
    assert text_of(host.ask(script("pid"))) == str(host.pid)
    assert "the puppet is up" in spec.output.read_text("utf-8")
    pid = host.pid
    host.close()
    assert gone_within(pid, 0)
    assert (tmp_path / "closed").read_text("utf-8") == "closed properly"


def test_twenty_thousand_small_events(host):
    list(host.ask(script("say", 1)))
    began = time.monotonic()
    words = text_of(host.ask(script("say", 20_000))).split()
    assert words == [str(number) for number in range(20_000)]
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("words", "detail"),
    [
        ("fail", "the puppet's string broke"),
        ("leave_early", "SystemExit: 3"),
        ("forget_the_end", "without a result"),
        ("wrong_event", "does not go over the wire"),
    ],
)
def test_whatever_the_service_does_wrong_the_child_lives_on(host, words, detail):
    failed = list(host.ask(script(words)))[-1]
    assert isinstance(failed, Failed)
    assert failed.kind is ErrorKind.INTERNAL
    assert detail in failed.detail
    assert text_of(host.ask(script("say", 1))) == "0 "


def test_errors_in_words_arrive_as_they_are(host):
    assert list(host.ask(script("fail_in_words")))[-1] == Failed(
        ErrorKind.TOO_LARGE, "Too large.", "Take a smaller one."
    )


def test_a_service_that_cannot_be_made_is_reported_with_each_request():
    with Host(ChildSpec("reader", "workers_child:make_nothing")) as host:
        for _ in range(2):
            (failed,) = host.ask(script("say", 1))
            assert failed.kind is ErrorKind.INTERNAL
            assert failed.headline == "Something went wrong in the reader."
            assert "a library is missing" in failed.detail


def test_running_and_waiting_requests_are_cancelled_by_the_watermark(host):
    first, second = host.send(script("wait")), host.send(script("say", 5))
    third = host.send(script("handled"))
    assert host.receive() == Reply(first, Text("waiting"))
    began = time.monotonic()
    host.cancel(second)
    assert host.receive() == Reply(first, Finished(FinishReason.STOPPED))
    assert time.monotonic() - began < 10
    # The second was never begun, the third is not touched.
    assert host.receive() == Reply(second, Finished(FinishReason.STOPPED))
    assert host.receive() == Reply(third, Text("2"))


def test_leaving_an_answer_early_cancels_it(host):
    with closing(host.ask(script("wait"))) as events:
        assert next(events) == Text("waiting")
    assert text_of(host.ask(script("say", 2))) == "0 1 "


def test_a_request_is_followed_to_its_result_its_failure_or_its_end(host):
    assert text_of(follow_blocking(host, script("say", 2))) == "0 1 "
    assert outcome_blocking(host, script("say", 2), Text) == Text("1 ", (0.5,))
    assert outcome_blocking(host, script("say", 2), PictureTaken) is None
    with pytest.raises(OcellusError) as failed:
        outcome_blocking(host, script("fail_in_words"), Text)
    assert failed.value.failed == list(host.ask(script("fail_in_words")))[-1]
    events = follow_blocking(host, script("wait"))
    assert next(events) == Text("waiting")
    host.cancel(host.newest)
    with pytest.raises(WorkCancelledError):
        next(events)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_death_is_seen_at_once_and_said(host, number):
    began = time.monotonic()
    events = list(host.ask(script("die", int(number))))
    assert events[0] == Text("last words")
    assert isinstance(events[1], Failed)
    assert events[1].kind is ErrorKind.CHILD_DIED
    assert events[1].headline == "The engine stopped unexpectedly."
    assert f"exit code -{int(number)}" in events[1].detail
    assert "the puppet is up" in events[1].detail
    assert time.monotonic() - began < 10
    assert list(host.ask(script("say", 1)))[-1].kind is ErrorKind.CHILD_DIED


class Bomb:
    def __reduce__(self):
        return os.mkdir, (os.environ["BOMB"],)


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("raw", b"\x00" * 100),
        ("raw", b"[" * 100_000),
        ("raw", encode(Finished())),
        ("raw", b'{"@":"Reply","number":1,"event":{"@":"Host","spec":1}}'),
        ("raw_header", b"\x7f\xff\xff\xff"),
        ("raw_header", b"\xff\xff\xff\xff\x7f" + b"\xff" * 7),
        ("raw_header", b"\x80\x00\x00\x00"),
    ],
)
def test_bytes_that_are_no_message_end_the_child_and_not_the_parent(host, action, data):
    pid = host.pid
    failed = list(host.ask(script(action, data.hex())))[-1]
    assert isinstance(failed, Failed)
    assert failed.kind is ErrorKind.CHILD_DIED
    assert not alive(pid)


def test_a_pickle_on_the_pipe_is_never_opened(host, tmp_path, monkeypatch):
    monkeypatch.setenv("BOMB", str(tmp_path / "bomb"))
    data = pickle.dumps(Bomb())
    assert list(host.ask(script("raw", data.hex())))[-1].kind is ErrorKind.CHILD_DIED
    assert not (tmp_path / "bomb").exists()
    pickle.loads(data)  # noqa: S301 - shows that the bomb is one
    assert (tmp_path / "bomb").exists()


def test_replies_to_requests_that_were_never_sent_are_not_taken_for_others(host):
    forged = encode(Reply(99, Text("forged")))
    with closing(host.ask(script("raw", forged.hex()))) as events:
        assert next(events) == Text("waiting")


@pytest.mark.parametrize("action", [("sleep", 60), ("stubborn",)])
def test_closing_ends_a_child_that_does_not_listen(spec, action):
    host = Host(spec)
    host.start()
    pid = host.pid
    with closing(host.ask(script(*action))) as events:
        next(events)
        began = time.monotonic()
        host.close()
    assert time.monotonic() - began < 30
    assert not alive(pid)


PARENT = """
import sys, time
sys.path[:0] = {paths!r}
from processes import alive, gone_within
from workers_child import script
from app.workers.host import ChildSpec, Host
from app.workers.request_result import follow_blocking, outcome_blocking
if __name__ == "__main__":
    with Host(ChildSpec("engine", "workers_child:make")) as host:
        for event in host.ask(script({action!r}, *{arguments!r})):
            print(host.pid, flush=True)
"""


def parent(tmp_path, action, *arguments):
    """A program of its own with a child that is busy; returns it and the child's id."""
    paths = [str(TESTS.parent), str(TESTS / "support")]
    program = tmp_path / "parent.py"
    program.write_text(PARENT.format(paths=paths, action=action, arguments=arguments), "utf-8")
    process = started([sys.executable, str(program)])
    return process, int(process.stdout.readline())


@pytest.mark.parametrize("action", [("wait",), ("sleep", 60), ("stubborn",)])
def test_a_child_does_not_outlive_its_parent(tmp_path, action):
    process, child = parent(tmp_path, *action)
    with process:
        assert alive(child)
        process.kill()
        process.wait()
        assert gone_within(child, 10)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a process group")
def test_interrupting_the_command_line_stops_without_a_trace_of_the_child(tmp_path):
    process, child = parent(tmp_path, "wait")
    with process:
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert errors.strip().endswith("KeyboardInterrupt")
        assert "Process ocellus" not in errors
        assert gone_within(child, 0)

"""^C and SIGTERM at any moment: the program ends quietly, with the code that a shell expects."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import gone_within, members, started

ROOT = Path(__file__).resolve().parents[2]
PICTURE = str(ROOT / "resources" / "samples" / "receipt.png")
SLOW = ("ask", PICTURE, "What is the total?")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, and /proc")


@pytest.fixture
def environment(tmp_path):
    home = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    (tmp_path / "HOME").mkdir()
    return {**os.environ, **home, "QT_QPA_PLATFORM": "offscreen"}


def app(*words, environment, **options):
    command = [sys.executable, "-P", "-m", "app", *words]
    return started(command, cwd=ROOT, env=environment, **options)


def ended(process, number, to_all):
    """Interrupt it; its exit code, and all that it said on stderr."""
    if to_all:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    with process:
        _, errors = process.communicate(timeout=30)
    end = time.monotonic() + 5
    while members(process.pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert members(process.pid) == []
    # The offscreen platform's own words, about every window.
    said = [line for line in errors.splitlines() if "This plugin does not" not in line]
    return process.returncode, "\n".join(said)


# From before Python's own start to a window that has been open for a while.
@pytest.mark.parametrize("delay", [0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.8, 3.0])
def test_interrupting_the_window_while_it_starts(environment, delay):
    process = app(environment=environment, held=True)
    time.sleep(delay)
    assert ended(process, signal.SIGINT, to_all=True) == (130, "")


@pytest.mark.parametrize("delay", [0, 0.3, 0.9, 2.0])
def test_ending_the_window_while_it_starts(environment, delay):
    process = app(environment=environment, held=True)
    time.sleep(delay)
    assert ended(process, signal.SIGTERM, to_all=False) == (143, "")


@pytest.mark.parametrize(
    ("words", "delay"),
    [
        (SLOW, 0),
        (SLOW, 0.2),
        (SLOW, 0.6),
        (SLOW, 1.5),
        (SLOW, 3.0),
        (("read", PICTURE), 0.5),
        (("models", "list"), 0.1),
        (("languages",), 0.1),
        (("selftest",), 1.0),
    ],
)
def test_interrupting_a_command_at_any_time(environment, words, delay):
    process = app(*words, environment=environment, held=True)
    time.sleep(delay)
    code, errors = ended(process, signal.SIGINT, to_all=True)
    # A short one may have ended before.
    assert code == 130 or (code == 0 and words is not SLOW)
    assert errors == ""


def test_a_command_that_is_ended_leaves_no_folder_behind(environment, tmp_path):
    (tmp_path / "tmp").mkdir()
    process = app(*SLOW, environment={**environment, "TMPDIR": str(tmp_path / "tmp")}, held=True)
    end = time.monotonic() + 20
    while not list((tmp_path / "tmp").glob("ocellus-*")) and time.monotonic() < end:
        time.sleep(0.02)
    assert ended(process, signal.SIGTERM, to_all=False) == (143, "")
    assert list((tmp_path / "tmp").glob("ocellus-*")) == []


@pytest.mark.parametrize("delay", [0, 0.05, 0.5])
def test_interrupting_what_run_py_has_started(environment, delay):
    if not (ROOT / ".venv").is_dir():
        pytest.skip("run.py has set nothing up in this folder")
    process = started([sys.executable, str(ROOT / "run.py")], cwd=ROOT, env=environment)
    command = Path(f"/proc/{process.pid}/cmdline")
    end = time.monotonic() + 30
    while b"\0-m\0app\0" not in command.read_bytes() and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(delay)
    assert ended(process, signal.SIGINT, to_all=True) == (130, "")


def test_a_background_job_keeps_its_window_when_the_script_is_interrupted(environment):
    """Started with SIGINT ignored, it stays so; SIGTERM ends it."""
    words = ["sh", "-c", 'trap "" INT; exec "$0" -P -m app', sys.executable]
    process = started(words, cwd=ROOT, env=environment)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    assert ended(process, signal.SIGTERM, to_all=False) == (143, "")


def test_tests_that_interrupt_pass_in_a_background_job():
    words = 'trap "" INT; exec "$0" -m pytest -n 0 -q -p no:cacheprovider -k "$1" "$2"'
    done = subprocess.run(
        [
            *("sh", "-c", words, sys.executable),
            *("interrupting_the_command_line", "tests/integration/test_workers_host.py"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout


def test_a_child_that_is_interrupted_before_it_can_ignore_it_says_nothing(tmp_path):
    program = tmp_path / "parent.py"
    program.write_text(
        f"""
import signal, sys, time
sys.path[:0] = {[str(ROOT), str(ROOT / "tests" / "support")]!r}
from app.workers.host import ChildSpec, Host
if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: None)
    with Host(ChildSpec("engine", "workers_child:make")) as host:
        print(host.pid, flush=True)
        time.sleep(2)
""",
        "utf-8",
    )
    process = started([sys.executable, str(program)])
    child = int(process.stdout.readline())
    for _ in range(20):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.01)
    with process:
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert gone_within(child, 10)

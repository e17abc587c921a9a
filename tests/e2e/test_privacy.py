"""Nothing leaves the machine: the whole program under a trace, and on a machine without a network.

`CI` and its like are unset: some libraries report from people's machines alone.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from papers import Paper, text
from traced import WORDS, calls, sockets, written

from app.core.quiet import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "samples"
VISIT = Path(__file__).parent / "visit.py"
IDLE_SECONDS = 90

# Which tell a library that it runs where nobody is, and ours, which the program is to set.
HIDDEN = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "BUILD_ID", "OCELLUS_HOME", *VARIABLES)
INTERNET = ("AF_INET", "AF_INET6", "AF_PACKET")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="traced with strace, on Linux")


def can_trace():
    """Whether strace is here and may follow what it starts."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], check=False).returncode == 0


def no_network():
    """The words that start a program in an empty network namespace; none where that is refused."""
    for words in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if shutil.which("unshare") is None:
            return []
        tried = subprocess.run([*words, "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return words
    return []


class Home:
    """A person's empty home, and a program that runs in it."""

    def __init__(self, folder):
        self.folder = folder / "home"
        self.temporary = folder / "tmp"
        self.saved = folder / "saved"
        for path in (self.folder, self.temporary, self.saved):
            path.mkdir(parents=True)
        paper = Paper().page(text(60, 700, "The first page")).page(text(60, 700, "The second"))
        self.letter = paper.save(folder / "letter.pdf")
        self.trace = folder / "trace"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in HIDDEN},
            "HOME": str(self.folder),
            "TMPDIR": str(self.temporary),
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
        }
        for name in list(self.environment):
            if name.startswith("XDG_"):
                del self.environment[name]

    def start(self, before, *words):
        return subprocess.Popen(
            [*before, sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def visit(self, before, seconds):
        words = (self.saved, SAMPLES / "receipt.png", self.letter)
        return self.start(before, str(VISIT), str(seconds), *map(str, words))

    def is_ours(self, path):
        """Whether the program may write there."""
        ours = (
            self.folder / ".local" / "share" / "Ocellus",
            self.folder / ".local" / "state" / "Ocellus",
            self.folder / ".config" / "Ocellus",
            self.saved,
            self.temporary,
        )
        above = {parent for place in ours for parent in place.parents}
        place = Path(path)
        return place in above or any(place.is_relative_to(one) for one in ours)


def finished(process):
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-3000:]
    return out


@pytest.fixture(scope="module")
def long_visit(tmp_path_factory):
    """Begun first and looked at last: it stands idle while the other tests run."""
    if not can_trace():
        pytest.skip("strace is not here, or may not follow other processes")
    home = Home(tmp_path_factory.mktemp("idle"))
    process = home.visit([*WORDS, "-o", str(home.trace)], IDLE_SECONDS)
    yield home, process
    if process.poll() is None:
        process.kill()
        process.wait()


@pytest.mark.timeout(300)
def test_without_a_network_everything_works(long_visit, tmp_path):
    before = no_network()
    if not before:
        pytest.skip("this system lets nobody make an empty network namespace")
    home = Home(tmp_path)
    addresses = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    nothing = home.start(before, "-c", addresses)
    assert "Network is unreachable" in nothing.communicate(timeout=60)[1]

    visit = json.loads(finished(home.visit(before, 0)))
    assert visit == {"rows": visit["rows"], "answer": "32.64", "saved": ["Saved letter.pdf."]}
    assert visit["rows"] > 10
    out = finished(home.start(before, "-m", "app", "read", str(home.letter)))
    assert "The second" in out
    out = finished(home.start(before, "-m", "app", "selftest"))
    assert "All parts work." in out
    walls = [line.split(maxsplit=2)[:2] for line in out.splitlines() if line.startswith("wall ")]
    assert walls[:4] == [["wall", "reader"]] * 3 + [["wall", "engine"]]
    assert "NONE" not in out


@pytest.mark.timeout(300)
def test_what_earlier_versions_left_is_removed_once(tmp_path):
    """Only that: what lies beside it is other programs'."""
    home = Home(tmp_path)
    folder = home.folder / ".cache" / "Microsoft" / "DeveloperTools"
    (folder / ".onnxruntime").mkdir(parents=True)
    (folder / "deviceid").write_text("another program's")
    for name in ("deviceid", "deviceid.lock", "onnxruntime.db"):
        (folder / ".onnxruntime" / name).write_text("ours")
    finished(home.start((), "-m", "app", "languages", "list"))
    assert [path.name for path in folder.iterdir()] == ["deviceid"]
    # What another program with onnxruntime writes from now on is its own.
    (folder / ".onnxruntime").mkdir()
    finished(home.start((), "-m", "app", "languages", "list"))
    assert (folder / ".onnxruntime").is_dir()


@pytest.mark.timeout(400)
@pytest.mark.skipif(not can_trace(), reason="strace is not here, or may not follow others")
def test_the_trace_sees_a_library_that_reports(tmp_path):
    """So that the next test says something: what it looks for is there without our settings."""
    home = Home(tmp_path)
    code = (
        "import socket, pathlib; socket.socket(socket.AF_INET).close();"
        "pathlib.Path.home().joinpath('.cache').mkdir()"
    )
    finished(home.start([*WORDS, "-o", str(home.trace)], "-c", code))
    assert [one for one in sockets(home.trace) if "AF_INET" in one]
    foreign = [path for path in written(home.trace) if not home.is_ours(path)]
    assert str(home.folder / ".cache") in foreign


@pytest.mark.timeout(400)
def test_a_visit_opens_no_socket_and_writes_nothing_outside_its_folders(long_visit):
    home, process = long_visit
    visit = json.loads(finished(process))
    assert (visit["answer"], visit["saved"]) == ("32.64", ["Saved letter.pdf."])
    # Window, engine and reader: all were followed.
    assert len({number for number, *_ in calls(home.trace)}) >= 3
    opened = sockets(home.trace)
    assert [one for one in opened if any(family in one for family in INTERNET)] == []
    assert [one for one in opened if "io_uring" in one] == []
    # Offscreen there is no display and no session bus to talk to, so that no other is left either.
    assert opened == []
    foreign = sorted(path for path in written(home.trace) if not home.is_ours(path))
    assert [path for path in foreign if not is_passing(path)] == []
    kept = {path.relative_to(home.folder).parts[:3] for path in home.folder.rglob("*")}
    assert {parts for parts in kept if len(parts) == 3} == {
        (".local", "share", "Ocellus"),
        (".local", "state", "Ocellus"),
        (".config", "Ocellus", "settings.json"),
    }
    assert list(home.temporary.iterdir()) == []


def is_passing(path):
    """What is nobody's file: devices, the kernel's switches, memory that processes share.

    And the compiled modules of this installation.
    """
    return path.startswith(("/dev/", "/proc/")) or (
        "__pycache__" in path and Path(path).is_relative_to(ROOT)
    )

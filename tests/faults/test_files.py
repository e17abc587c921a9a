"""Files of the program's own while it is killed, and on a disk without room."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from disks import small_disk

from app.core.files.lock import HeldElsewhereError, Lock, lock_open_file

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from pathlib import Path
from app.core.files.atomic import replacing
with replacing(Path(sys.argv[1]), private=True) as file:
    file.write(b"new" * 100_000)
    file.flush()
    print("half", flush=True)
    sys.stdin.readline()
    file.write(b"!")
print("whole", flush=True)
"""

FULL = """
import json, sys
from pathlib import Path
from disks import fill
from app.core.files.atomic import replacing
from app.core.files.disk_errors import is_full
disk, said = Path(sys.argv[1]), []
path = disk / "settings.json"
path.write_text("old")
filler = fill(disk)
for size in (10, 100_000):
    try:
        with replacing(path) as file:
            file.write(bytes(size))
    except OSError as error:
        said.append(is_full(error))
left = sorted(one.name for one in disk.iterdir()), path.read_text()
filler.unlink()
with replacing(path) as file:
    file.write(b"new")
print(json.dumps([said, *left, path.read_text()]))
"""


def started(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_kill_in_the_middle_of_a_write_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text("old", "utf-8")
    with started(WRITER, path) as child:
        assert child.stdout.readline() == "half\n"
        child.send_signal(signal.SIGKILL)
    assert path.read_text("utf-8") == "old"
    # What it left is in nobody's way.
    with started(WRITER, path) as child:
        assert child.communicate("go on\n", timeout=30)[0].split() == ["half", "whole"]
    assert path.read_bytes() == b"new" * 100_000 + b"!"
    assert [one.name for one in tmp_path.iterdir()] == ["settings.json"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_the_old_file_whole_and_nothing_beside_it(tmp_path):
    if (command := small_disk(tmp_path)) is None:
        pytest.skip("a disk of our own needs user namespaces")
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "support")))
    done = subprocess.run(
        [*command, sys.executable, "-c", FULL, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    said, names, old, new = json.loads(done.stdout)
    assert said == [True, True]
    assert names == ["filler", "settings.json"]
    assert (old, new) == ("old", "new")


HOLDER = """
import sys
from pathlib import Path
from app.core.files.lock import Lock, lock_open_file
path = Path(sys.argv[1])
lock = Lock(path / "a.lock", removes=True)
lock.take()
journal = (path / "journal").open("a+b")
lock_open_file(journal)
print("held", flush=True)
sys.stdin.readline()
lock.release()
"""


@pytest.mark.parametrize("ends", ["by itself", "by a kill"])
def test_a_lock_keeps_a_second_process_out_until_the_first_has_ended(tmp_path, ends):
    lock = Lock(tmp_path / "a.lock", removes=True)
    with started(HOLDER, tmp_path) as child, (tmp_path / "journal").open("a+b") as journal:
        assert child.stdout.readline() == "held\n"
        assert (tmp_path / "a.lock").stat().st_mode & 0o777 == 0o600
        with pytest.raises(HeldElsewhereError):
            lock.take()
        with pytest.raises(HeldElsewhereError):
            lock_open_file(journal)
        if ends == "by a kill":
            child.kill()
        else:
            child.stdin.write("\n")
            child.stdin.flush()
        child.wait(30)
        with lock:
            assert lock.is_in_place
        lock_open_file(journal)
    assert [one.name for one in tmp_path.iterdir()] == ["journal"]


def test_who_waits_for_a_lock_gets_it_though_its_file_goes_with_the_first(tmp_path):
    waiting = Lock(tmp_path / "a.lock", wait=20)
    with started(HOLDER, tmp_path) as child:
        assert child.stdout.readline() == "held\n"
        child.stdin.write("\n")
        child.stdin.flush()
        with waiting:
            assert waiting.is_in_place
            with pytest.raises(HeldElsewhereError):
                Lock(tmp_path / "a.lock").take()

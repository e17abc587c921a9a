"""The download over a loopback hub that misbehaves, and over kills."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hub import COMMIT, LoopbackHub

from app.core.errors import ErrorKind, OcellusError
from app.transfer.hub import Access
from app.transfer.listing import allowed, from_hub
from app.transfer.store import PartFile
from app.transfer.transfer import Pace, Transfer, cancel, damaged

BLOCK = 32768
PACE = Pace(block=BLOCK, workers=4, run=4, attempts=5, backoff=0.01)
SIZES = {"config.json": 700, "model.safetensors": 40 * BLOCK + 77, "empty.txt": 0}
TOTAL = sum(SIZES.values())
CHILD = """
import sys
from pathlib import Path
from app.transfer.hub import Access
from app.transfer.transfer import Pace, Transfer
Transfer("a/b", Path(sys.argv[1]), Access(sys.argv[2]), Pace(32768, 4, 4, 5, 0.01)).run()
"""


def pull(hub, folder, **access):
    return Transfer("a/b", folder, Access(hub.endpoint, stall=0.5, **access), PACE).run()


def check(hub, folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted([*hub.files, "ocellus.json"])
    for name, data in hub.files.items():
        assert (folder / name).read_bytes() == data
    assert damaged(folder) == []
    assert list((folder.parent / ".parts").iterdir()) == []


FAULTS = ["500", "429", "403", "416", "200", "truncated", "stall", "flipped", "changed"]


@pytest.mark.parametrize("fault", ["none", *FAULTS])
def test_fault(fault, tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults[fault] = 1
        assert pull(hub, tmp_path / "m").commit == COMMIT
        check(hub, tmp_path / "m")
        # A flipped byte, a changed file or 416 may cost the file once more; nothing else may.
        anew = fault in ("flipped", "changed", "416")
        lost = 2 * TOTAL if anew else PACE.workers * PACE.run * BLOCK + TOTAL * (fault == "200")
        assert hub.served <= TOTAL + (0 if fault == "none" else lost)


def on_disk(folder, hub):
    if folder.exists():
        return TOTAL
    staging = folder.parent / ".parts" / folder.name
    if not (staging / "ocellus.json").exists():
        return 0
    files = from_hub("a/b", hub.info()).files
    return sum(PartFile(staging, file, BLOCK).bytes_done for file in files)


def kill_rounds(tmp_path: Path, rounds: int) -> None:
    for number in range(rounds):
        chance = random.Random(number)  # noqa: S311 - the same offsets each time
        folder = tmp_path / f"m{number}"
        with LoopbackHub(SIZES, pace=0.01) as hub:
            argv = [sys.executable, "-c", CHILD, str(folder), hub.endpoint]
            child = subprocess.Popen(argv)
            goal = chance.randrange(TOTAL)
            deadline = time.monotonic() + 60
            while hub.served < goal and child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.002)
            child.send_signal(signal.SIGKILL)
            child.wait()
            time.sleep(0.05)
            before, kept = hub.served, on_disk(folder, hub)
            # A block for each worker, and as much again on its way through the sockets.
            assert before - kept <= PACE.workers * 2 * BLOCK
            assert subprocess.run(argv, timeout=60, check=False).returncode == 0
            check(hub, folder)
            assert hub.served - before == TOTAL - kept
            assert not hub.leaked


def test_kills(tmp_path):
    kill_rounds(tmp_path, 5)


def test_token_goes_to_the_hub_alone(tmp_path):
    with LoopbackHub(SIZES, token="secret") as hub:
        with pytest.raises(OcellusError) as caught:
            pull(hub, tmp_path / "m")
        assert caught.value.failed.kind is ErrorKind.ACCESS
        pull(hub, tmp_path / "m", token="secret")
        check(hub, tmp_path / "m")
        assert hub.leaked == []
    assert not any(b"secret" in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_only_plain_data_files_are_fetched(tmp_path):
    bad = [
        "../x.json",
        "/etc/x.json",
        "a/b.json",
        "CON.json",
        "m.bin",
        "m.py",
        ".x.json",
        "a\\b.txt",
    ]
    assert not any(allowed(name) for name in bad)
    with LoopbackHub(SIZES) as hub:
        hub.extra = bad
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")


def test_full_disk_is_told_before_anything_is_fetched(tmp_path, monkeypatch):
    free = type("Usage", (), {"free": TOTAL})()
    monkeypatch.setattr("app.transfer.transfer.shutil.disk_usage", lambda _: free)
    with LoopbackHub(SIZES) as hub:
        with pytest.raises(OcellusError, match="GB are needed"):
            pull(hub, tmp_path / "m")
        assert hub.served == 0


def test_lost_connection_then_cancel_leaves_nothing(tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults["403"] = 10**6
        with pytest.raises(OcellusError) as caught:
            pull(hub, tmp_path / "m")
        assert caught.value.failed.kind is ErrorKind.NETWORK
        cancel(tmp_path / "m")
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []

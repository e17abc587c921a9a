"""A disk that is too small, that fills up under way, or that holds no large files."""

import json
import subprocess
import sys
from dataclasses import asdict

import pytest
from disks import small_disk
from hub import LoopbackHub
from pulls import BLOCK, CHILD, PACE, SIZES, TOTAL, pull

from app.core.errors import OcellusError

# On a disk of 2 MB: fills it up when a third is there, is told so, makes room, goes on.
FILLING = """
import errno, json, sys
from pathlib import Path
from app.core.errors import OcellusError
from app.transfer.access import Access
from app.transfer.listing import from_plain
from app.transfer.store import PartFile
from app.transfer.transfer import Pace, Transfer, damaged
disk, endpoint, pace = Path(sys.argv[1]), sys.argv[2], Pace(**json.loads(sys.argv[3]))
filler = disk / "filler"

def fill(progress):
    if progress.done * 3 > progress.total and not filler.exists():
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC

try:
    Transfer("a/b", disk / "m", Access(endpoint), pace, fill).run()
except OcellusError as error:
    said = error.failed.headline
staging = disk / ".parts" / "m"
listing = from_plain(json.loads((staging / "ocellus.json").read_text()))
kept = sum(PartFile(staging, file, pace.block).bytes_done for file in listing.files)
filler.unlink()
print(json.dumps([said, kept]), flush=True)
sys.stdin.readline()
Transfer("a/b", disk / "m", Access(endpoint), pace).run()
names = sorted(path.name for path in disk.rglob("*") if path.is_file())
print(json.dumps([names, damaged(disk / "m")]))
"""


def test_full_disk_is_told_before_anything_is_fetched(tmp_path, monkeypatch):
    free = type("Usage", (), {"free": TOTAL})()
    monkeypatch.setattr("app.transfer.staging.shutil.disk_usage", lambda _: free)
    with LoopbackHub(SIZES) as hub:
        with pytest.raises(OcellusError, match=r"MB are needed on the disk and .* are free"):
            pull(hub, tmp_path / "m")
        assert hub.served == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_disk_fills_up_under_way(tmp_path):
    if (command := small_disk(tmp_path)) is None:
        pytest.skip("a disk of our own needs user namespaces")
    with LoopbackHub(SIZES, pace=0.1) as hub:
        argv = [*command, sys.executable, "-c", FILLING, str(tmp_path), hub.endpoint]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen([*argv, json.dumps(asdict(PACE))], **pipes) as child:
            said, kept = json.loads(child.stdout.readline())
            hub.wait_until_idle()
            before = hub.served
            after = json.loads(child.communicate("go on\n", timeout=60)[0])
        assert said == "The disk is full: the download was not finished."
        assert kept >= TOTAL // 3 - 4 * BLOCK
        assert after == [["config.json", "empty.txt", "model.safetensors", "ocellus.json"], []]
        # `wait_until_idle` counts answers that the end of the first try broke off, too.
        assert hub.served - before == TOTAL - kept


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_disk_that_holds_no_large_files(tmp_path):
    with LoopbackHub(SIZES) as hub:
        limited = ["sh", "-c", 'ulimit -f 1000 && exec "$@"', "sh"]
        argv = [*limited, sys.executable, "-c", CHILD, str(tmp_path / "m"), hub.endpoint]
        child = subprocess.run(
            [*argv, json.dumps(asdict(PACE))], capture_output=True, text=True, check=False
        )
    assert child.returncode == 1
    assert child.stderr.startswith("This disk cannot hold a file as large as that")
    assert "Traceback" not in child.stderr

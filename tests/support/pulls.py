"""Downloads from a loopback hub, here or in a process of their own, and what must hold after."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass

from hub import LoopbackHub

from app.transfer.access import Access
from app.transfer.listing import from_hub
from app.transfer.store import PartFile
from app.transfer.transfer import Pace, Transfer, damaged

BLOCK = 32768
PACE = Pace(block=BLOCK, workers=4, attempts=5, first_attempts=3, backoff=0.01)
SIZES = {"config.json": 700, "model.safetensors": 40 * BLOCK + 77, "empty.txt": 0}
TOTAL = sum(SIZES.values())
# What the command `models pull --json` does, with another pace.
CHILD = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from app.core.errors import OcellusError
from app.transfer.access import Access
from app.transfer.transfer import Pace, Transfer
folder, endpoint, pace = sys.argv[1:]
report = lambda progress: print(json.dumps(asdict(progress)), flush=True)
try:
    Transfer("a/b", Path(folder), Access(endpoint), Pace(**json.loads(pace)), report).run()
except OcellusError as error:
    print(error.failed.headline, error.failed.advice, file=sys.stderr)
    sys.exit(1)
"""


@dataclass(frozen=True)
class Scale:
    """How large a download is, and how fast the hub gives it."""

    pace: Pace
    sizes: dict
    piece: int
    seconds_per_piece: float

    @property
    def total(self):
        return sum(self.sizes.values())

    @property
    def bound(self):
        """Bytes that a kill may cost."""
        return self.pace.workers * self.pace.block

    def hub(self):
        return LoopbackHub(self.sizes, pace=self.seconds_per_piece, piece=self.piece)


SMALL = Scale(PACE, SIZES, 16384, 0.01)
# The program's own sizes, on a file of 13 blocks.
REAL = Scale(Pace(), {"config.json": 700, "model.safetensors": 12 * (4 << 20) + 77}, 1 << 18, 0.01)


def pull(hub, folder, **access):
    return Transfer("a/b", folder, Access(hub.endpoint, stall=0.5, **access), PACE).run()


def start(hub, folder, pace=PACE, **options):
    """The same in a process of its own."""
    argv = [sys.executable, "-c", CHILD, str(folder), hub.endpoint, json.dumps(asdict(pace))]
    return subprocess.Popen(argv, text=True, **options)


def check(hub, folder):
    """Every byte as at the source, no other name in the folder, nothing beside it."""
    assert sorted(path.name for path in folder.iterdir()) == sorted([*hub.files, "ocellus.json"])
    for name, data in hub.files.items():
        assert (folder / name).read_bytes() == data
    assert damaged(folder) == []
    assert list((folder.parent / ".parts").iterdir()) == []


def on_disk(folder, hub, block=BLOCK):
    """Bytes that another start will not ask for again."""
    if folder.exists():
        return sum(map(len, hub.files.values()))
    staging = folder.parent / ".parts" / folder.name
    if not (staging / "ocellus.json").exists():
        return 0
    files = from_hub("a/b", hub.info()).files
    return sum(PartFile(staging, file, block).bytes_done for file in files)

"""Kill a download at random offsets, many times: `soak_transfer.py --rounds 200`."""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "tests" / "faults")]

from test_transfer import kill_rounds  # noqa: E402 - after the path

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        kill_rounds(Path(folder), rounds)
    print(f"{rounds} kills: every hash right, no block fetched twice that was kept, nothing left")

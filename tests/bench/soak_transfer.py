"""Kill a download at random offsets, many times: `soak_transfer.py --rounds 200 --scale real`."""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "tests" / "faults")]

from pulls import REAL, SMALL  # noqa: E402 - after the path
from test_transfer_kills import kill_round  # noqa: E402

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first round's number")
    parser.add_argument("--scale", choices=["small", "real"], default="small")
    arguments = parser.parse_args()
    scale = REAL if arguments.scale == "real" else SMALL
    costs = []
    for number in range(arguments.first, arguments.first + arguments.rounds):
        with tempfile.TemporaryDirectory() as folder:
            costs.append(kill_round(Path(folder) / "m", scale, number))
        print(f"round {number}: {costs[-1]:,} bytes", flush=True)
    print(
        f"{len(costs)} kills: every hash right, nothing left over, only what was lost fetched "
        f"again; a kill cost {max(costs):,} bytes at most, of {scale.bound:,} allowed, "
        f"{sum(costs) // len(costs):,} on average"
    )

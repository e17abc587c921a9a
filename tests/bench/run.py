"""Runs the benchmarks: `python -m app bench [NAME…]`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(names: list[str]) -> int:
    """Run these, or all; 0 when every goal is met, 1 when one is missed, 2 for a wrong name."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tests.bench import answers, window

    benches = {
        "start": window.start,
        "drop": window.drop,
        "gap": window.gap,
        "stop": answers.stop,
        "first-token": answers.first_token,
    }
    if unknown := set(names) - benches.keys():
        print(
            f"No benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(benches)}."
        )
        return 2
    status = 0
    for name in names or benches:
        result = benches[name]()
        print(result, flush=True)
        if "MISSED" in str(result):
            status = 1
    return status

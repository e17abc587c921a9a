"""Runs the benchmarks: `python -m app bench [NAME…]`."""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(options: argparse.Namespace) -> int:
    """Run `options.names`, or all; 0 when every goal is met, 1 when one is missed, 2 wrong use."""
    names: list[str] = options.names
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tests.bench import answers, documents, engine, growth, loading, streaming, window
    from tests.bench.reading.bench import reading

    benches = {
        "start": window.start,
        "drop": window.drop,
        "gap": window.gap,
        "first-paint": streaming.first_paint,
        "frames": streaming.frames,
        "stop": answers.stop,
        "first-token": answers.first_token,
        "loading": loading.loading,
        "document-memory": lambda: documents.memory(options.pages or 300),
        "document-cancel": documents.cancel,
        "document-cores": lambda: documents.both_cores(options.pages or 20),
    }
    every = [*benches, "engine", "reading"]
    parts = {f"engine-{section}": [section] for section in engine.SECTIONS}
    if unknown := set(names) - {*every, *parts, "engine-growth"}:
        known = [*every, *parts, "engine-growth"]
        print(f"No benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
        return 2
    status = 0
    for name in names or every:
        if name == "reading":
            status = max(status, reading(options))
            continue
        if name == "engine-growth":
            growth.growth(options.save)
            continue
        # It has several results, the others one each.
        several = name == "engine" or name in parts
        for result in engine.engine(parts.get(name)) if several else [benches[name]()]:
            print(result, flush=True)
            if "MISSED" in str(result):
                status = 1
    return status

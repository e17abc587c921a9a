"""Runs the benchmarks, each printed as a ratio against a named peer: `run.py bench [NAME…]`."""

if __name__ == "__main__":
    # As the program itself: before all that takes its time to be imported.
    from app import interrupts

    interrupts.end_at_once()

import argparse
import os
import sys
from pathlib import Path

from app.core import quiet


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line names; 0, 1 (a goal is missed) or 2 (usage)."""
    quiet.settle()
    return run(_parser().parse_args(arguments))


def _parser() -> argparse.ArgumentParser:
    bench = argparse.ArgumentParser(prog="run.py bench", description="Measure this installation.")
    bench.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="only these benchmarks; `pages SET` reads a folder of pages with their right text, "
        "`tables FOLDER` one of PDFs with their right tables",
    )
    pages = bench.add_argument_group("for the benchmarks `pages` and `tables`")
    pages.add_argument("--readers", default="", metavar="A,B", help="only these readers of pages")
    pages.add_argument("--ids", default="", metavar="A,B", help="only these pages or documents")
    documents = bench.add_argument_group("for the benchmarks `document-memory` and `-cores`")
    documents.add_argument(
        "--pages",
        type=int,
        default=0,
        metavar="N",
        help="documents of N pages instead of 300 or 20",
    )
    reading = bench.add_argument_group("for the benchmark `reading`")
    reading.add_argument("--count", type=int, default=6, metavar="N", help="pictures of each class")
    reading.add_argument("--classes", default="", metavar="A,B", help="only these classes")
    reading.add_argument("--seed", type=int, default=1, metavar="N", help="which pictures")
    reading.add_argument(
        "--wrong", type=int, default=0, metavar="N", help="print the N worst with their truths"
    )
    reading.add_argument("--save", type=Path, metavar="DIR", help="keep what was read here")
    reading.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="measure the time N times; 0: not at all"
    )
    return bench


def run(options: argparse.Namespace) -> int:
    """Run `options.names`, or all; 0 when every goal is met, 1 when one is missed, 2 wrong use."""
    names: list[str] = options.names
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tests.bench import answers, documents, engine, growth, loading, streaming, window
    from tests.bench.pages.bench import pages
    from tests.bench.reading.bench import reading
    from tests.bench.tables.bench import tables

    if names[:1] == ["pages"]:
        return pages(options, names[1:])
    if names[:1] == ["tables"]:
        return tables(options, names[1:])
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


if __name__ == "__main__":
    sys.exit(main())

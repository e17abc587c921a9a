"""`bench`: the project's benchmarks, each printed as a ratio against a named peer."""

from __future__ import annotations

import importlib.util
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.commands.console import USAGE

BENCHES = Path(__file__).resolve().parent.parent.parent / "tests" / "bench"


def add_arguments(parser: ArgumentParser) -> None:
    """Which benchmarks, and how much some of them do."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these benchmarks")
    documents = parser.add_argument_group("for the benchmarks `document-memory` and `-cores`")
    documents.add_argument(
        "--pages",
        type=int,
        default=0,
        metavar="N",
        help="documents of N pages instead of 300 or 20",
    )
    reading = parser.add_argument_group("for the benchmark `reading`")
    reading.add_argument("--count", type=int, default=6, metavar="N", help="pictures of each class")
    reading.add_argument("--classes", default="", metavar="A,B", help="only these classes")
    reading.add_argument("--seed", type=int, default=1, metavar="N", help="which pictures")
    reading.add_argument(
        "--wrong", type=int, default=0, metavar="N", help="print the N worst with their truths"
    )
    reading.add_argument("--save", type=Path, metavar="DIR", help="keep pictures and truths here")
    reading.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="measure the time N times; 0: not at all"
    )


def run(arguments: Namespace) -> int:
    """Run the benchmarks of the source tree; an installed bundle has none."""
    entry = BENCHES / "run.py"
    if not entry.is_file():
        print(
            "The benchmarks come with the source, not with the installed program.", file=sys.stderr
        )
        return USAGE
    spec = importlib.util.spec_from_file_location("ocellus_bench", entry)
    if spec is None or spec.loader is None:
        raise ImportError(str(entry))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.run(arguments)

"""`bench`: the project's benchmarks, each printed as a ratio against a named peer."""

from __future__ import annotations

import importlib.util
import sys
from argparse import Namespace
from pathlib import Path

from app.commands.console import USAGE

BENCHES = Path(__file__).resolve().parent.parent.parent / "tests" / "bench"


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

"""`python -m app.training`: make a checkpoint, or find out what one can do."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from app.core import quiet

_ROOT = Path(__file__).resolve().parents[2]
_BUILTIN = _ROOT / "models" / "builtin"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0, or 2 for a wrong call."""
    options = _parser().parse_args(arguments)
    quiet.settle()
    # Idle threads that spin take the processor from everybody else.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch  # noqa: PLC0415 - the variable has to be set before

    if options.threads:
        torch.set_num_threads(options.threads)
    if options.command == "evaluate":
        from app.training.evaluate import evaluate  # noqa: PLC0415

        evaluate(options.model, options.count, read=options.read, wrong=options.wrong)
        return 0
    from app.training.builtin import build  # noqa: PLC0415
    from app.training.config import SIZES  # noqa: PLC0415

    out = options.out or (_BUILTIN if options.size == "builtin" else options.work / "checkpoint")
    written = build(SIZES[options.size], options.work, out, options.seed)
    print(f"{out}: {written / 2**20:.1f} MiB")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser(
        "builtin", help="train and write the checkpoint; goes on after a stop"
    )
    make.add_argument("--size", choices=("builtin", "large"), default="builtin")
    make.add_argument("--work", type=Path, default=_ROOT / ".work" / "training")
    make.add_argument("--out", type=Path, help="folder of the checkpoint")
    make.add_argument("--seed", type=int, default=0)
    test = commands.add_parser("evaluate", help="score a checkpoint on the held-out set")
    test.add_argument("--model", type=Path, default=_BUILTIN)
    test.add_argument("--count", type=int, default=300, help="documents, and as many scenes")
    test.add_argument("--read", action="store_true", help="read the pictures instead of knowing")
    test.add_argument("--wrong", type=int, default=0, help="print so many mistakes")
    for command in (make, test):
        command.add_argument("--threads", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())

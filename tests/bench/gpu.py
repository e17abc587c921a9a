"""`python -m tests.bench.gpu [FILE.md]`: all that only a CUDA card can show, in one command.

Runs the tests behind the marker `gpu` and the engine's benchmarks, and writes a table in
Markdown. Needs neither Qt nor a screen; `--anyway` runs it without a card, to try it.
"""

import argparse
import contextlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The project's own settings name pytest-qt's, which would have to be installed.
_SETTINGS = """[pytest]
pythonpath = {root} {root}/tests/support
addopts = --strict-markers --import-mode=importlib
filterwarnings = error
markers = gpu: needs a CUDA card
"""
_HEAD = "| what | ours, ms | beside it | ms | ratio |\n|---|---|---|---|---|"


def main():
    """Run everything; 0 when the tests pass and every goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=Path("gpu.md"))
    parser.add_argument("--anyway", action="store_true", help="without a card, to try it")
    parser.add_argument("--only", default="", metavar="A,B", help="only these benchmarks")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    import torch

    if not torch.cuda.is_available() and not options.anyway:
        print("There is no CUDA card here.", file=sys.stderr)
        return 2
    status, tests = _tests()
    parts = [f"## Tests behind the marker `gpu`\n\n```\n{tests.strip()}\n```"]
    missed, table = _table([name for name in options.only.split(",") if name])
    parts += [f"## Beside others\n\n{table}"]
    if torch.cuda.is_available():
        parts.append(f"Memory copies on this card: {_copies():.0f} GB/s, read and written.")
    if not options.only:
        parts.append(f"## As a conversation grows\n\n```\n{_growth(options.file.parent)}\n```")
    options.file.write_text("\n\n".join(parts) + "\n", "utf-8")
    print(f"Written to {options.file}")
    return status or missed


def _tests():
    """(status, last lines) of the tests for cards."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "pytest.ini"
        settings.write_text(_SETTINGS.format(root=ROOT), "utf-8")
        words = ["-m", "gpu", "-q", "-rfs", "-p", "no:cacheprovider", "-c", str(settings)]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words, "--rootdir", str(ROOT), "tests/engine"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )
    print(done.stdout, done.stderr, flush=True)
    return done.returncode, "\n".join((done.stdout + done.stderr).splitlines()[-12:])


def _table(sections):
    """(1 where a goal is missed, Markdown) of the engine's benchmarks."""
    from tests.bench.engine import engine

    said, rows, missed = io.StringIO(), [], 0
    with contextlib.redirect_stdout(_Both(said)):
        for result in engine(sections or None):
            print(result, flush=True)
            missed = max(missed, int("MISSED" in str(result)))
            ours, peer = statistics.median(result.ours), statistics.median(result.peer)
            rows.append(
                f"| {result.name} | {ours:.1f} | {result.peer_name} | {peer:.1f} "
                f"| {ours / peer:.2f} |"
            )
    # What is no row: where this was, and who could not stand beside.
    known = {row.split(" | ")[0][2:] for row in rows}
    notes = [line for line in said.getvalue().splitlines() if line.split(": ")[0] not in known]
    missed = max(missed, int("MISSED" in said.getvalue()))
    return missed, "\n".join([*(f"{note}\n" for note in notes), _HEAD, *rows])


class _Both(io.TextIOBase):
    """Writes to the screen and into a file."""

    def __init__(self, file):
        self._screen, self._file = sys.stdout, file

    def write(self, text):
        self._file.write(text)
        return self._screen.write(text)

    def flush(self):
        self._screen.flush()


def _copies():
    """How much the card's memory reads and writes in a second, in GB."""
    import torch

    source = torch.empty(2**30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    began, ended = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    target.copy_(source)
    began.record()
    for _ in range(20):
        target.copy_(source)
    ended.record()
    torch.cuda.synchronize()
    return 20 * 2 * source.nbytes / began.elapsed_time(ended) / 1e6


def _growth(folder):
    from tests.bench.growth import growth

    said = io.StringIO()
    with contextlib.redirect_stdout(_Both(said)):
        growth(folder)
    return said.getvalue().strip()


if __name__ == "__main__":
    sys.exit(main())

"""What the two child processes are made of, and how the program starts itself for a command."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from app.core.walls import Files, Walls
from app.paths import find_paths
from app.workers.host import ChildSpec
from app.workers.limits import Limits

# A page with its words and their boxes: some 200 bytes a word, so that 40,000 fit.
_READER = Limits(message=8 * 2**20)


def engine_child(
    store: Path,
    output: Path | None = None,
    models: Path | None = None,
    log: Path | None = None,
) -> ChildSpec:
    """Describe the engine's process.

    It logs to the file `log`, and what is printed goes to `output`. Models that lie in `models`
    are saved in 4 bits after they were loaded for the first time.
    """
    cache = find_paths().data / "cache"
    config = {"pictures": str(store), "cache": str(cache)}
    if models is not None:
        config["models"] = str(models)
    # Models may lie anywhere, so that files stay open.
    walls = Walls(local=_may_have_card())
    return ChildSpec("engine", "app.engine.service:make", config, output, log, walls=walls)


def _may_have_card() -> bool:
    """Whether a card's driver may want to talk to its services on this machine (CUDA's MPS)."""
    if sys.platform != "linux":
        return True
    marks = ("/dev/nvidiactl", "/proc/driver/nvidia", "/dev/dxg", "/dev/kfd")
    return any(Path(mark).exists() for mark in marks) or bool(shutil.which("nvidia-modprobe"))


def reader_child(
    store: Path,
    inbox: Path,
    output: Path | None = None,
    languages: Sequence[Path] = (),
    log: Path | None = None,
) -> ChildSpec:
    """Describe the reader's process, which sees these folders alone of the person's.

    Language packs lie in `languages`.
    """
    config = {"pictures": str(store), "inbox": str(inbox)}
    files = Files(reads=tuple(languages), writes=(store, inbox))
    return ChildSpec(
        "reader",
        "app.reader.service:make",
        config,
        output,
        log,
        walls=Walls(files=files),
        limits=_READER,
        takes_files=True,
    )


def own_command() -> tuple[str, ...]:
    """The program's own command line, frozen or not; to be run in `find_paths().bundle`."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    return (sys.executable, "-m", "app")

"""How much memory and disk this machine has to give, asked without torch."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.core.words.devices import NO_CARD
from app.core.words.sizes import size

_QUERY = ("--query-gpu=index,uuid,memory.free,memory.total,name", "--format=csv,noheader,nounits")
_PATIENCE = 5.0
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Machine:
    """Where models run here, in bytes.

    `device` is "cuda" or "cpu" and `name` what a person calls it; `free` of `total` is its
    memory, other programs counted. `number_bytes` is what a number takes that is not in 4 bits.
    `disk_free` is the room for models.
    """

    device: str
    name: str
    free: int
    total: int
    number_bytes: int
    disk_free: int

    @property
    def on_card(self) -> bool:
        """Whether models answer on a graphics card."""
        return self.device == "cuda"

    @property
    def words(self) -> str:
        """A sentence for the screen: what it has to give to a model."""
        figures = f"{size(self.free)} of {size(self.total)} of memory are free"
        return f"{self.name}: {figures}." if self.on_card else f"{NO_CARD} {figures}."


def measure(folder: Path, device: str = "") -> Machine:
    """What is free now, with the disk of `folder`; blocks for up to some seconds.

    `device` is where the engine is known to run ("cuda", "cpu"), empty to find out.
    """
    card = None if device == "cpu" or not _torch_knows_cards() else _card()
    disk = _disk_free(folder)
    if card is not None:
        name, free, total = card
        return Machine("cuda", name, free, total, 2, disk)
    # Without what can be swapped out: a model that swaps does not answer in a person's time.
    memory = psutil.virtual_memory()
    return Machine(
        "cpu", "This computer", memory.available, memory.total, _cpu_number_bytes(), disk
    )


def _disk_free(folder: Path) -> int:
    """Of the disk on which `folder` lies or will lie."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _torch_knows_cards() -> bool:
    """Whether the installed torch can use a card, told from its version."""
    try:
        return not importlib.metadata.version("torch").endswith("+cpu")
    except importlib.metadata.PackageNotFoundError:
        return True


def _card() -> tuple[str, int, int] | None:
    """Name, free and total bytes of the card that torch takes first; None without one.

    CUDA puts the fastest card first and does not tell which; the one with the most memory is
    taken for it.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *_QUERY],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
            # No console window flashes up on Windows.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return choose_card(done.stdout, os.environ.get("CUDA_VISIBLE_DEVICES"))


def choose_card(said: str, visible: str | None) -> tuple[str, int, int] | None:
    """The card that torch takes first, of those that nvidia-smi names.

    `visible` is CUDA_VISIBLE_DEVICES. Returns name, free and total bytes.
    """
    cards: list[tuple[str, str, int, int, str]] = []
    for line in said.splitlines():
        parts = [part.strip() for part in line.split(",", 4)]
        if len(parts) == 5 and parts[2].isdigit() and parts[3].isdigit():
            index, uuid, free, total, name = parts
            cards.append((index, uuid, int(free) * _MIB, int(total) * _MIB, name))
    if visible is not None:
        first = visible.split(",")[0].strip()
        cards = [c for c in cards if first and (c[0] == first or c[1].startswith(first))]
    if not cards:
        return None
    _, _, free, total, name = max(cards, key=lambda card: card[3])
    return name, free, total


def _cpu_number_bytes() -> int:
    """Two on a CPU that computes with bfloat16, four on others, as the engine has it."""
    if sys.platform != "linux":
        return 4
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return 4
    return 2 if "avx512_bf16" in flags else 4

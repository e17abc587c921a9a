"""Which build of torch fits this machine, and where to get it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

INDEX = "https://download.pytorch.org/whl/"
# CUDA 13 takes this driver and a card of this compute capability; older ones take CUDA 12.6.
CUDA_13_DRIVER = 580
CUDA_13_CARD = 7.5

# Megabytes on disk, measured on Linux: the CPU build, and the CUDA build with NVIDIA's libraries.
CPU_MB = 698
CUDA_MB = 4700


@dataclass(frozen=True)
class Choice:
    """One way to get torch: words for pip, and what the person should hear before.

    `with_parts` lets pip bring the packages that torch names (NVIDIA's libraries).
    """

    words: tuple[str, ...]
    megabytes: int
    with_parts: bool = False
    note: str = ""


def wanted() -> str:
    """The build for this machine: "cu130" or "cu126" with an NVIDIA driver, "cpu" without."""
    driver = _driver()
    if driver is None:
        return "cpu"
    return "cu130" if driver >= CUDA_13_DRIVER and _oldest_card() >= CUDA_13_CARD else "cu126"


def choices(build: str, version: str, installed: str | None) -> list[Choice]:
    """Ways to get this version in this build, the best first; none where it is there.

    `installed` is the version of a whole torch in the environment, such as
    "2.13.0+cpu". A CUDA build also serves a machine without a card.
    """
    if build == "cpu":
        return [] if installed and _base(installed) == version else _cpu_choices(version)
    on_cuda = installed and _base(installed) == version and _is_cuda(installed)
    if on_cuda:
        # Nothing to fetch, unless one of NVIDIA's libraries is missing.
        return [Choice((f"torch==={installed}",), 0, with_parts=True)]
    index = ("--extra-index-url", INDEX + build)
    ways = [Choice((f"torch=={version}+{build}", *index), CUDA_MB, with_parts=True)]
    if build == "cu130" and sys.platform == "linux":
        # === takes PyPI's build alone and none with a suffix.
        ways.insert(0, Choice((f"torch==={version}",), CUDA_MB, with_parts=True))
    note = (
        "There is an NVIDIA driver, but no CUDA build of torch for it within reach: the CPU build "
        "is installed, which answers slowly. A newer driver may help."
    )
    first, *rest = _cpu_choices(version)
    return [*ways, Choice(first.words, first.megabytes, note=note), *rest]


def _cpu_choices(version: str) -> list[Choice]:
    if sys.platform != "linux":
        return [Choice((f"torch=={version}",), CPU_MB)]
    words = f"torch=={version}+cpu"
    index = ("--extra-index-url", INDEX + "cpu", "--retries", "1", "--timeout", "20")
    # PyPI's build for Linux is the one for CUDA, and does not start without NVIDIA's libraries.
    note = (
        "The CPU build of torch is not within reach of pip, neither in its own sources nor at "
        f"{INDEX}cpu. PyPI's build for CUDA is installed in its place: it works without a card, "
        f"but takes {CUDA_MB / 1000:.1f} GB on disk."
    )
    return [
        Choice((words,), CPU_MB),
        Choice((words, *index), CPU_MB),
        Choice((f"torch=={version}",), CUDA_MB, with_parts=True, note=note),
    ]


def _driver() -> int | None:
    """The NVIDIA driver's main version; None without a driver."""
    if answer := _ask_driver("driver_version"):
        return int(answer[0].split(".")[0])
    if sys.platform == "win32":
        library = Path("C:/Windows/System32/nvcuda.dll")
        return 0 if library.exists() else None
    try:
        text = Path("/proc/driver/nvidia/version").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r"Kernel Module.*?\s(\d+)\.\d", text)
    return int(found[1]) if found else 0


def _oldest_card() -> float:
    """The least compute capability of the cards; 0 where the driver does not say."""
    cards = [float(answer) for answer in _ask_driver("compute_cap")]
    return min(cards, default=0.0)


def _ask_driver(field: str) -> list[str]:
    """What nvidia-smi says, a line per card; nothing without it or without a card."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, f"--query-gpu={field}", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = [line.strip() for line in done.stdout.splitlines()]
    return (
        [line for line in lines if re.fullmatch(r"\d+(\.\d+)*", line)]
        if not done.returncode
        else []
    )


def _base(version: str) -> str:
    return version.split("+", maxsplit=1)[0]


def _is_cuda(version: str) -> bool:
    """PyPI's build bears no suffix; on Linux it is the one for CUDA, elsewhere for the CPU."""
    return "+cu" in version or ("+" not in version and sys.platform == "linux")

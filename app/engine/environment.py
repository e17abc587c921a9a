"""What torch and transformers are imported into: offline, quiet, sized to the machine. No torch."""

from __future__ import annotations

import logging
import mmap
import os
import sys
from pathlib import Path
from typing import Any, cast

import psutil

from app.core import quiet

_VARIABLES = {
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    # Threads that wait give their core away. Spinning, as is the default, they take it from the
    # window and the reader, and where all cores are busy they wait for one another for ever.
    "OMP_WAIT_POLICY": "PASSIVE",
}

# The driver's own, of bitsandbytes' and torch's kernels in Triton, and of torch's compiler.
_CACHES = {
    "CUDA_CACHE_PATH": "cuda",
    "TRITON_CACHE_DIR": "triton",
    "TORCHINDUCTOR_CACHE_DIR": "inductor",
}

# Bytes that importing torch and transformers takes at least: some 750 MB where torch is a build
# for processors alone, more with CUDA's libraries.
_IMPORTED = 768 * 2**20


def settle(cache: Path | None = None) -> None:
    """Set what the libraries read when they are imported; call before the first import.

    What they compile for a card and keep goes into `cache` instead of the person's folder.
    """
    quiet.settle()
    os.environ.update(_VARIABLES)
    if cache is not None:
        for variable, name in _CACHES.items():
            os.environ.setdefault(variable, str(cache / name))
    # Some log while they are imported.
    for name in ("bitsandbytes", "accelerate", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # bitsandbytes and transformers fetch and run code from a hub where this package is installed.
    cast("dict[str, Any]", sys.modules).setdefault("kernels", None)


def check_room() -> None:
    """Raise OSError where there is too little memory to import torch at all.

    torch ends the process where memory ends in the midst of its import, so that nobody could say
    why. What is asked for here is given back at once.
    """
    mmap.mmap(-1, _IMPORTED).close()


def cpu_threads() -> int:
    """Threads for torch: the physical cores, less one for the window where there are enough."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = min(cores, len(os.sched_getaffinity(0)))
    return cores - 1 if cores > 2 else cores

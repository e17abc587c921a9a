"""What torch and transformers are imported into: offline, quiet, sized to the machine."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

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


def settle(cache: Path | None = None) -> None:
    """Set what the libraries read when they are imported; call before the first import.

    What they compile for a card and keep goes into `cache` instead of the person's folder.
    """
    quiet.settle()
    os.environ.update(_VARIABLES)
    if cache is not None:
        for variable, name in _CACHES.items():
            os.environ.setdefault(variable, str(cache / name))
    # bitsandbytes and transformers fetch and run code from a hub where this package is installed.
    cast("dict[str, Any]", sys.modules).setdefault("kernels", None)


def import_libraries() -> None:
    """Import all that loading needs, silence it, and choose the number of threads.

    This takes seconds; done before the first request, the person need not wait for it.
    """
    # bitsandbytes logs while it is imported.
    for name in ("bitsandbytes", "accelerate", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import torch  # noqa: PLC0415 - imported here and nowhere earlier

    with _nothing_compiled():
        import bitsandbytes  # noqa: F401, PLC0415
    from transformers import AutoTokenizer, DynamicCache  # noqa: F401, PLC0415
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    import app.engine.loading.families  # noqa: F401, PLC0415 - imports transformers' classes

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(cpu_threads())


@contextmanager
def _nothing_compiled() -> Iterator[None]:
    """Let nothing be handed to torch's compiler, whose parts take over a second to import.

    bitsandbytes hands it four functions that neither its CPU nor its CUDA kernels
    call; where that fails, it keeps the plain functions.
    """
    import torch  # noqa: PLC0415

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError

    compile_, torch.compile = torch.compile, refuse
    try:
        yield
    finally:
        torch.compile = compile_


def cpu_threads() -> int:
    """Threads for torch: the physical cores, less one for the window where there are enough."""
    import psutil  # noqa: PLC0415

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = min(cores, len(os.sched_getaffinity(0)))
    return cores - 1 if cores > 2 else cores

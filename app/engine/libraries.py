"""torch and transformers made ready: quiet, and as many threads as there is room for."""

from __future__ import annotations

import torch
from transformers.utils import logging

from app.engine.environment import cpu_threads


def prepare() -> None:
    """Silence what was imported, and choose the number of threads.

    The environment was settled before this module was imported.
    """
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(cpu_threads())

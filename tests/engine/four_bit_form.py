"""The 4-bit form of a model, saved and loaded."""

from pathlib import Path

import torch
from uncancelled import never

from app.catalog.checkpoint import inspect
from app.engine.convert import quantising
from app.engine.loading.loader import load
from tests.engine.asking import read_through


def save(spec):
    """Load and save; returns the model's folder."""
    checkpoint = inspect(Path(spec.folder))
    loaded = read_through(load(spec, never))
    assert loaded.checkpoint.folder == Path(spec.folder)
    assert quantising.is_worth_saving(checkpoint)
    quantising.save_four_bit(checkpoint, loaded.model.dtype, loaded.device, lambda: None)
    return Path(spec.folder)


def logits(spec):
    loaded = read_through(load(spec, never))
    with torch.inference_mode():
        ids = torch.arange(4, 200, device=loaded.device)[None]
        return loaded.model(input_ids=ids).logits, loaded

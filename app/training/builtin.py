"""The whole way from random weights to a checkpoint, phase by phase.

Every phase leaves a file in the work folder; what is there is not done again.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from transformers import MistralForCausalLM

from app.training.assembly import assemble, export, processor
from app.training.checkpoints import Phase, device, train
from app.training.config import Size
from app.training.language import copying_batch, new_decoder, recall_batch, text_loss
from app.training.samples import TextBatches
from app.training.stages import align, instruct, look
from app.training.tokenizer import Encoder, load_tokenizer
from app.training.tower import TowerTask, tower_batch

# One in so many steps of the text phase's first part still trains looking up alone.
_RECALL_EVERY = 5


def build(size: Size, work: Path, out: Path, seed: int = 0) -> int:
    """Train what is not trained yet and write the checkpoint; return its bytes."""
    tokenizer = load_tokenizer(work / "tokenizer", size, seed)
    encoder = Encoder(tokenizer)
    decoder = trained_decoder(size, encoder, work, seed)
    tower = trained_tower(size, work, seed)
    model = assemble(size, tower.tower, decoder, seed)
    nn.Module.to(model, device())
    cutter = processor(size, tokenizer)
    align(size, model, encoder, cutter, work)
    look(size, model, encoder, work)
    instruct(size, model, encoder, cutter, work)
    return export(model, cutter, out, size.most_bytes)


def trained_decoder(size: Size, encoder: Encoder, work: Path, seed: int) -> MistralForCausalLM:
    """The language model before it has seen a picture: copying, looking up, reading."""
    model = new_decoder(size, seed)
    nn.Module.to(model, device())
    train(
        Phase("copy", size.copy_steps, 2e-3, 100),
        model,
        lambda step: text_loss(model, copying_batch(size, seed, step)),
        work,
    )
    train(
        Phase("recall", size.recall_steps, 2e-3),
        model,
        lambda step: text_loss(model, recall_batch(size, encoder, seed, step)),
        work,
    )
    ramp = size.text_steps * 3 // 7
    documents = TextBatches(encoder, f"{seed} text", size.text_tokens, length=(0.0, 0.8), ramp=ramp)

    def loss(step: int) -> torch.Tensor:
        if step < ramp and step % _RECALL_EVERY == 0:
            return text_loss(model, recall_batch(size, encoder, seed + 1, size.recall_steps + step))
        return text_loss(model, documents(step))

    train(Phase("text", size.text_steps, 1.5e-3, final=0.05), model, loss, work)
    return model


def trained_tower(size: Size, work: Path, seed: int) -> TowerTask:
    """The vision tower with the heads of its own task."""
    task = TowerTask(size, seed).to(device())

    def loss(step: int) -> torch.Tensor:
        pixels, tiles = tower_batch(size, seed, step)
        return task(pixels.to(device()), tiles)

    train(Phase("tower", size.tower_steps, 1.5e-3, 100, 0.05), task, loss, work)
    return freeze(task)


def freeze(task: TowerTask) -> TowerTask:
    """Nothing of the tower learns from here on."""
    nn.Module.requires_grad_(task, requires_grad=False)
    return task

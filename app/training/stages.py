"""LLaVA's two stages: align the projector, then instruct projector and decoder.

Rates follow the published recipe in kind, not in size: these are small models
from scratch, and theirs were large and trained before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import nn
from transformers import LlavaNextForConditionalGeneration, LlavaNextProcessor

from app.engine.four_bit import dequantize_4bit, quantize_4bit
from app.training.checkpoints import Phase, device, train
from app.training.config import Size
from app.training.language import answer_loss, recall_batch
from app.training.overviews import OverviewBatches, overview_loss
from app.training.pictures import PictureBatch, PictureBatches
from app.training.samples import TextBatches
from app.training.synthetic.shapes import COLOURS, SHAPES
from app.training.tokenizer import Encoder
from app.training.tower import FEATURE_LAYER, Tile, tower_batch

# Tokens of a step beside the pictures: questions on texts, and looking up random tokens,
# without which the words that the texts rarely have cannot be copied any more.
_TEXT_TOKENS, _RECALL_TOKENS = 1100, 800
_TEXT_LENGTH = (0.3, 1.2)
# What learns in stage 2, by its names.
_INSTRUCTED = ("multi_modal_projector", "image_newline", "language_model", "lm_head")


def picture_loss(model: LlavaNextForConditionalGeneration, batch: PictureBatch) -> torch.Tensor:
    """Cross entropy of the answers of one batch with pictures."""
    where = device()
    inputs = {name: value.to(where) for name, value in batch.inputs.items()}
    hidden = model.model(**inputs).last_hidden_state
    return answer_loss(hidden, model.lm_head, batch.labels.to(where))


def align(
    size: Size,
    model: LlavaNextForConditionalGeneration,
    encoder: Encoder,
    cutter: LlavaNextProcessor,
    work: Path,
) -> None:
    """Stage 1: first patches, then captions, and nothing but the projector learns.

    Captions alone leave a small decoder guessing which of hundreds of patches a
    word stands for. So the projector first says of each patch what the decoder
    has words for: the sum of the vectors of its colour and its shape.
    """
    only(model, ("multi_modal_projector", "image_newline"))
    words = WordVectors(model, encoder)
    train(
        Phase("patches", size.patch_steps, 2e-3, 20, 0.05),
        model,
        lambda step: words.loss(*tower_batch(replace(size, tower_steps=1), 2, step + 1)),
        work,
    )
    batches = PictureBatches(
        encoder, cutter, "0 align", size.align_batch, captions=True, ramp=size.align_steps
    )
    phase = Phase("align", size.align_steps, 2e-3, 20)
    train(phase, model, lambda step: picture_loss(model, batches(step)), work)


class WordVectors:
    """Patches as sums of the decoder's own vectors: a colour and a shape, or the ground."""

    def __init__(self, model: LlavaNextForConditionalGeneration, encoder: Encoder) -> None:
        self._model = model
        vectors = cast("torch.Tensor", model.get_input_embeddings().weight).detach()

        def mean(word: str) -> torch.Tensor:
            return vectors[torch.tensor(encoder.plain(word), device=vectors.device)].mean(0)

        ground = mean(" ")
        self._colours = torch.stack([ground, *(mean(name) for name in COLOURS)])
        self._shapes = torch.stack([torch.zeros_like(ground), *(mean(name) for name in SHAPES)])

    def loss(self, pixels: torch.Tensor, tiles: Sequence[Tile]) -> torch.Tensor:
        """How far projected patches lie from their sums; pixels (batch, 3, tile, tile)."""
        where = self._colours.device
        tower = cast("nn.Module", self._model.model.vision_tower)
        projector = cast("nn.Module", self._model.model.multi_modal_projector)
        hidden = tower(pixels.to(where), output_hidden_states=True).hidden_states
        given = projector(hidden[FEATURE_LAYER][:, 1:])
        local = torch.from_numpy(np.stack([one.local for one in tiles])).to(where)
        wanted = self._shapes[local[..., 0]] + self._colours[local[..., 1]]
        each = (given.float() - wanted.float()).square().sum(-1) / wanted.float().var()
        on = (local[..., 0] > 0).float()
        return (each * on).sum() / on.sum().clamp(min=1) + each.mean()


class Beside:
    """What the decoder is asked without a picture while it learns about pictures."""

    def __init__(self, size: Size, encoder: Encoder, seed: str) -> None:
        self._size = replace(size, recall_tokens=_RECALL_TOKENS)
        self._encoder = encoder
        self._texts = TextBatches(encoder, seed, _TEXT_TOKENS, length=_TEXT_LENGTH, ramp=1)

    def loss(self, model: LlavaNextForConditionalGeneration, step: int) -> torch.Tensor:
        """Cross entropy of the answers of one step, each kind's mean."""
        rows = recall_batch(self._size, self._encoder, 1, self._size.recall_steps + step)
        return self._of(model, self._texts(step)) + self._of(model, rows)

    def _of(
        self, model: LlavaNextForConditionalGeneration, batch: tuple[torch.Tensor, torch.Tensor]
    ) -> torch.Tensor:
        ids, labels = (one.to(device()) for one in batch)
        hidden = model.model.language_model(input_ids=ids).last_hidden_state
        return answer_loss(hidden, model.lm_head, labels)


def look(
    size: Size, model: LlavaNextForConditionalGeneration, encoder: Encoder, work: Path
) -> None:
    """Stage 2's beginning: to look things up in one tile."""
    only(model, _INSTRUCTED)
    scenes = OverviewBatches(encoder, size, "0 look", size.look_steps // 3)
    beside = Beside(size, encoder, "0 look text")
    train(
        Phase("look", size.look_steps, 1e-3, 50, 0.3),
        model,
        lambda step: overview_loss(model, scenes(step)) + beside.loss(model, step),
        work,
    )


def instruct(
    size: Size,
    model: LlavaNextForConditionalGeneration,
    encoder: Encoder,
    cutter: LlavaNextProcessor,
    work: Path,
) -> None:
    """Stage 2: questions with and without pictures; the tower stays as it is.

    The decoder answers through 4-bit weights, as it will in the engine, so that
    what rounding takes away is learned back.
    """
    only(model, _INSTRUCTED)
    seen = PictureBatches(encoder, cutter, "0 instruct", size.instruct_batch, captions=False)
    beside = Beside(size, encoder, "0 instruct text")

    def loss(step: int) -> torch.Tensor:
        with four_bit(model):
            return picture_loss(model, seen(step)) + beside.loss(model, step)

    train(Phase("instruct", size.instruct_steps, 8e-4, 50, 0.02), model, loss, work)


def only(model: LlavaNextForConditionalGeneration, trained: tuple[str, ...]) -> None:
    """Let these parts learn, by their names, and no other."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(any(part in name for part in trained))


@contextmanager
def four_bit(model: LlavaNextForConditionalGeneration) -> Iterator[None]:
    """The decoder's linear weights rounded to nf4 inside, and exact again outside.

    Gradients pass straight through: the exact weights take the step that the
    rounded ones asked for.
    """
    exact: list[tuple[torch.nn.Parameter, torch.Tensor]] = []
    for name, parameter in model.model.language_model.named_parameters():
        if name.endswith("_proj.weight"):
            rounded, state = quantize_4bit(
                parameter.data, quant_type="nf4", compress_statistics=True
            )
            exact.append((parameter, parameter.data))
            parameter.data = dequantize_4bit(rounded, state).to(parameter.dtype)
    try:
        yield
    finally:
        for parameter, data in exact:
            parameter.data = data

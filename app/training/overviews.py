"""Scenes as one tile, the overview: where the decoder learns to look things up in a picture.

Among the hundreds of tokens of a whole picture with its tiles, a small decoder
does not find out for hours which one a question is about. In one tile of a
picture with one shape it does within minutes, and then goes on to more.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from PIL import Image
from torch import nn
from transformers import LlavaNextForConditionalGeneration

from app.training.checkpoints import device
from app.training.config import IMAGE, Size
from app.training.language import IGNORED, answer_loss, padded
from app.training.pictures import scene_with_questions
from app.training.synthetic.shapes import MOST
from app.training.tokenizer import Encoder
from app.training.tower import FEATURE_LAYER, normalised


@dataclass(frozen=True, slots=True)
class OverviewBatch:
    """Pixels (batch, 3, tile, tile); ids and labels (batch, length)."""

    pixels: torch.Tensor
    ids: torch.Tensor
    labels: torch.Tensor


class OverviewBatches:
    """Batches by step number: one shape at first, after `ramp` steps as many as there may be."""

    def __init__(self, encoder: Encoder, size: Size, seed: str, ramp: int) -> None:
        self._encoder = encoder
        self._size = size
        self._seed = seed
        self._ramp = ramp

    def __call__(self, step: int) -> OverviewBatch:
        """Make the batch of this step."""
        chance = random.Random(f"{self._seed} {step}")
        most = 1 + round((MOST - 1) * min(1.0, step / max(1, self._ramp)))
        side, tokens = self._size.tile, (self._size.tile // self._size.patch) ** 2
        tiles: list[np.ndarray] = []
        rows: list[tuple[list[int], list[int]]] = []
        for _ in range(self._size.look_batch):
            sample = scene_with_questions(chance, most)
            picture = sample.picture.convert("RGB")
            tiles.append(np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC)))
            asked = [(one.text, one.answer) for one in sample.asked]
            ids, own = self._encoder.conversation(asked, (), tokens)
            rows.append(
                (ids, [token if mine else IGNORED for token, mine in zip(ids, own, strict=True)])
            )
        return OverviewBatch(normalised(np.stack(tiles)), *padded(rows))


def overview_loss(model: LlavaNextForConditionalGeneration, batch: OverviewBatch) -> torch.Tensor:
    """Cross entropy of the answers, with the projected tile in the place of its tokens."""
    pixels, ids, labels = (one.to(device()) for one in (batch.pixels, batch.ids, batch.labels))
    tower = cast("nn.Module", model.model.vision_tower)
    projector = cast("nn.Module", model.model.multi_modal_projector)
    with torch.no_grad():
        seen = tower(pixels, output_hidden_states=True).hidden_states[FEATURE_LAYER][:, 1:]
    given = projector(seen)
    vectors = model.get_input_embeddings()(ids)
    vectors = vectors.masked_scatter((ids == IMAGE).unsqueeze(-1), given.to(vectors.dtype))
    hidden = model.model.language_model(inputs_embeds=vectors).last_hidden_state
    return answer_loss(hidden, model.lm_head, labels)

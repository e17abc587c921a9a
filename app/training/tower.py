"""The vision tower's own training: what is where on a tile, told patch by patch.

The published models took a tower that had been trained on 400 million captioned
pictures. Here it learns a cheap task instead: every patch says which shape and
which colour it lies on and whether a shape's centre is in it, and any patch says
what holds for the whole tile: how many there are of each shape, which colour each
shape has, what kind of picture it is. Read from the layer that LLaVA reads.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional
from transformers import CLIPVisionConfig, CLIPVisionModel

from app.training.config import Size
from app.training.synthetic.makers import document
from app.training.synthetic.rendering import KINDS, chart, draw
from app.training.synthetic.shapes import COLOURS, SHAPES, Placed, scene
from app.training.synthetic.words import Split

# CLIP's own, per channel of 0 to 1; the image processor's files say the same.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
# LLaVA reads the last layer but one.
FEATURE_LAYER = -2
_MOST = 7
_MIXED = len(COLOURS) + 1


def vision_config(size: Size) -> CLIPVisionConfig:
    """The tower's shape."""
    return CLIPVisionConfig(
        hidden_size=size.tower_width,
        intermediate_size=4 * size.tower_width,
        num_hidden_layers=size.tower_layers,
        num_attention_heads=size.tower_heads,
        image_size=size.tile,
        patch_size=size.patch,
        hidden_act="gelu",
    )


class TowerTask(nn.Module):
    """The tower and the heads that only its training needs."""

    def __init__(self, size: Size, seed: int) -> None:
        torch.manual_seed(seed)
        super().__init__()
        self.tower = CLIPVisionModel(vision_config(size))
        width = size.tower_width
        self.norm = nn.LayerNorm(width)
        self.local = nn.Linear(width, len(SHAPES) + 1 + len(COLOURS) + 1 + 1)
        self.whole = nn.Linear(
            width, (len(SHAPES) + 1) * _MOST + len(SHAPES) * (_MIXED + 1) + len(KINDS)
        )

    def forward(self, pixels: torch.Tensor, tiles: Sequence[Tile]) -> torch.Tensor:
        """Loss of a batch; pixels (batch, 3, tile, tile)."""
        hidden = self.tower(pixels, output_hidden_states=True).hidden_states[FEATURE_LAYER]
        hidden = self.norm(hidden[:, 1:])
        shapes, colours = len(SHAPES) + 1, len(COLOURS) + 1
        shape, colour, centre = self.local(hidden).split((shapes, colours, 1), -1)
        where = torch.from_numpy(np.stack([one.local for one in tiles])).to(pixels.device)
        loss = _local_loss(shape, where[..., 0]) + _local_loss(colour, where[..., 1])
        loss = loss + 2 * functional.binary_cross_entropy_with_logits(
            centre.squeeze(-1).float(), where[..., 2].float()
        )
        # Any patch may be asked for what holds for all: some of them, and their mean.
        some = torch.randint(hidden.shape[1], (6,), device=hidden.device)
        asked = torch.cat([hidden[:, some], hidden.mean(1, keepdim=True)], 1)
        told = self.whole(asked)
        wanted = torch.from_numpy(np.stack([one.whole for one in tiles])).to(pixels.device)
        counts, kinds = (len(SHAPES) + 1) * _MOST, len(KINDS)
        number, looks, kind = told.split((counts, told.shape[-1] - counts - kinds, kinds), -1)
        heads = (
            (number.unflatten(-1, (-1, _MOST)), wanted[:, : len(SHAPES) + 1]),
            (looks.unflatten(-1, (-1, _MIXED + 1)), wanted[:, len(SHAPES) + 1 : -1]),
            (kind.unsqueeze(-2), wanted[:, -1:]),
        )
        for logits, right in heads:
            target = right.unsqueeze(1).expand(-1, logits.shape[1], -1)
            loss = loss + 0.5 * functional.cross_entropy(
                logits.flatten(0, 2).float(), target.flatten(), ignore_index=-100
            )
        return loss


def _local_loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cross entropy of (batch, patches, classes); patches on a shape count as much as the ground.

    Nine of ten patches show nothing: in a plain mean they hide the others.
    """
    each = functional.cross_entropy(
        logits.flatten(0, 1).float(), wanted.flatten(), reduction="none"
    )
    on = (wanted.flatten() > 0).float()
    return (each * on).sum() / on.sum().clamp(min=1) + (each * (1 - on)).mean()


class Tile:
    """One tile and its labels.

    `local` is (patches, 3): shape, colour (0 is none) and whether a centre lies
    there; `whole` counts each shape and all, gives each shape's one colour
    (0 none, the last for several), and the kind of picture. -100 is not asked.
    """

    def __init__(
        self,
        picture: Image.Image,
        kind: int,
        placed: tuple[Placed, ...],
        size: Size,
        chance: random.Random,
        ease: float = 0.0,
    ) -> None:
        near = chance.choice(placed) if placed and chance.random() < ease else None
        left, top, right, bottom = _region(chance, *picture.size, near)
        tile = size.tile
        self.pixels = np.asarray(
            picture.resize((tile, tile), Image.Resampling.BICUBIC, box=(left, top, right, bottom))
        )
        grid = tile // size.patch
        across, down = (right - left) / grid, (bottom - top) / grid
        xs = left + (np.arange(grid) + 0.5) * across
        ys = top + (np.arange(grid) + 0.5) * down
        local = np.zeros((grid, grid, 3), dtype=np.int64)
        inside = []
        for one in placed:
            on = np.hypot(xs[None, :] - one.x, ys[:, None] - one.y) < 0.8 * one.radius
            local[on, 0] = SHAPES.index(one.shape) + 1
            local[on, 1] = list(COLOURS).index(one.colour) + 1
            if left <= one.x < right and top <= one.y < bottom:
                inside.append(one)
                local[int((one.y - top) / down), int((one.x - left) / across), 2] = 1
        self.local = local.reshape(-1, 3)
        counted = Counter(one.shape for one in inside)
        looks = []
        for name in SHAPES:
            colours = {one.colour for one in inside if one.shape == name}
            looks.append(
                0
                if not colours
                else list(COLOURS).index(colours.pop()) + 1
                if len(colours) == 1
                else _MIXED
            )
        self.whole = np.array(
            [
                *(min(_MOST - 1, counted[name]) for name in SHAPES),
                min(_MOST - 1, len(inside)),
                *looks,
                kind,
            ]
        )
        if KINDS[kind] != "shapes":
            self.whole[:-1] = -100


def _region(
    chance: random.Random, width: int, height: int, near: Placed | None
) -> tuple[float, float, float, float]:
    """What to show: close to a shape, the whole picture as the overview does, or a part."""
    if near:
        side = near.radius * chance.uniform(2.5, 5)
        left = near.x - side * chance.uniform(0.4, 0.6)
        top = near.y - side * chance.uniform(0.4, 0.6)
        return max(0, left), max(0, top), min(width, left + side), min(height, top + side)
    if chance.random() < 0.5:
        return 0, 0, width, height
    across, down = chance.uniform(0.45, 1) * width, chance.uniform(0.45, 1) * height
    left, top = chance.uniform(0, width - across), chance.uniform(0, height - down)
    return left, top, left + across, top + down


def tile(chance: random.Random, split: Split, size: Size, kind: str, ease: float = 0.0) -> Tile:
    """A tile out of a fresh picture of this kind; `ease` is the share of close-ups of a shape."""
    placed: tuple[Placed, ...] = ()
    if kind == "shapes":
        made = scene(chance, split)
        picture, placed = made.picture, made.placed
    elif kind == "chart":
        picture = chart(chance, split)[0]
    else:
        while (paper := document(chance, split, chance.random() * 0.6)).kind != kind:
            pass
        picture = draw(paper, chance, split)
    return Tile(picture.convert("RGB"), KINDS.index(kind), placed, size, chance, ease)


def tower_batch(size: Size, seed: int, step: int) -> tuple[torch.Tensor, list[Tile]]:
    """Pixels (batch, 3, tile, tile) and their tiles: seven of eight show shapes.

    Close-ups come first: what a shape is, is learned on those.
    """
    chance = random.Random(f"{seed} tower {step}")
    ease = max(0.0, 0.9 - 1.2 * step / size.tower_steps)
    others = [kind for kind in KINDS if kind != "shapes"]
    tiles = [
        tile(
            chance,
            Split.TRAINED,
            size,
            chance.choice(others) if index % 8 == 0 else "shapes",
            ease,
        )
        for index in range(size.tower_batch)
    ]
    return normalised(np.stack([one.pixels for one in tiles])), tiles


def normalised(pixels: np.ndarray) -> torch.Tensor:
    """(batch, height, width, 3) of 0 to 255 as the tower takes them, (batch, 3, height, width)."""
    scaled = (torch.from_numpy(pixels).float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    return scaled.permute(0, 3, 1, 2)

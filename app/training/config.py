"""Sizes of the models that can be made here, and how long each phase takes."""

from __future__ import annotations

from dataclasses import dataclass

# The first ids of the vocabulary; the tokenizer is trained with them in this order.
PAD, BOS, EOS, IMAGE = 0, 1, 2, 3
SPECIALS = ("<pad>", "<s>", "</s>", "<image>")


@dataclass(frozen=True, slots=True)
class Size:
    """One model: its shape and its training.

    Widths are in channels, pictures in pixels, `grids` (height, width) in pixels.
    `*_steps` count optimiser steps, `*_batch` samples of one step, `*_tokens` its tokens.
    """

    name: str
    vocabulary: int
    width: int
    layers: int
    heads: int
    inner: int
    context: int
    tower_width: int
    tower_layers: int
    tower_heads: int
    tile: int
    patch: int
    grids: tuple[tuple[int, int], ...]
    copy_steps: int
    copy_batch: int
    recall_steps: int
    recall_tokens: int
    text_steps: int
    text_tokens: int
    tower_steps: int
    tower_batch: int
    patch_steps: int
    align_steps: int
    align_batch: int
    look_steps: int
    look_batch: int
    instruct_steps: int
    instruct_batch: int
    most_bytes: int = 2**40


# Some hours on two processor cores. The files have to come along with the program.
BUILTIN = Size(
    name="builtin",
    vocabulary=1556,
    width=192,
    layers=4,
    heads=6,
    inner=512,
    context=4096,
    tower_width=128,
    tower_layers=5,
    tower_heads=4,
    tile=168,
    patch=14,
    grids=((168, 336), (336, 168)),
    copy_steps=750,
    copy_batch=48,
    recall_steps=400,
    recall_tokens=3000,
    text_steps=7000,
    text_tokens=3000,
    tower_steps=3000,
    tower_batch=24,
    patch_steps=400,
    align_steps=150,
    align_batch=16,
    look_steps=1300,
    look_batch=14,
    instruct_steps=1500,
    instruct_batch=12,
    most_bytes=16 * 2**20,
)

# The same classes for a graphics card; nobody has trained it yet.
LARGE = Size(
    name="large",
    vocabulary=1556,
    width=768,
    layers=12,
    heads=12,
    inner=2048,
    context=4096,
    tower_width=512,
    tower_layers=12,
    tower_heads=8,
    tile=336,
    patch=14,
    grids=((336, 672), (672, 336), (672, 672)),
    copy_steps=1500,
    copy_batch=256,
    recall_steps=1500,
    recall_tokens=30_000,
    text_steps=20_000,
    text_tokens=60_000,
    tower_steps=30_000,
    tower_batch=128,
    patch_steps=2000,
    align_steps=4000,
    align_batch=64,
    look_steps=4000,
    look_batch=64,
    instruct_steps=40_000,
    instruct_batch=32,
)

SIZES = {size.name: size for size in (BUILTIN, LARGE)}

"""A quick look: the one tile that shows a whole picture, without those of its parts.

The models that cut pictures into tiles put this one before them, made by resizing the picture to
the tower's square. Alone it goes to the decoder as LLaVA-1.5's one tile does: its patches, with
nothing after them.
"""

from __future__ import annotations

from typing import Any, cast

import torch


def overview_tokens(config: Any) -> int:
    """How many tokens the overview takes: 576 of a tower of 336 pixels in patches of 14."""
    vision = config.vision_config
    tokens = (vision.image_size // vision.patch_size) ** 2
    # CLIP puts one for the whole picture before those of the patches, which some keep.
    kept = vision.model_type == "clip_vision_model"
    return tokens + (kept and config.vision_feature_select_strategy == "full")


def overview_pixels(images: Any, image: Any) -> torch.Tensor:
    """(1, 3, side, side) of an RGB image, by a model's own image processor."""
    side = (images.crop_size or images.size)["height"]
    small = image.resize((side, side), images.resample)
    # The processor has no way to leave the tiles out. Of a picture this small it makes one.
    cut = images(images=[small], image_grid_pinpoints=[[side, side]], return_tensors="pt")
    return cut["pixel_values"][0, :1]


def overview_features(model: Any, pixels: torch.Tensor) -> torch.Tensor:
    """(tokens, width of the decoder) of `overview_pixels`; to be called in inference mode."""
    config = model.config
    found = model.model.vision_tower(pixels, output_hidden_states=True, return_dict=True)
    named = config.vision_feature_layer
    layers = cast("list[int]", named) if isinstance(named, list) else [named]
    chosen = torch.cat([found.hidden_states[layer] for layer in layers], dim=-1)
    if config.vision_feature_select_strategy == "default":
        chosen = chosen[:, 1:]
    return model.model.multi_modal_projector(chosen)[0]

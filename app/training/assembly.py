"""Tower, projector and decoder put together as a LLaVA-NeXT model, and written as a checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from transformers import (
    CLIPVisionModel,
    LlavaNextConfig,
    LlavaNextForConditionalGeneration,
    LlavaNextProcessor,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
)
from transformers.models.llava_next.image_processing_pil_llava_next import (
    LlavaNextImageProcessorPil,
)

from app.core.model import PromptFormat
from app.training.config import IMAGE, Size
from app.training.language import text_config
from app.training.tower import FEATURE_LAYER, MEAN, STD, vision_config


def assemble(
    size: Size, tower: CLIPVisionModel, decoder: MistralForCausalLM, seed: int
) -> LlavaNextForConditionalGeneration:
    """Put the trained parts together with a fresh projector."""
    torch.manual_seed(seed)
    config = LlavaNextConfig(
        vision_config=vision_config(size),
        text_config=text_config(size),
        image_token_index=IMAGE,
        projector_hidden_act="gelu",
        vision_feature_layer=FEATURE_LAYER,
        vision_feature_select_strategy="default",
        image_grid_pinpoints=[list(grid) for grid in size.grids],
        tie_word_embeddings=True,
    )
    # How the model was taught to be asked; the catalog reads it from the checkpoint.
    config.update({"prompt_format": PromptFormat.BUILTIN.value})
    model = LlavaNextForConditionalGeneration(config)
    model.model.vision_tower.load_state_dict(tower.state_dict())
    model.model.language_model.load_state_dict(decoder.model.state_dict())
    model.tie_weights()
    # What the published models start from: rows of tiles end with a small random vector.
    with torch.no_grad():
        model.model.image_newline.normal_(0, 0.02)
    return model


def processor(size: Size, tokenizer: PreTrainedTokenizerFast) -> LlavaNextProcessor:
    """What cuts pictures into tiles, with this size's grids."""
    images = LlavaNextImageProcessorPil(
        size={"shortest_edge": size.tile},
        crop_size={"height": size.tile, "width": size.tile},
        image_grid_pinpoints=[list(grid) for grid in size.grids],
        image_mean=list(MEAN),
        image_std=list(STD),
    )
    return LlavaNextProcessor(
        images,
        tokenizer,
        patch_size=size.patch,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )


def export(
    model: LlavaNextForConditionalGeneration,
    cutter: LlavaNextProcessor,
    folder: Path,
    most_bytes: int,
) -> int:
    """Write the checkpoint in 16 bits; return the size of its files in bytes.

    Raises ValueError when they come to more than `most_bytes`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    nn.Module.to(model, torch.bfloat16)
    model.save_pretrained(str(folder))
    cutter.save_pretrained(str(folder))
    written = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    if written > most_bytes:
        message = f"The checkpoint takes {written} bytes, and {most_bytes} are allowed."
        raise ValueError(message)
    return written

"""Which classes of transformers compute each family of models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import transformers
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.llava_next.image_processing_pil_llava_next import (
    LlavaNextImageProcessorPil,
)
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from app.catalog.families import FAMILIES, Tower
from app.core.model import Architecture
from app.engine.vision.onevision import PictureProcessor


@dataclass(frozen=True, slots=True)
class Classes:
    """Concrete classes, so that no checkpoint can name another one or bring its own code.

    `picture_options` override what the checkpoint's image processor says;
    `counting` are the sizes by which the processor counts a picture's tokens,
    taken from the model's config: published processors leave some of them out.
    """

    config: Any
    model: Any
    processor: Any
    image_processor: Any
    counting: Callable[[Any], dict[str, Any]]
    picture_options: dict[str, Any] = field(default_factory=dict[str, Any])


def _patches(tower: Tower, config: Any) -> dict[str, Any]:
    return {
        "patch_size": config.vision_config.patch_size,
        "vision_feature_select_strategy": config.vision_feature_select_strategy,
        "num_additional_image_tokens": tower.class_tokens,
    }


def _tiles(config: Any) -> dict[str, Any]:
    vision = config.vision_config
    return {
        "num_image_tokens": (vision.image_size // vision.patch_size) ** 2,
        "vision_feature_select_strategy": config.vision_feature_select_strategy,
        "vision_aspect_ratio": config.vision_aspect_ratio,
    }


def _patches_of(architecture: Architecture) -> Callable[[Any], dict[str, Any]]:
    return partial(_patches, FAMILIES[architecture].tower)


CLASSES = {
    # Published image processors crop the picture's sides off; LLaVA-1.5 was trained on whole
    # pictures padded to a square.
    Architecture.LLAVA: Classes(
        transformers.LlavaConfig,
        transformers.LlavaForConditionalGeneration,
        transformers.LlavaProcessor,
        LlavaImageProcessorPil,
        _patches_of(Architecture.LLAVA),
        {"do_pad": True},
    ),
    Architecture.LLAVA_NEXT: Classes(
        transformers.LlavaNextConfig,
        transformers.LlavaNextForConditionalGeneration,
        transformers.LlavaNextProcessor,
        LlavaNextImageProcessorPil,
        _patches_of(Architecture.LLAVA_NEXT),
    ),
    # Trained on many small pictures, each stretched to SigLIP's square.
    Architecture.LLAVA_INTERLEAVE: Classes(
        transformers.LlavaConfig,
        transformers.LlavaForConditionalGeneration,
        transformers.LlavaProcessor,
        SiglipImageProcessorPil,
        _patches_of(Architecture.LLAVA_INTERLEAVE),
    ),
    Architecture.LLAVA_ONEVISION: Classes(
        transformers.LlavaOnevisionConfig,
        transformers.LlavaOnevisionForConditionalGeneration,
        PictureProcessor,
        LlavaOnevisionImageProcessorPil,
        _tiles,
    ),
}

# What models in their authors' own layout write with.
ORIGINAL_DECODERS = {"llama": transformers.LlamaConfig, "mistral": transformers.MistralConfig}

"""Which transformers classes each architecture is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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

from app.core.model import Architecture
from app.engine.vision.onevision import PictureProcessor

# Packages of transformers.models by what they are for: what the tokenizers' and the configs'
# own modules import, and what each architecture's checkpoints are made of.
_IMPORTED = ("auto", "encoder_decoder", "gpt2")
_MADE_OF = {
    Architecture.LLAVA_NEXT: ("llava_next", "clip", "llama", "mistral", "qwen2"),
    Architecture.LLAVA: ("llava", "clip", "llama", "mistral"),
    Architecture.LLAVA_INTERLEAVE: ("llava", "siglip", "qwen2"),
    Architecture.LLAVA_ONEVISION: ("llava_onevision", "siglip", "qwen2"),
}


@dataclass(frozen=True, slots=True)
class Family:
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


def packages() -> frozenset[str]:
    """Every package of transformers.models that a model of ours needs; imports nothing."""
    return frozenset(_IMPORTED).union(*(_MADE_OF[architecture] for architecture in Architecture))


def family(architecture: Architecture) -> Family:
    """The classes of an architecture; imports transformers."""
    match architecture:
        case Architecture.LLAVA_NEXT:
            return Family(
                transformers.LlavaNextConfig,
                transformers.LlavaNextForConditionalGeneration,
                transformers.LlavaNextProcessor,
                LlavaNextImageProcessorPil,
                _patches_of_clip,
            )
        case Architecture.LLAVA:
            # Published image processors crop the picture's sides off; LLaVA-1.5 was
            # trained on whole pictures padded to a square.
            return Family(
                transformers.LlavaConfig,
                transformers.LlavaForConditionalGeneration,
                transformers.LlavaProcessor,
                LlavaImageProcessorPil,
                _patches_of_clip,
                {"do_pad": True},
            )
        case Architecture.LLAVA_INTERLEAVE:
            # Trained on many small pictures, each stretched to SigLIP's square.
            return Family(
                transformers.LlavaConfig,
                transformers.LlavaForConditionalGeneration,
                transformers.LlavaProcessor,
                SiglipImageProcessorPil,
                _patches_of_siglip,
            )
        case Architecture.LLAVA_ONEVISION:
            return Family(
                transformers.LlavaOnevisionConfig,
                transformers.LlavaOnevisionForConditionalGeneration,
                PictureProcessor,
                LlavaOnevisionImageProcessorPil,
                _patches_of_tiles,
            )


def _patches_of_clip(config: Any) -> dict[str, Any]:
    return {
        "patch_size": config.vision_config.patch_size,
        "vision_feature_select_strategy": config.vision_feature_select_strategy,
        # CLIP puts one token for the whole picture before those of the patches.
        "num_additional_image_tokens": 1,
    }


def _patches_of_siglip(config: Any) -> dict[str, Any]:
    return {**_patches_of_clip(config), "num_additional_image_tokens": 0}


def _patches_of_tiles(config: Any) -> dict[str, Any]:
    vision = config.vision_config
    return {
        "num_image_tokens": (vision.image_size // vision.patch_size) ** 2,
        "vision_feature_select_strategy": config.vision_feature_select_strategy,
        "vision_aspect_ratio": config.vision_aspect_ratio,
    }

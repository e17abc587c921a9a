"""LLaVA-OneVision's processor for pictures alone."""

from __future__ import annotations

from typing import Any

from transformers import LlavaOnevisionProcessor


class PictureProcessor(LlavaOnevisionProcessor):
    """Has no part for video, which would ask for torchvision.

    transformers takes the parts of a processor from the names in `__init__`.
    """

    def __init__(self, image_processor: Any, tokenizer: Any, **sizes: Any) -> None:
        parent: Any = super()
        parent.__init__(image_processor, tokenizer, **sizes)

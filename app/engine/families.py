"""Which transformers classes each architecture is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.core.model import Architecture


@dataclass(frozen=True, slots=True)
class Family:
    """Concrete classes, so that no checkpoint can name another one or bring its own code.

    `picture_options` override what the checkpoint's image processor says.
    """

    config: Any
    model: Any
    processor: Any
    image_processor: Any
    picture_options: dict[str, Any] = field(default_factory=dict[str, Any])


def family(architecture: Architecture) -> Family:
    """The classes of an architecture; imports transformers."""
    import transformers  # noqa: PLC0415 - after the environment is settled
    from transformers.models.llava.image_processing_pil_llava import (  # noqa: PLC0415
        LlavaImageProcessorPil,
    )
    from transformers.models.llava_next.image_processing_pil_llava_next import (  # noqa: PLC0415
        LlavaNextImageProcessorPil,
    )

    match architecture:
        case Architecture.LLAVA_NEXT:
            return Family(
                transformers.LlavaNextConfig,
                transformers.LlavaNextForConditionalGeneration,
                transformers.LlavaNextProcessor,
                LlavaNextImageProcessorPil,
            )
        case Architecture.LLAVA:
            # Published image processors crop the picture's sides off; LLaVA-1.5 was
            # trained on whole pictures padded to a square.
            return Family(
                transformers.LlavaConfig,
                transformers.LlavaForConditionalGeneration,
                transformers.LlavaProcessor,
                LlavaImageProcessorPil,
                {"do_pad": True},
            )

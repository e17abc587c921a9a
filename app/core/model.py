"""Which checkpoint to load, and how to talk to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PromptFormat(StrEnum):
    """How a family of checkpoints was taught to tell who speaks."""

    MISTRAL = "mistral"
    VICUNA = "vicuna"
    LLAVA_15 = "llava-1.5"
    CHATML_DIRECT = "chatml-direct"
    LLAMA_3 = "llama-3"
    CHATML = "chatml"
    BUILTIN = "builtin"


class Architecture(StrEnum):
    """What a checkpoint is made of: a transformers class and what it sees with."""

    LLAVA_NEXT = "llava-next"
    LLAVA = "llava"
    # LLaVA's class behind SigLIP.
    LLAVA_INTERLEAVE = "llava-interleave"
    LLAVA_ONEVISION = "llava-onevision"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One checkpoint in a local folder.

    `folder` is absolute and holds config.json, safetensors and the tokenizer
    and image processor files. `four_bit` asks for bitsandbytes nf4.
    """

    id: str
    title: str
    folder: str
    prompt_format: PromptFormat
    architecture: Architecture = Architecture.LLAVA_NEXT
    four_bit: bool = True
    for_trying: bool = False

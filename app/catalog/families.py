"""The families of models that Ocellus speaks: all that the program knows of each, without torch.

A family is an architecture; what it writes with is one of the decoders below. A checkpoint's
config.json names both. Which classes of transformers compute a family is said in
`app.engine.loading.families`, how a prompt looks in `app.core.prompts`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.core.model import Architecture, PromptFormat

# Packages of transformers.models that the tokenizers' and the configs' own modules import.
_IMPORTED = ("auto", "encoder_decoder", "gpt2")


class Tower(StrEnum):
    """What a model sees with: its vision tower, by the beginning of transformers' name for it."""

    CLIP = "clip"
    SIGLIP = "siglip"

    @property
    def class_tokens(self) -> int:
        """How many tokens for the whole picture stand before those of the patches."""
        return 1 if self is Tower.CLIP else 0


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a family cuts a picture into tiles, where its config.json leaves that out.

    `side` is that of a tile in pixels; `grids` are (height, width) in pixels, empty where they
    have to be named; with `shrinks` a picture of many tiles is shrunk after the tower.
    """

    side: int
    grids: tuple[tuple[int, int], ...] = ()
    shrinks: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """One family of models.

    `names` are what people call it, `picture_tokens` says for the screen how many tokens a
    picture takes with the published settings. config.json has `model_type`, and `tower` in its
    vision_config. `tiling` is None for models that make one tile of everything: a quick look at
    a picture is only offered for the others. `packages` are those of transformers.models that
    its checkpoints are made of. `vicuna` is how a decoder of Vicuna's kind is spoken to.
    """

    architecture: Architecture
    names: tuple[str, ...]
    model_type: str
    tower: Tower
    picture_tokens: str
    packages: tuple[str, ...]
    tiling: Tiling | None = None
    vicuna: PromptFormat = PromptFormat.VICUNA


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """One kind of language model behind the towers.

    text_config has `model_type`, or a name that begins with it where `is_prefix`. Kinds of one
    `model_type` are told apart by their vocabulary, of `least_words` and more.
    """

    name: str
    model_type: str
    prompt_format: PromptFormat
    least_words: int | None = None
    is_prefix: bool = False

    def fits(self, model_type: str, words: object) -> bool:
        """Whether it is the one of this `model_type` and vocabulary, or a kind before it."""
        if self.is_prefix:
            return model_type.startswith(self.model_type)
        if model_type != self.model_type:
            return False
        return self.least_words is None or (isinstance(words, int) and words >= self.least_words)


# In the order in which they are told of.
FAMILIES = {
    family.architecture: family
    for family in (
        Family(
            Architecture.LLAVA,
            names=("LLaVA-1.5",),
            model_type="llava",
            tower=Tower.CLIP,
            picture_tokens="576",
            packages=("llava", "clip", "llama", "mistral"),
            vicuna=PromptFormat.LLAVA_15,
        ),
        Family(
            Architecture.LLAVA_NEXT,
            names=("LLaVA-1.6", "LLaVA-NeXT"),
            model_type="llava_next",
            tower=Tower.CLIP,
            picture_tokens="1,200 to 2,900",
            packages=("llava_next", "clip", "llama", "mistral", "qwen2"),
            tiling=Tiling(
                336, grids=((336, 672), (672, 336), (672, 672), (1008, 336), (336, 1008))
            ),
        ),
        Family(
            Architecture.LLAVA_INTERLEAVE,
            names=("LLaVA-Interleave",),
            model_type="llava",
            tower=Tower.SIGLIP,
            picture_tokens="729",
            packages=("llava", "siglip", "qwen2"),
        ),
        Family(
            Architecture.LLAVA_ONEVISION,
            names=("LLaVA-OneVision",),
            model_type="llava_onevision",
            tower=Tower.SIGLIP,
            picture_tokens="800 to 7,400",
            packages=("llava_onevision", "siglip", "qwen2"),
            tiling=Tiling(384, shrinks=True),
        ),
    )
}

# Sizes of vocabularies as published: Llama 3 has 128,000 words and more, Yi 64,000, Llama 2
# 32,000.
LANGUAGE_MODELS = (
    LanguageModel("Vicuna", "llama", PromptFormat.VICUNA, least_words=0),
    LanguageModel("Mistral", "mistral", PromptFormat.MISTRAL),
    LanguageModel("Yi", "llama", PromptFormat.CHATML_DIRECT, least_words=64_000),
    LanguageModel("Llama 3", "llama", PromptFormat.LLAMA_3, least_words=128_000),
    LanguageModel("Qwen", "qwen", PromptFormat.CHATML, is_prefix=True),
)


def find_family(model_type: object, tower: object) -> Family | None:
    """The family of a config.json by its `model_type` and its vision tower's; None for others.

    With a tower of another name it is the first of this `model_type`.
    """
    found = [family for family in FAMILIES.values() if family.model_type == model_type]
    name = tower if isinstance(tower, str) else ""
    named = [family for family in found if name.startswith(family.tower.value)]
    return next(iter((*named, *found)), None)


def prompt_format(family: Family, model_type: object, words: object) -> PromptFormat | None:
    """How to speak to a language model of this `model_type` with a vocabulary of `words`.

    None where that is not known.
    """
    if not isinstance(model_type, str):
        return None
    found = [model for model in LANGUAGE_MODELS if model.fits(model_type, words)]
    if not found:
        return None
    chosen = max(found, key=lambda model: model.least_words or 0).prompt_format
    return family.vicuna if chosen is PromptFormat.VICUNA else chosen


def packages() -> frozenset[str]:
    """Every package of transformers.models that a model of ours needs."""
    return frozenset(_IMPORTED).union(*(family.packages for family in FAMILIES.values()))


def listed(names: Iterable[str]) -> str:
    """The names in a sentence, with "and" before the last."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
